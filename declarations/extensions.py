"""A later deadline for one enterprise: proposed by an official of the line that receives it, put in force by another.

The second person may be an official or a sealer of that line. What is in force moves the enterprise's own deadline and
nobody else's; nothing else of the rules for filing changes. How far it may go is bounded by the day the recommender
itself has to be ready, and by fixtures/desk.yaml.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from declarations import deadlines, notices, offers
from declarations.models import Deadline, Declaration, Extension, ExtensionStatus, Track
from declarations.vocabulary import Stage
from declarations.workflow import is_official
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Authority, Enterprise, Role
from smartfactory.problems import Problem
from smartfactory.templatetags.yan import cn_datetime
from smartfactory.workflow import Blocked, NotAllowed, Transition, register

if TYPE_CHECKING:
    from datetime import datetime

    from smartfactory.models import User
    from smartfactory.workflow import Act

LABEL = "给一家企业延期"
DESK = (Role.OFFICIAL, Role.SEALER)
# The same words for a code nobody has and for one of another line: nobody learns who is known where.
UNKNOWN = "没有找到由您这里受理的这家企业。请核对统一社会信用代码"
TAKEN = "这家企业在这一类别已经有延期没有办完。请先办完或撤回它"
ELSEWHERE = "这家企业不在这一类别的受理范围"
NOW_OTHERWISE = "提出以后情况变了，这一件不能再同意。请按“不同意”办结，需要的另提一件"


@cache
def longest() -> tuple[timedelta, str]:
    """How far ahead an extension may reach and how long after its deadline a track still takes one; with its basis."""
    place = settings.BASE_DIR / "fixtures" / "desk.yaml"
    found = yaml.safe_load(place.read_text(encoding="utf-8"))["extension"]
    return timedelta(days=found["days"]), found["clause"]


def tracks(user: User) -> list[Track]:
    """The tracks on offer somewhere in the person's line whose enterprise deadline is not long over."""
    found = Track.objects.filter(campaign__edition__status="published").select_related("campaign__edition")
    rows = list(found.defer("campaign__edition__source"))
    paths = scope(user).paths_for(Role.OFFICIAL)
    units = list(Authority.objects.filter(scope(user).under("path", Role.OFFICIAL)))
    offered = {track for track, _ in offers.offered_pairs(rows, units)}
    above = {path for one in paths for path in deadlines.upwards(one)}
    near = Q(authority=None) | Q(authority__path__in=above) | Q(authority__in=units)
    recent = Deadline.objects.filter(near, stage=Stage.ENTERPRISE, at__gte=deadlines.server_time() - longest()[0])
    live = offered & set(recent.values_list("track_id", flat=True))
    return [one for one in rows if one.pk in live]


def enterprise(user: User, code: str) -> Enterprise:
    """The enterprise of this code that the person's line receives. Raises Blocked."""
    found = Enterprise.objects.filter(credit_code=code.strip().upper()).select_related("authority", "soe").first()
    if found is None or not is_official(user, Extension(enterprise=found)):
        raise Blocked([Problem(UNKNOWN, field="credit_code")])
    return found


def propose(firm: Enterprise, track: Track, actor: User, *, until: datetime, reason: str, clause: str) -> Extension:
    """A later deadline that waits for the second person. Raises NotAllowed, Blocked."""
    made = Extension(
        enterprise=firm, track=track, until=until, reason=reason, clause=clause, proposed_by=actor,
        status=ExtensionStatus.PROPOSED,
    )  # fmt: skip
    if not is_official(actor, made):
        raise NotAllowed(LABEL)
    if problems := _against(made):
        raise Blocked(problems)
    try:
        with transaction.atomic():
            made.save()
            audit.record("extension.propose", actor=actor, obj=made, body=_body(made), tenant=_tenant(made))
    except IntegrityError as error:
        raise Blocked([Problem(TAKEN, field="track")]) from error
    return made


def _against(made: Extension) -> list[Problem]:
    """Why it cannot be: the track is not for this enterprise, or nothing would come later."""
    if not offers.offered(made.track, offers.way(made.track, made.enterprise)):
        return [Problem(ELSEWHERE, field="track")]
    if made.until <= deadlines.server_time():
        return [Problem("延到的时间已经过去。请写一个以后的时间", field="until")]
    usual = deadlines.resolve(made.track, "enterprise", made.enterprise.receiver)
    if usual is None:
        return [Problem("这一类别没有截止时间，不用延期", field="track")]
    if made.until <= usual.at:
        return [Problem(f"大家的截止时间是 {cn_datetime(usual.at)}，延期要比它晚", field="until")]
    return _too_far(made, usual)


def _too_far(made: Extension, usual: Deadline) -> list[Problem]:
    """Why it reaches too far: the track is long closed, the platform's own bound, or the recommender's own deadline."""
    now, (most, clause) = deadlines.server_time(), longest()
    if usual.at < now - most:
        return [Problem(f"这一类别的截止时间过去已超过 {most.days} 天，不再延期（{clause}）", field="track")]
    if made.until > now + most:
        words = f"延期最晚到 {cn_datetime(now + most)}，也就是今天以后 {most.days} 天（{clause}）。请写早一些的时间"
        return [Problem(words, field="until")]
    upwards = deadlines.resolve(made.track, Stage.RECOMMENDER, offers.way(made.track, made.enterprise))
    if upwards is None or made.until <= upwards.at:
        return []
    words = f"推荐单位自己要在 {cn_datetime(upwards.at)} 前审核、报送（{upwards.cited}），延期不能比它晚"
    return [Problem(words, field="until")]


def _body(one: Extension) -> dict[str, Any]:
    return {
        "track": one.track.code,
        "enterprise": one.enterprise.credit_code,
        "until": one.until.isoformat(timespec="seconds"),
        "reason": one.reason,
        "clause": one.clause,
    }


def _tenant(one: Extension) -> str:
    return f"enterprise:{one.enterprise_id}"


def _another(user: User, one: Extension) -> bool:
    return is_official(user, one, *DESK) and one.proposed_by_id != user.pk


def _any(user: User, one: Extension) -> bool:
    return is_official(user, one, *DESK)


def _told(one: Extension, act: Act) -> dict[str, Any]:
    return _body(one) | {"proposed_by": one.proposed_by.username}


def _granted(one: Extension, act: Act) -> dict[str, Any]:
    """What held when it was proposed has to hold now: the track, the clock or the recommender's deadline may have moved.

    Raises Blocked.
    """
    if problems := _against(one):
        raise Blocked([replace(problem, message=f"{problem.message}。{NOW_OTHERWISE}") for problem in problems])
    _tell(one, f"可以补报，延到 {cn_datetime(one.until)}", f"{one.reason}。依据：{one.clause}。")
    return _told(one, act)


def _taken_back(one: Extension, act: Act) -> dict[str, Any]:
    _tell(one, "延期已撤回", "按通知的截止时间办理，可以向推荐单位了解。")
    return _told(one, act)


def _tell(one: Extension, title: str, text: str) -> None:
    for declaration in Declaration.objects.filter(enterprise=one.enterprise, track=one.track).exclude(
        status="rejected"
    ):
        notices.tell(declaration, f"extension:{one.pk}:{one.version}", title, text)


register(
    Extension,
    [
        Transition(
            "confirm", "同意延期", frozenset({ExtensionStatus.PROPOSED}), ExtensionStatus.IN_FORCE,
            allowed=_another, effect=_granted, style="primary",
        ),
        Transition(
            "refuse", "不同意", frozenset({ExtensionStatus.PROPOSED}), ExtensionStatus.REFUSED, allowed=_any, effect=_told,
        ),
        Transition(
            "withdraw", "撤回延期", frozenset({ExtensionStatus.IN_FORCE}), ExtensionStatus.WITHDRAWN,
            allowed=_any, effect=_taken_back,
        ),
    ],
    ExtensionStatus,
)  # fmt: skip
