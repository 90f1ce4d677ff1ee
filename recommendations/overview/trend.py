"""How many were handed in on each of the last days before the deadline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from declarations.models import Declaration

if TYPE_CHECKING:
    from declarations.models import Deadline, Track
    from smartfactory.models import Authority

DAYS = 14
STEP, BAR, HEIGHT = 7, 5, 20


@dataclass(frozen=True)
class Bar:
    """One day as a bar of a small chart, in its own units; a day without any is a dash on the ground."""

    x: int
    y: int
    height: int
    empty: bool


@dataclass(frozen=True)
class Days:
    counts: tuple[int, ...]
    highest: int

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def bars(self) -> list[Bar]:
        tall = [max(2, round(count * (HEIGHT - 4) / (self.highest or 1))) if count else 1 for count in self.counts]
        return [
            Bar(place * STEP, HEIGHT + 1 - height, height, not count)
            for place, (count, height) in enumerate(zip(self.counts, tall, strict=True))
        ]


@dataclass(frozen=True)
class Trend:
    """`last` is the last day counted; every place is drawn to the same scale."""

    last: date
    counts: dict[tuple[str, date], int] = field(default_factory=dict)
    highest: int = 0

    def of(self, unit: Authority) -> Days:
        days = [self.last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
        return Days(tuple(self._on(unit.path, day) for day in days), self.highest)

    def _on(self, path: str, day: date) -> int:
        return sum(count for (place, when), count in self.counts.items() if when == day and place.startswith(path))


def submitted(track: Track, unit: Authority, rows: QuerySet[Declaration], due: Deadline | None) -> Trend:
    """By unit and day, up to the deadline or today, whichever comes first."""
    today = timezone.localdate()
    last = min(today, timezone.localtime(due.at).date()) if due else today
    start = timezone.make_aware(datetime.combine(last - timedelta(days=DAYS - 1), time.min))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    found = (
        rows.filter(track=track, submitted_at__gte=start, submitted_at__lt=end)
        .annotate(day=TruncDate("submitted_at"))
        .order_by()
        .values_list("enterprise__authority__path", "enterprise__soe__path", "day")
        .annotate(n=Count("pk"))
    )
    counts: dict[tuple[str, date], int] = {}
    for place, group, day, count in found:
        path = place if track.groups_by_place else group or place
        counts[path, day] = counts.get((path, day), 0) + count
    return Trend(last, counts, _highest(unit, counts))


def _highest(unit: Authority, counts: dict[tuple[str, date], int]) -> int:
    """The most that any unit directly below received on one day."""
    sums: dict[tuple[str, date], int] = {}
    for (path, day), count in counts.items():
        if path.startswith(unit.path):
            child = path[len(unit.path) :].split("/")[0]
            sums[child, day] = sums.get((child, day), 0) + count
    return max(sums.values(), default=0)
