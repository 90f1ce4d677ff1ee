"""Taking papers with full contact details away needs two people of the desk: one who says why, one who agrees.

Everything an official opens or downloads otherwise has the middle of phone numbers and mail addresses covered.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from declarations import whole_copies
from declarations.models import Declaration
from declarations.team.members import tenant
from recommendations.models import RecommendationList, Release, ReleaseStatus
from recommendations.models.list import DESK
from recommendations.models.release import LIVE
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Authority
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed, Transition, register

if TYPE_CHECKING:
    from smartfactory.models import User
    from smartfactory.workflow import Act

SHORTEST_REASON, LONGEST_REASON = 4, 200
MISSING = f"还没有写明为什么要带走（至少 {SHORTEST_REASON} 个字）。例如：寄送纸质申报书，核对收件人"
PENDING = "您已经申请过，正在等另一位同事同意"


def ask(thing: Declaration | RecommendationList, reason: str, *, actor: User) -> Release:
    """A request that waits for a second person. Raises NotAllowed for strangers, Blocked with what is wrong."""
    authority = desk_of(thing, actor)
    if authority is None:
        raise NotAllowed("完整件调阅")
    if len(reason.strip()) < SHORTEST_REASON:
        raise Blocked([Problem(MISSING, field="for")])
    if (count := len(reason.strip())) > LONGEST_REASON:
        raise Blocked([Problem(f"理由最多 {LONGEST_REASON} 个字，现在 {count} 个。请删减", field="for")])
    with transaction.atomic():
        Authority.objects.select_for_update().get(pk=authority.pk)
        if any(one.status == ReleaseStatus.ASKED or one.holds for one in mine(thing, actor)):
            raise Blocked([Problem(PENDING, field="for")])
        made = Release.objects.create(
            authority=authority, status=ReleaseStatus.ASKED, reason=reason.strip(), asked_by=actor, **_key(thing)
        )
        audit.record("release.ask", actor=actor, obj=made, body=_body(made), tenant=_tenant(made))
    return made


def desk_of(thing: Declaration | RecommendationList, user: User) -> Authority | None:
    """The unit for which the person may ask: the list's own, or the nearest of the declaration's line."""
    held = scope(user).authority_ids(*DESK)
    if isinstance(thing, RecommendationList):
        return thing.authority if thing.authority_id in held else None
    line = [thing.receiver, *thing.receiver.ancestors()]
    return next((one for one in line if one.pk in held), None)


def mine(thing: Declaration | RecommendationList, user: User) -> list[Release]:
    """The person's requests about it that are neither refused nor taken back, newest first."""
    return list(Release.objects.filter(**_key(thing), asked_by=user, status__in=LIVE).select_related("status_by"))


def waiting_for(user: User, declaration: Declaration | None = None) -> list[Release]:
    """What colleagues ask of this person, about everything or about one declaration."""
    rows = Release.objects.visible_to(user).filter(status=ReleaseStatus.ASKED).exclude(asked_by=user)
    if declaration is not None:
        rows = rows.filter(declaration=declaration)
    return list(
        rows.select_related("asked_by", "declaration__enterprise", "list__authority", "list__track").order_by("pk")
    )


def permits(user: User, thing: Declaration | RecommendationList) -> bool:
    """Whether the person holds a leave about it that has not run out."""
    given = Release.objects.filter(**_key(thing), asked_by=user, status=ReleaseStatus.GIVEN)
    return given.filter(expires_at__gt=timezone.now()).exists() and desk_of(thing, user) is not None


def _key(thing: Declaration | RecommendationList) -> dict[str, Any]:
    return {"list" if isinstance(thing, RecommendationList) else "declaration": thing}


def _body(one: Release) -> dict[str, Any]:
    about = {"declaration": one.declaration.number} if one.declaration_id else {"list": one.list.public_id}
    return about | {"reason": one.reason, "authority": one.authority.code}


def _tenant(one: Release) -> str:
    """The enterprise learns who asked for its papers."""
    return tenant(one.declaration.enterprise) if one.declaration_id else ""


def _colleague(user: User, one: Release) -> bool:
    return one.authority_id in scope(user).authority_ids(*DESK) and one.asked_by_id != user.pk


def _of_the_desk(user: User, one: Release) -> bool:
    return one.authority_id in scope(user).authority_ids(*DESK)


def _give(one: Release, act: Act) -> dict[str, Any]:
    until = timezone.now() + timedelta(hours=settings.RELEASE_HOURS)
    Release.objects.filter(pk=one.pk).update(expires_at=until)
    return _body(one) | {"asked_by": one.asked_by.username, "until": until.isoformat(timespec="seconds")}


def _told(one: Release, act: Act) -> dict[str, Any]:
    return _body(one) | {"asked_by": one.asked_by.username}


register(
    Release,
    [
        Transition(
            "give", "同意调阅", frozenset({ReleaseStatus.ASKED}), ReleaseStatus.GIVEN, allowed=_colleague, effect=_give,
            style="primary",
        ),
        Transition(
            "refuse", "不同意", frozenset({ReleaseStatus.ASKED}), ReleaseStatus.REFUSED, allowed=_colleague, effect=_told,
        ),
        Transition(
            "end", "收回", frozenset(LIVE), ReleaseStatus.ENDED, allowed=_of_the_desk, effect=_told,
        ),
    ],
    ReleaseStatus,
)  # fmt: skip

whole_copies.register(permits)
