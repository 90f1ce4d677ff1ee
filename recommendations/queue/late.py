"""What waits beyond its deadline, and what waits longer than most: both as conditions the database can answer.

The deadlines are those of the editions and of the places; the same table gives the row its date and the filter its
condition, so the two cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from declarations.models import Deadline, Declaration, ReturnItem
from declarations.vocabulary import Status
from recommendations.queue.rules import rules
from smartfactory.models import Authority

if TYPE_CHECKING:
    from smartfactory.access import Scope

LATE, STUCK = "late", "stuck"
NOTHING, EVERYTHING = Q(pk__in=[]), Q()


@dataclass
class Clock:
    """Deadlines and waiting times as they stand at `now`, for the rows in one person's line."""

    rows: QuerySet[Declaration]
    scope: Scope
    now: datetime

    @cached_property
    def _deadlines(self) -> dict[tuple[int, str], dict[str, Deadline]]:
        """(track, stage) → authority path → deadline; the national one stands at the empty path."""
        stages = {name for names in rules().stages.values() for name in names}
        found: dict[tuple[int, str], dict[str, Deadline]] = defaultdict(dict)
        rows = Deadline.objects.filter(stage__in=stages).select_related("authority")
        for one in rows:
            found[one.track_id, one.stage][one.authority.path if one.authority else ""] = one
        return found

    def deadline(self, track: int, path: str, status: str) -> Deadline | None:
        """The one that applies to a declaration in `status` received at `path`: the nearest authority's."""
        for stage in rules().stages.get(status, ()):
            table = self._deadlines.get((track, stage))
            if table:
                near = max((one for one in table if path.startswith(one)), key=len, default=None)
                if near is not None:
                    return table[near]
        return None

    def of(self, declaration: Declaration) -> Deadline | None:
        return self.deadline(declaration.track_id, declaration.receiver.path, declaration.status)

    @cached_property
    def late_q(self) -> Q:
        """Beyond the deadline of their stage, or returned with a date that has passed."""
        found = self._due_passed()
        for status in rules().stages:
            for condition in self._late_in(status):
                found |= Q(status=status) & condition
        return found

    def _due_passed(self) -> Q:
        items = ReturnItem.objects.filter(
            revision_id=OuterRef("latest_revision_id"), due__lt=timezone.localdate(self.now), resolved=False
        )
        return Q(status=Status.RETURNED) & Exists(items)

    def _late_in(self, status: str) -> Iterable[Q]:
        """One condition for each set of units, with all tracks that are late there."""
        tracks_by_units: dict[frozenset[int], list[int]] = defaultdict(list)
        for track in sorted({track for track, _ in self._deadlines}):
            late = frozenset(pk for pk, path in self._units if self._is_over(self.deadline(track, path, status)))
            if late:
                tracks_by_units[late].append(track)
        for units, tracks in tracks_by_units.items():
            yield Q(track_id__in=tracks) & (EVERYTHING if len(units) == len(self._units) else received(units))

    @cached_property
    def _units(self) -> list[tuple[int, str]]:
        """The units the person's line may contain."""
        paths = self.scope.paths
        every = Authority.objects.order_by().values_list("pk", "path")
        return [(pk, path) for pk, path in every if any(path.startswith(one) for one in paths)]

    def _is_over(self, deadline: Deadline | None) -> bool:
        return deadline is not None and not deadline.admits(self.now)

    @cached_property
    def stuck_q(self) -> Q:
        """Waiting longer than most in the same status."""
        found = NOTHING
        for status, since in self._cuts.items():
            found |= Q(status=status, status_at__lt=since)
        return found

    @cached_property
    def _cuts(self) -> dict[str, datetime]:
        """For each status that waits for the desk: whoever came into it before this has waited too long."""
        waiting = self.rows.filter(status__in=[Status.SUBMITTED, Status.IN_REVIEW], status_at__isnull=False)
        counts = dict(waiting.order_by().values_list("status").annotate(n=Count("pk")))
        found = {}
        for status in (Status.SUBMITTED, Status.IN_REVIEW):
            times = waiting.filter(status=status).order_by("status_at").values_list("status_at", flat=True)
            # The same number of questions however many wait.
            middle = list(times[(count := counts.get(status, 0)) // 2 :][:1])
            if count >= rules().least and middle:
                found[status] = self.now - rules().times * (self.now - middle[0])
        return found

    def mark(self, declaration: Declaration) -> str:
        """late, stuck or nothing: what the row's tag says. Needs the row as `marked` reads it."""
        if getattr(declaration, "is_late", False):
            return LATE
        cut = self._cuts.get(declaration.status)
        return STUCK if cut and declaration.status_at and declaration.status_at < cut else ""


def received(units: Iterable[int]) -> Q:
    """Received there: by the group if there is one, else by the place."""
    units = sorted(units)
    return Q(enterprise__soe_id__in=units) | Q(enterprise__soe=None, enterprise__authority_id__in=units)
