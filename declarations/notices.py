"""Telling an enterprise's people what happened to their declaration and what comes near: on the page and by e-mail.

A notice is written in the transaction of the act it tells of; the e-mail is a background job, so neither is lost.
E-mails carry no content of the declaration, only what happened and where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from declarations import deadlines
from declarations.models import Deadline, Declaration, Extension, ExtensionStatus, Notice
from declarations.vocabulary import EDITABLE
from smartfactory import jobs
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.jobs import JobRun, handler
from smartfactory.models import Enterprise, Role, User
from smartfactory.models.accounts import ENTERPRISE_ROLES
from smartfactory.templatetags.yan import cn_date, cn_time

if TYPE_CHECKING:
    from smartfactory.workflow import Act

Effect = Callable[[Declaration, "Act"], dict[str, Any] | None]
MAIL = "notice_mail"
# Days before a deadline on which people are reminded.
REMINDERS = (7, 3, 1)
UNREAD_ORDER = 50
# Where officials read a declaration.
DESK_PAGE = "review_detail"
# What each act means to the enterprise: title and what to do now.
WORDS = {
    "submit": ("第 {number} 版已提交", "受理前可以撤回。回执、校验码和 PDF 在申报书页面。"),
    "take_up": ("{receiver}已受理", "受理后不能撤回，请等待审核。"),
    "return_": ("退回改正，有 {count} 处要改", "只有指出的几处可以改，改完请企业负责人重新提交。"),
    "qualify": ("审核通过", "进入推荐排序。"),
    "reject": ("没有列入推荐", "理由可以向推荐单位了解。"),
    "reserve": ("列入培育库", "可以继续建设，下一批再申报。"),
    "reopen": ("重新审核", "推荐单位重新打开了审核，请留意是否退回。"),
    "recommend": ("已列入推荐名单，名单已封存", "由推荐单位报送，封存的内容不会再变。"),
    "unrecommend": ("推荐名单已解封", "回到审核通过，等待重新排序。"),
}


def telling(name: str, effect: Effect | None = None) -> Effect:
    """The effect of transition `name`, and telling the enterprise of it in the same transaction."""

    def told(declaration: Declaration, act: Act) -> dict[str, Any] | None:
        body = effect(declaration, act) if effect else None
        title, text = WORDS[name]
        facts = {
            "receiver": declaration.receiver.short_name or declaration.receiver.name,
            "number": declaration.revisions.count(),
            "count": len((body or {}).get("items", ())),
        }
        # The status's version makes the occasion one of its own, also the second time round.
        if moved := (body or {}).get("deadline"):
            text = f"{text}{deadlines.Moved.read(moved).words}。"
        tell(declaration, f"{name}:{declaration.version}", title.format(**facts), text)
        return body

    return told


def people(declaration: Declaration) -> list[User]:
    """Whoever works for the enterprise now."""
    holding = {"memberships__enterprise": declaration.enterprise_id, "memberships__role__in": ENTERPRISE_ROLES}
    return list(User.objects.filter(is_active=True, memberships__is_active=True, **holding).distinct().order_by("pk"))


def tell(declaration: Declaration, key: str, title: str, text: str = "", *, to: list[User] | None = None) -> int:
    """Tell everybody of the enterprise, or those named, each once per `key`; return how many had not been told.

    Needs a transaction.
    """
    told = set(Notice.objects.filter(declaration=declaration, key=key).values_list("user_id", flat=True))
    fresh = [one for one in (people(declaration) if to is None else to) if one.pk not in told]
    Notice.objects.bulk_create(
        [Notice(declaration=declaration, user=one, key=key, title=title, text=text) for one in fresh],
        ignore_conflicts=True,
    )
    if any(one.email for one in fresh):
        jobs.enqueue(MAIL, f"declaration:{declaration.pk}", {"declaration": declaration.pk, "key": key})
    return len(fresh)


def tell_signatories(enterprise: Enterprise, key: str, title: str, text: str = "") -> int:
    """Tell those who sign for the enterprise of something that is about none of its declarations; as `tell`."""
    signing = {"memberships__enterprise": enterprise, "memberships__role": Role.SIGNATORY}
    people = User.objects.filter(is_active=True, memberships__is_active=True, **signing).distinct().order_by("pk")
    told = set(Notice.objects.filter(enterprise=enterprise, key=key).values_list("user_id", flat=True))
    fresh = [one for one in people if one.pk not in told]
    Notice.objects.bulk_create(
        [Notice(enterprise=enterprise, user=one, key=key, title=title, text=text) for one in fresh],
        ignore_conflicts=True,
    )
    if any(one.email for one in fresh):
        jobs.enqueue(MAIL, f"enterprise:{enterprise.pk}", {"enterprise": enterprise.pk, "key": key})
    return len(fresh)


@handler(MAIL)
def send(run: JobRun) -> None:
    """Send what has not been sent. After a crash only the one mail that was under way may go out twice."""
    about = {name: run.params[name] for name in ("declaration", "enterprise") if name in run.params}
    waiting = Notice.objects.filter(**about, key=run.params["key"], mailed_at=None)
    for one in waiting.exclude(user__email="").select_related("user", "declaration__track", "enterprise"):
        subject = f"{one.declaration.track.title if one.declaration else one.about}：{one.title}"
        where = settings.SITE_URL + page(one)
        named = one.declaration.number if one.declaration else one.about
        body = f"{named}：{one.title}。\n{one.text}\n\n登录后查看：{where}\n"
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [one.user.email])
        Notice.objects.filter(pk=one.pk).update(mailed_at=timezone.now())


def page(notice: Notice) -> str:
    """Where its reader looks: the enterprise's page of the declaration, or what an official reads of it; or its team."""
    if notice.declaration is None:
        return reverse("team", args=[notice.enterprise.public_id])
    own = notice.declaration.enterprise_id in scope(notice.user).enterprises
    return reverse("declaration_detail" if own else DESK_PAGE, args=[notice.declaration.public_id])


def remind(now: datetime | None = None) -> int:
    """Remind of every deadline that is 7, 3 or 1 days away, once; return how many people were reminded."""
    now = now or deadlines.server_time()
    end = now + timedelta(days=max(REMINDERS) + 1)
    near = Deadline.objects.filter(at__gte=now, at__lt=end)
    granted = Extension.objects.filter(status=ExtensionStatus.IN_FORCE, until__gte=now, until__lt=end)
    own = Q(track__in=granted.values("track"), enterprise__in=granted.values("enterprise"))
    rows = Declaration.objects.filter(Q(track__in=near.values("track")) | own, status__in=EDITABLE)
    return sum(_remind(one, now) for one in rows.select_related("track", "enterprise__authority", "enterprise__soe"))


def _remind(declaration: Declaration, now: datetime) -> int:
    deadline = deadlines.for_declaration(declaration)
    if deadline is None or not deadline.admits(now):
        return 0
    ends = timezone.localtime(deadline.at)
    days = (ends.date() - timezone.localtime(now).date()).days
    if days not in REMINDERS:
        return 0
    title = f"还有 {days} 天截止"
    text = f"{cn_date(deadline.at)} {cn_time(deadline.at)} 前要由企业负责人提交，以系统收到的时间为准。"
    return tell(declaration, f"deadline:{ends:%Y%m%d%H%M}:{days}", title, text)


def unread(user: User) -> int:
    return Notice.objects.of(user).filter(read_at=None).count()


def read_all(user: User) -> int:
    return Notice.objects.of(user).filter(read_at=None).update(read_at=timezone.now())


def waiting(user: User) -> Iterator[Task]:
    """The home page's line about messages nobody has read yet."""
    rows = Notice.objects.of(user).filter(Q(read_at=None)).select_related("declaration__track", "enterprise")[:1]
    for newest in rows:
        url = reverse("declaration_messages")
        title = f"{newest.about}：{newest.title}"
        yield Task(title, url, "看消息", newest.text, state="新消息", tone="todo", order=UNREAD_ORDER)
