"""The life of a recommendation list: draft → frozen → sealed → superseded, and frozen → draft.

One person freezes, another seals. Before either, everything the paper will say is checked against the rows again.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from declarations import deadlines
from declarations.vocabulary import Stage, Status
from recommendations import ordering, quotas, ranking, sealing
from recommendations.models import Entry, ListStatus, LocalQuota, RecommendationList
from recommendations.opinions import standing as joint
from smartfactory.access import scope
from smartfactory.models import AuthorityKind, Role
from smartfactory.problems import ERROR, WARNING, Problem
from smartfactory.workflow import Blocked, Transition, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartfactory.models import Authority, User
    from smartfactory.workflow import Act

SAME_PERSON = "这份名单是您定稿的，须由另一位用印人封存"


def _here(*roles: str) -> Callable[[User, RecommendationList], bool]:
    """Somebody holding one of the roles at the list's own authority."""
    return lambda user, one: one.authority_id in scope(user).authority_ids(*roles)


def problems(one: RecommendationList) -> list[Problem]:
    """What stands between the list and its seal; warnings do not block but must be read."""
    rows = one.entries.select_related(
        "declaration__enterprise__soe__parent", "declaration__latest_revision", "revision"
    )
    entries = list(rows.select_related("source__list__authority"))
    found = [*_quota(one, entries), *_groups(one, entries), *_entries(entries), *_order(one, entries)]
    return [*found, *joint.problems(one), *_lateness(one)]


def _quota(one: RecommendationList, entries: list[Entry]) -> list[Problem]:
    if not entries:
        return [Problem("名单里还没有项目。请先从下面的待选项目里加入")]
    if one.quota_limit is None and not one.quota_unlimited:
        return [
            Problem(
                f"本单位的推荐名额还不知道：{one.quota_basis}。可以排序，补录名额后才能封存", clause=one.quota_clause
            )
        ]
    if [entry.rank for entry in entries] != list(range(1, len(entries) + 1)):
        return [Problem("名次不连续。请重新打开本页，系统会重新编号")]
    current = quotas.resolve(one.track, one.authority)
    if (current.limit, current.unlimited) != (one.quota_limit, one.quota_unlimited):
        return [Problem(f"名额规则已有变化（现在是 {_words(current)}）。请退回排序后再定稿", clause=current.cited)]
    return []


def _groups(one: RecommendationList, entries: list[Entry]) -> list[Problem]:
    """A place may let each central enterprise have only so many of its own list."""
    cap = LocalQuota.objects.filter(track_id=one.track_id, parent_id=one.authority_id, kind=AuthorityKind.CENTRAL_SOE)
    cap = cap.filter(authority=None).first()
    if cap is None:
        return []
    listed = ranking.included(entries, one.quota_limit)
    counts = Counter(_group(entry.declaration.enterprise.soe) for entry in listed if entry.counts)
    return [
        Problem(
            f"{group.short_name} 的项目有 {count} 个，{cap.basis}。请移出多余的",
            level=WARNING if cap.strength == "soft" else ERROR,
            clause=cap.clause,
            standing=cap.standing,
        )
        for group, count in counts.items()
        if group and count > cap.limit
    ]


def _group(soe: Authority | None) -> Authority | None:
    """The group itself, also for what a unit of it has received."""
    return soe.parent if soe and soe.kind == AuthorityKind.SOE_UNIT else soe


def _words(quota: quotas.Quota) -> str:
    if quota.unlimited:
        return "不设名额"
    return "未知" if quota.limit is None else str(quota.limit)


def _entries(entries: list[Entry]) -> list[Problem]:
    """Every project must still be what was ranked: qualified, in that very revision, on a lower list that still holds."""
    found = []
    for entry in entries:
        name = entry.declaration.enterprise.name
        if entry.declaration.status != Status.QUALIFIED:
            found.append(
                Problem(f"第 {entry.rank} 名 {name}：现在是“{entry.declaration.status_label}”，不能推荐。请移出名单")
            )
        elif entry.declaration.latest_revision_id != entry.revision_id:
            found.append(Problem(f"第 {entry.rank} 名 {name}：申报书已有新的版本。请移出后重新加入"))
        elif entry.source and entry.source.list.status != ListStatus.SEALED:
            below = entry.source.list.authority.short_name
            found.append(
                Problem(f"第 {entry.rank} 名 {name}：{below}已作废推荐它的名单。请移出，待{below}重新封存后再加入")
            )
    return found


def _order(one: RecommendationList, entries: list[Entry]) -> list[Problem]:
    """Where places are few, an order that is not that of the scores needs its reasons."""
    if one.quota_unlimited:
        return []
    open_ones = ordering.unsettled(entries)
    if not open_ones:
        return []
    names = "、".join(f"第 {about.entry.rank} 名" for about in open_ones[:5])
    more = f"等 {len(open_ones)} 项" if len(open_ones) > 5 else ""
    words = f"{names}{more}的次序与参考分不一致或同分，还没有写明理由。请在名单下面的“次序说明”里写"
    return [Problem(words, field="order")]


def _lateness(one: RecommendationList) -> list[Problem]:
    stage = Stage.RECOMMENDER if quotas.recommends(one.track, one.authority) else Stage.CITY
    deadline = deadlines.resolve(one.track, stage, one.authority)
    if deadline is None or deadline.admits(timezone.now()):
        return []
    ended = timezone.localtime(deadline.at).strftime("%Y-%m-%d %H:%M")
    return [Problem(f"推荐截止时间 {ended} 已过。仍可封存，请自行说明", level=WARNING, clause=deadline.cited)]


def _freeze(one: RecommendationList, act: Act) -> dict[str, Any]:
    _heard(one)
    RecommendationList.objects.filter(pk=one.pk).update(frozen_by=act.actor, frozen_at=timezone.now())
    return {"entries": one.size, "limit": one.quota_limit}


def _unfreeze(one: RecommendationList, act: Act) -> dict[str, Any]:
    RecommendationList.objects.filter(pk=one.pk).update(frozen_by=None, frozen_at=None)
    return {}


def _seal(one: RecommendationList, act: Act) -> dict[str, Any]:
    if one.frozen_by_id == act.actor.pk:
        raise Blocked([Problem(SAME_PERSON)])
    _heard(one)
    return sealing.seal(one, act)


def _heard(one: RecommendationList) -> None:
    """Asked again with the list's row held: a department that has objected meanwhile is not passed over."""
    if found := joint.blocking(one):
        raise Blocked(found)


def _not_taken_up(one: RecommendationList) -> list[Problem]:
    """A sealed lower list cannot be withdrawn while the list above that contains it is frozen or sealed."""
    above = Entry.objects.filter(source__list=one, list__status__in=[ListStatus.FROZEN, ListStatus.SEALED])
    if above.exists():
        return [Problem("上级已把这份名单里的项目定稿或封存。请先由上级退回排序或作废，再作废本名单")]
    return []


register(
    RecommendationList,
    [
        Transition(
            "freeze", "定稿，交用印人封存", frozenset({ListStatus.DRAFT}), ListStatus.FROZEN,
            allowed=_here(Role.OFFICIAL), blockers=problems, effect=_freeze, style="primary",
        ),
        Transition(
            "unfreeze", "退回排序", frozenset({ListStatus.FROZEN}), ListStatus.DRAFT,
            allowed=_here(Role.OFFICIAL, Role.SEALER), effect=_unfreeze,
        ),
        Transition(
            "seal", "封存推荐名单…", frozenset({ListStatus.FROZEN}), ListStatus.SEALED,
            allowed=_here(Role.SEALER), blockers=problems, effect=_seal, style="seal",
        ),
        Transition(
            "supersede", "作废重报…", frozenset({ListStatus.SEALED}), ListStatus.SUPERSEDED,
            allowed=_here(Role.SEALER), blockers=_not_taken_up, effect=sealing.supersede,
        ),
    ],
    ListStatus,
)  # fmt: skip
