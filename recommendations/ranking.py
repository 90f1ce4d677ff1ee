"""Ranking: who is on a list, in which order, and where the quota cuts it.

Every change takes the list's row by one conditional UPDATE on its version and status, so of two officials who act at
once one succeeds and the other is told. Ranks are 1..n without gaps at every commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q

from declarations.models import Declaration
from declarations.vocabulary import Status
from recommendations import ordering, quotas, suggestion
from recommendations.models import (
    Entry,
    ListStatus,
    LocalQuota,
    OverrideStatus,
    QuotaExemption,
    QuotaOverride,
    RankMove,
    RecommendationList,
)
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Authority, AuthorityKind, Role
from smartfactory.models.organisations import GROUPS
from smartfactory.problems import Problem
from smartfactory.text import clean, excess
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from declarations.models import Track
    from smartfactory.models import User

FULL = "名额已满（{limit} 个）。要再加入，请先移出一项，或列为备选：备选排在上限线以下，不进入汇总表"
SOFT_FULL = "已到原则上限（{limit} 个）。要超出，请写明理由；也可以列为备选"


@dataclass(frozen=True)
class Candidate:
    """A qualified declaration that may be put on a list, and the lower entry it comes from, if any."""

    declaration: Declaration
    source: Entry | None = None


def may_rank(user: User, one: RecommendationList) -> bool:
    return one.authority_id in scope(user).authority_ids(Role.OFFICIAL)


def open_list(*, track: Track, authority: Authority, actor: User) -> RecommendationList:
    """The live list of this authority, begun with the quota as resolved now. Raises NotAllowed for strangers."""
    if authority.pk not in scope(actor).authority_ids(Role.OFFICIAL):
        raise NotAllowed("推荐名单")
    live = RecommendationList.objects.filter(~Q(status=ListStatus.SUPERSEDED), track=track, authority=authority)
    if present := live.first():
        return present
    quota = quotas.resolve(track, authority)
    with transaction.atomic():
        made, fresh = RecommendationList.objects.filter(~Q(status=ListStatus.SUPERSEDED)).get_or_create(
            track=track,
            authority=authority,
            defaults={"status": ListStatus.DRAFT, **copied(quota)},
        )
        if fresh:
            audit.record("list.open", actor=actor, obj=made, body={"track": track.code, "authority": authority.code})
    return made


def copied(quota: quotas.Quota) -> dict[str, object]:
    """The fields in which a list keeps the quota it was ranked under."""
    return {
        "quota_limit": quota.limit,
        "quota_unlimited": quota.unlimited,
        "quota_strength": quota.strength,
        "quota_basis": quota.basis,
        "quota_clause": quota.cited,
        "quota_standing": quota.standing,
    }


def renew_quota(one: RecommendationList, *, actor: User) -> None:
    """Take over the quota as it is resolved now: a criterion may have been recorded since the list was begun.

    Only an open list, and only by those who rank it; a page shown before is then out of date, as after any change.
    """
    if one.status != ListStatus.DRAFT or not may_rank(actor, one):
        return
    now = copied(quotas.resolve(one.track, one.authority))
    if all(getattr(one, name) == value for name, value in now.items()):
        return
    with transaction.atomic():
        _take(one, one.version, **now)
        body = {"was": one.quota_limit, "limit": now["quota_limit"], "basis": now["quota_basis"]}
        audit.record("list.quota", actor=actor, obj=one, body=body)
    one.refresh_from_db(fields=["version", *now])


def included(entries: Iterable[Entry], limit: int | None) -> list[Entry]:
    """The entries above the cut line, in rank order: `limit` that count, and any between them that do not."""
    found, used = [], 0
    for entry in sorted(entries, key=lambda one: one.rank):
        if entry.counts:
            if limit is not None and used >= limit:
                continue
            used += 1
        found.append(entry)
    return found


def candidates(one: RecommendationList) -> list[Candidate]:
    """What may still be added: sealed entries of the lists below, and own declarations that need no lower list."""
    taken = set(one.entries.values_list("declaration_id", flat=True))
    lower = _lower_entries(one)
    found = [Candidate(entry.declaration, entry) for entry in lower if entry.declaration_id not in taken]
    direct = (
        Declaration.objects.filter(_received_directly(one), track_id=one.track_id, status=Status.QUALIFIED)
        .exclude(pk__in=taken)
        .select_related("enterprise__authority", "latest_revision")
    )
    return found + [Candidate(declaration) for declaration in direct.order_by("number")]


def _lower_entries(one: RecommendationList) -> list[Entry]:
    entries = Entry.objects.filter(
        list__track_id=one.track_id,
        list__status=ListStatus.SEALED,
        list__authority__parent_id=one.authority_id,
        declaration__status=Status.QUALIFIED,
    ).select_related("declaration__enterprise__authority", "declaration__latest_revision", "list__authority", "list")
    by_list: dict[int, list[Entry]] = {}
    for entry in entries.order_by("list__authority__order", "rank"):
        by_list.setdefault(entry.list_id, []).append(entry)
    return [entry for group in by_list.values() for entry in included(group, group[0].list.quota_limit)]


def _received_directly(one: RecommendationList) -> Q:
    """Declarations this authority receives itself, or from below where no lower list is made."""
    if one.authority.kind in GROUPS:
        return _without_feeding(one, "enterprise__soe__path")
    through_place = AuthorityKind.CENTRAL_SOE in quotas.represented(one.track)
    return (Q() if through_place else Q(enterprise__soe=None)) & _without_feeding(one, "enterprise__authority__path")


def _without_feeding(one: RecommendationList, lookup: str) -> Q:
    """What lies at or below the list's authority, but not with a unit whose own list comes first."""
    found = Q(**{f"{lookup}__startswith": one.authority.path})
    for unit in _feeding(one):
        found &= ~Q(**{f"{lookup}__startswith": unit.path})
    return found


def _feeding(one: RecommendationList) -> list[Authority]:
    """The units below that make a list of their own for this track: given a number, or recommending themselves."""
    caps = list(LocalQuota.objects.filter(track_id=one.track_id, parent_id=one.authority_id))
    kinds = {cap.kind for cap in caps if cap.authority_id is None} | quotas.recommending(one.track)
    by_hand = QuotaOverride.objects.filter(track_id=one.track_id, status=OverrideStatus.IN_FORCE)
    named = {cap.authority_id for cap in caps} | set(by_hand.values_list("authority_id", flat=True))
    return [unit for unit in one.authority.children.all() if unit.kind in kinds or unit.pk in named]


def exemptions(one: RecommendationList) -> list[QuotaExemption]:
    """What lets a project on this list without taking a place: the words of the notice that set the list its number.

    Those of a place bind its own numbers only; the number the nation sets a recommending unit knows none of them.
    """
    if one.track.like and one.authority.kind in quotas.recommending(one.track):
        return []
    return list(QuotaExemption.objects.filter(track_id=one.track_id).select_related("track__campaign__edition"))


def exemption(one: RecommendationList, key: str) -> str:
    """The reason, with its clause, as it is sealed. Raises Blocked for a case the notice does not know."""
    found = next((row for row in exemptions(one) if row.key == key), None)
    if found is None:
        raise Blocked([Problem("通知里没有这一种不占名额的情形。请从列出的情形里选", field="exemption")])
    return f"{found.text}（{found.cited}）"


def _fitting(reason: str) -> str:
    reason = clean(reason).strip()
    if over := excess(len(reason), Entry._meta.get_field("over_reason").max_length):
        raise Blocked([Problem(f"超出原则上限的理由{over}", field="over_reason")])
    return reason


def add_entry(
    one: RecommendationList,
    declaration: Declaration,
    *,
    actor: User,
    source: Entry | None = None,
    reserve: bool = False,
    over_reason: str = "",
    exempt_reason: str = "",
) -> Entry:
    """Put a qualified declaration at the end of the list.

    Raises Blocked when the places are used up (a soft cap lets through with a reason; `reserve` lists below the
    line), NotAllowed for strangers, StaleState when the list is no longer open.
    """
    _require(actor, one)
    if declaration.status != Status.QUALIFIED or declaration.latest_revision_id is None:
        raise Blocked([Problem("这份申报书现在不是“审核通过”，不能加入名单")])
    over_reason = _fitting(over_reason) if one.quota_strength == "soft" else ""
    points, arithmetic = suggestion.points(declaration)
    with transaction.atomic():
        _take_place(one, free=bool(reserve or over_reason or exempt_reason))
        if one.entries.filter(declaration=declaration).exists():
            raise Blocked([Problem("这个项目已经在名单里")])
        rank = one.entries.count() + 1
        entry = Entry.objects.create(
            list=one,
            declaration=declaration,
            revision_id=declaration.latest_revision_id,
            rank=rank,
            source=source,
            over_reason=over_reason,
            exempt_reason=exempt_reason.strip(),
            points=points,
            arithmetic=arithmetic,
            added_by=actor,
        )
        _log(one, declaration, 0, rank, actor, over_reason or exempt_reason)
    one.refresh_from_db()
    return entry


def _take_place(one: RecommendationList, *, free: bool) -> None:
    """Count one more entry in, only while a place is free and the list is open: one UPDATE decides.

    The row is held first, so that what does not count is counted as it stands when the UPDATE decides.
    """
    RecommendationList.objects.select_for_update().filter(pk=one.pk).first()
    rows = RecommendationList.objects.filter(pk=one.pk, status=ListStatus.DRAFT)
    if not free and one.quota_limit is not None:
        extra = one.entries.filter(~Q(over_reason="") | ~Q(exempt_reason="")).count()
        rows = rows.filter(size__lt=F("quota_limit") + extra)
    if rows.update(size=F("size") + 1, version=F("version") + 1):
        return
    if not RecommendationList.objects.filter(pk=one.pk, status=ListStatus.DRAFT).exists():
        raise StaleState("名单已定稿或封存")
    words = SOFT_FULL if one.quota_strength == "soft" else FULL
    raise Blocked([Problem(words.format(limit=one.quota_limit), clause=one.quota_clause, standing=one.quota_standing)])


def remove_entry(one: RecommendationList, entry: Entry, *, actor: User, version: int, reason: str = "") -> None:
    """Take an entry off the list; those below move up. Raises StaleState if the list has moved on."""
    _require(actor, one)
    with transaction.atomic():
        _take(one, version, size=F("size") - 1)
        order = [row for row in _ordered(one) if row.pk != entry.pk]
        Entry.objects.filter(pk=entry.pk).delete()
        _rewrite(order)
        _log(one, entry.declaration, entry.rank, 0, actor, reason)
    one.refresh_from_db()


def move(one: RecommendationList, entry: Entry, to: int, *, actor: User, version: int, reason: str = "") -> int:
    """Move an entry to rank `to` (kept within 1..n) and return the rank it got.

    Raises StaleState when somebody else has changed the list since `version`.
    """
    _require(actor, one)
    with transaction.atomic():
        _take(one, version)
        order = _ordered(one)
        start = next(place for place, row in enumerate(order) if row.pk == entry.pk)
        target = max(0, min(len(order) - 1, to - 1))
        order.insert(target, order.pop(start))
        _rewrite(order)
        if target != start:
            _log(one, entry.declaration, start + 1, target + 1, actor, reason)
    one.refresh_from_db()
    return target + 1


def apply_suggestion(one: RecommendationList, *, actor: User, version: int) -> None:
    """Put the whole list in the suggested order, as one recorded act."""
    _require(actor, one)
    with transaction.atomic():
        _take(one, version)
        _rewrite(suggestion.order(_ordered(one)))
        audit.record("list.suggested", actor=actor, obj=one, body={"entries": one.size})
    one.refresh_from_db()


def reorder(
    one: RecommendationList, order: Sequence[int], reasons: Mapping[int, str], *, actor: User, version: int
) -> None:
    """Put the entries, by their keys, in this order and take over reasons for it, as one recorded act.

    Raises StaleState unless the list is as it was at `version`, which is what the keys were checked against.
    """
    _require(actor, one)
    with transaction.atomic():
        _take(one, version)
        rows = {row.pk: row for row in one.entries.select_related("declaration")}
        was = {row.declaration.number: row.rank for row in rows.values()}
        _rewrite([rows[key] for key in order])
        moved = {row.declaration.number: row.rank for row in rows.values()}
        moved = {number: [was[number], rank] for number, rank in moved.items() if was[number] != rank}
        body = {"moved": moved, "reasons": _write_reasons(one, reasons)}
        audit.record("list.reorder", actor=actor, obj=one, body=body)
    one.refresh_from_db()


def explain(one: RecommendationList, reasons: Mapping[int, str], *, actor: User, version: int) -> None:
    """Record why the order is as it is, by entry. Raises StaleState when the order may have changed since."""
    _require(actor, one)
    with transaction.atomic():
        _take(one, version)
        written = _write_reasons(one, reasons)
        audit.record("list.reason", actor=actor, obj=one, body={"reasons": written})
    one.refresh_from_db()


def _write_reasons(one: RecommendationList, reasons: Mapping[int, str]) -> dict[str, str]:
    """Keep each reason with what it explains now; declaration number → reason."""
    rows = list(one.entries.select_related("declaration__enterprise", "source").order_by("rank"))
    found = [(about.entry, about) for about in ordering.departures(rows) if about.entry.pk in reasons]
    for entry, about in found:
        entry.order_reason = reasons[entry.pk].strip()[:200]
        entry.order_about = about.about if entry.order_reason else ""
    Entry.objects.bulk_update([entry for entry, _ in found], ["order_reason", "order_about"])
    return {entry.declaration.number: entry.order_reason for entry, _ in found}


def undo(one: RecommendationList, *, actor: User, version: int) -> RankMove | None:
    """Take back this person's latest move on the list, if there is one; adding and removing are not undone this way."""
    _require(actor, one)
    last = one.moves.filter(by=actor, undone=False, from_rank__gt=0, to_rank__gt=0).first()
    entry = one.entries.filter(declaration_id=last.declaration_id).first() if last else None
    if entry is None:
        return None
    with transaction.atomic():
        move(one, entry, last.from_rank, actor=actor, version=version, reason="撤销")
        one.moves.filter(by=actor, undone=False).filter(Q(pk=last.pk) | Q(pk=one.moves.first().pk)).update(undone=True)
    return last


def _require(actor: User, one: RecommendationList) -> None:
    if not may_rank(actor, one):
        raise NotAllowed("推荐排序")


def _take(one: RecommendationList, version: int, **changes: object) -> None:
    """Claim the list for one change: it must be open and exactly as the person saw it."""
    rows = RecommendationList.objects.filter(pk=one.pk, status=ListStatus.DRAFT, version=version)
    if not rows.update(version=F("version") + 1, **changes):
        raise StaleState("名单已有变化")


def _ordered(one: RecommendationList) -> list[Entry]:
    return list(one.entries.order_by("rank"))


def _rewrite(order: Sequence[Entry]) -> None:
    """Give the entries ranks 1..n in this order: first negative, then final, so that no rank is ever taken twice."""
    changed = [(entry, rank) for rank, entry in enumerate(order, 1) if entry.rank != rank]
    for sign in (-1, 1):
        for entry, rank in changed:
            entry.rank = sign * rank
        Entry.objects.bulk_update([entry for entry, _ in changed], ["rank"])


def _log(one: RecommendationList, declaration: Declaration, start: int, end: int, actor: User, reason: str) -> None:
    RankMove.objects.create(
        list=one, declaration=declaration, from_rank=start, to_rank=end, by=actor, reason=reason[:200]
    )
    body = {"declaration": declaration.number, "from": start, "to": end, "reason": reason[:200]}
    audit.record("list.rank", actor=actor, obj=one, body=body)
