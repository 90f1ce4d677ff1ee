"""次序说明: where the order departs from the scores, or a tie had to be settled, somebody says why, and it is recorded.

Nobody is bound by the scores. But whoever puts a lower score first signs for it, so the question is asked for as few
projects as possible: those without which the rest stands in score order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from recommendations.models import Entry
from smartfactory.canonical import sha256

MOST_NAMED = 3


@dataclass(frozen=True)
class Departure:
    """What one entry has to explain: whom it passed, whom it fell behind, whom it leads at the same score."""

    entry: Entry
    passed: tuple[Entry, ...] = ()
    behind: tuple[Entry, ...] = ()
    tied: tuple[Entry, ...] = ()

    @property
    def about(self) -> str:
        """What a reason holds for: another comparison needs another reason, the same one on a new list does not."""
        groups = ([one.declaration_id for one in group] for group in (self.passed, self.behind, self.tied))
        return sha256(f"{self.entry.declaration_id}:{list(groups)}")

    @property
    def settled(self) -> bool:
        return bool(self.entry.order_reason) and self.entry.order_about == self.about

    @property
    def words(self) -> str:
        said = []
        if self.passed:
            said.append(f"排在参考分更高的{_names(self.passed)}之前")
        if self.behind:
            said.append(f"排在参考分较低的{_names(self.behind)}之后")
        if self.tied:
            said.append(f"与{_names(self.tied)}同分，排在前面")
        return "；".join(said)

    @property
    def others(self) -> tuple[Entry, ...]:
        """Those to compare it with, as many as the words name."""
        return tuple(one for group in (self.passed, self.behind, self.tied) for one in group[:MOST_NAMED])


def _names(entries: Sequence[Entry]) -> str:
    named = "、".join(f"第 {one.rank} 名 {one.declaration.enterprise.name}" for one in entries[:MOST_NAMED])
    return f"{named} 等 {len(entries)} 项" if len(entries) > MOST_NAMED else f"{named} "


def departures(entries: Sequence[Entry]) -> list[Departure]:
    """Every entry that has something to explain, in rank order; entries without points are left out."""
    scored = sorted((one for one in entries if one.points is not None), key=lambda one: one.rank)
    kept = {one.pk for one in in_score_order(scored)}
    ties = dict(_ties(scored))
    found = (_departure(one, scored, one.pk not in kept, ties.get(one.pk, ())) for one in scored)
    return [one for one in found if one.passed or one.behind or one.tied]


def _departure(entry: Entry, scored: Sequence[Entry], moved: bool, tied: tuple[Entry, ...]) -> Departure:
    if not moved:
        return Departure(entry, tied=tied)
    passed = tuple(one for one in scored if one.rank > entry.rank and one.points > entry.points)
    behind = tuple(one for one in scored if one.rank < entry.rank and one.points < entry.points)
    return Departure(entry, passed, behind, tied)


def in_score_order(scored: Sequence[Entry]) -> list[Entry]:
    """The longest part of the order in which no score rises: what is not in it has been moved."""
    lowest: list = []
    ends: list[int] = []
    before: list[int | None] = []
    for place, one in enumerate(scored):
        length = bisect_right(lowest, -one.points)
        before.append(ends[length - 1] if length else None)
        lowest[length : length + 1] = [-one.points]
        ends[length : length + 1] = [place]
    return [scored[place] for place in reversed(list(_back(ends[-1] if ends else None, before)))]


def _back(place: int | None, before: Sequence[int | None]) -> Iterator[int]:
    while place is not None:
        yield place
        place = before[place]


def _ties(scored: Sequence[Entry]) -> Iterator[tuple[int, tuple[Entry, ...]]]:
    """(the first of each tie, the others), unless a lower list has ranked them so already."""
    by_points = sorted(scored, key=lambda one: (one.points, one.rank))
    for _, group in groupby(by_points, key=lambda one: one.points):
        first, *rest = group
        if not all(_ranked_below(one, other) for one, other in pairwise([first, *rest])):
            yield first.pk, tuple(rest)


def _ranked_below(one: Entry, other: Entry) -> bool:
    """Whether the same lower list put the one before the other."""
    if not (one.source and other.source) or one.source.list_id != other.source.list_id:
        return False
    return one.source.rank < other.source.rank


def unsettled(entries: Sequence[Entry]) -> list[Departure]:
    return [one for one in departures(entries) if not one.settled]


def reasons(entries: Sequence[Entry]) -> Mapping[str, str]:
    """Declaration number → reason, of all that is explained: what the trail keeps with the seal."""
    return {one.entry.declaration.number: one.entry.order_reason for one in departures(entries) if one.settled}
