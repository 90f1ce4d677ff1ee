"""Setting a figure by hand, and recording the facts that figures are computed from.

Whoever keeps the policy of a unit above may propose a figure; another such person puts it in force. A province's figure for
one of its cities is set in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from recommendations import quotas
from recommendations.models import AuthorityFact, OverrideStatus, QuotaOverride
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Authority, Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed, StaleState, Transition, register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from declarations.models import Track
    from smartfactory.models import User
    from smartfactory.workflow import Act

TAKEN = "这个单位在这一类别已经有手工名额没有办完。请先办完或撤回它"
ELSEWHERE = "这个单位在这一类别由别的单位代为推荐，不能给它定名额"


def may_set(user: User, authority: Authority) -> bool:
    """Whether the person keeps the policy of a unit above this one."""
    return bool(authority.parent_id) and scope(user).covers(authority.parent.path, Role.POLICY)


def propose(track: Track, authority: Authority, actor: User, values: Mapping[str, Any]) -> QuotaOverride:
    """A figure that waits for the second person. Raises NotAllowed, Blocked."""
    if not may_set(actor, authority):
        raise NotAllowed("手工名额")
    if quotas.resolve(track, authority).via:
        raise Blocked([Problem(ELSEWHERE)])
    made = QuotaOverride(track=track, authority=authority, proposed_by=actor, status=OverrideStatus.PROPOSED, **values)
    try:
        with transaction.atomic():
            made.save()
            audit.record("quotaoverride.propose", actor=actor, obj=made, body=_body(made))
    except IntegrityError as error:
        raise Blocked([Problem(TAKEN)]) from error
    return made


def _body(one: QuotaOverride) -> dict[str, Any]:
    return {
        "track": one.track.code,
        "authority": one.authority.code,
        "limit": one.limit,
        "reason": one.reason,
        "source": one.source,
    }


def _another(user: User, one: QuotaOverride) -> bool:
    return may_set(user, one.authority) and one.proposed_by_id != user.pk


def _any(user: User, one: QuotaOverride) -> bool:
    return may_set(user, one.authority)


def _told(one: QuotaOverride, act: Act) -> dict[str, Any]:
    return _body(one) | {"proposed_by": one.proposed_by.username}


register(
    QuotaOverride,
    [
        Transition(
            "confirm", "同意，立即生效", frozenset({OverrideStatus.PROPOSED}), OverrideStatus.IN_FORCE,
            allowed=_another, effect=_told, style="primary",
        ),
        Transition(
            "refuse", "不同意", frozenset({OverrideStatus.PROPOSED}), OverrideStatus.REFUSED, allowed=_any, effect=_told,
        ),
        Transition(
            "withdraw", "撤回，恢复按规则计算", frozenset({OverrideStatus.IN_FORCE}), OverrideStatus.WITHDRAWN,
            allowed=_any, effect=_told,
        ),
    ],
    OverrideStatus,
)  # fmt: skip


@transaction.atomic
def record_fact(authority: Authority, key: str, actor: User, values: Mapping[str, Any], *, version: int) -> None:
    """What a figure is computed from, as found in a source. The files do not overwrite it afterwards."""
    if not may_set(actor, authority):
        raise NotAllowed("判据")
    now = {**values, "recorded_by": actor, "recorded_at": timezone.now()}
    if version:
        rows = AuthorityFact.objects.filter(authority=authority, key=key, version=version)
        if not rows.update(**now, version=F("version") + 1):
            raise StaleState("判据")
    else:
        _, fresh = AuthorityFact.objects.get_or_create(authority=authority, key=key, defaults=now)
        if not fresh:
            raise StaleState("判据")
    body = {"authority": authority.code, "key": key, **{name: values[name] for name in ("low", "high", "source")}}
    audit.record("quota.fact", actor=actor, obj=authority, body=body)
