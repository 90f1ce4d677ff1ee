"""How many there are for each value of each filter, all from one question to the database.

The rows are counted by every combination of the filters' values at once; the number beside a value is then the sum of
the combinations that meet all other filters. The number on the page and the numbers beside the filters cannot disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Case, Count, F, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from declarations.thread import service as thread
from recommendations.queue import filters
from recommendations.queue.late import LATE, STUCK, Clock, received

if TYPE_CHECKING:
    from declarations.models import Declaration
    from recommendations.queue.filters import Query
    from smartfactory.models import User

COLUMNS = ("status", "track_id", "unit_id", "industry", "held_by_id", "is_late", "is_stuck", "is_noted", "is_talking")
STATUS, TRACK, UNIT, INDUSTRY, HELD, IS_LATE, IS_STUCK, NOTED, TALKING = range(len(COLUMNS))
Combination = tuple


def flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def marked(rows: QuerySet[Declaration], clock: Clock, desk: int, user: User) -> QuerySet[Declaration]:
    """The rows with what filters and tags look at; `held_by` is who deals with it at the desk."""
    own = FilteredRelation("duties", condition=Q(duties__authority_id=desk))
    return rows.alias(duty=own).annotate(
        unit_id=Coalesce("enterprise__soe_id", "enterprise__authority_id"),
        held_by_id=F("duty__user_id"),
        is_late=flag(clock.late_q),
        is_stuck=flag(clock.stuck_q),
        is_noted=flag(Q(findings__gt=0)),
        is_talking=flag(Q(pk__in=thread.all_unread(user))),
    )


@dataclass(frozen=True)
class Meaning:
    """What the asked values stand for in the rows: keys instead of codes. None: not asked."""

    query: Query
    user: User
    track: int | None = None
    units: frozenset[int] | None = None

    def tests(self) -> dict[str, Callable[[Combination], bool]]:
        """For each filter that narrows, whether a combination meets it."""
        query, found = self.query, {}
        wanted = frozenset(filters.statuses(query))
        talking = query.status == filters.TALKING
        found["status"] = lambda one: one[STATUS] in wanted and (not talking or one[TALKING])
        if self.track is not None:
            found["track"] = lambda one: one[TRACK] == self.track
        if self.units is not None:
            found["place"] = lambda one: one[UNIT] in self.units
        if query.industry:
            found["industry"] = lambda one: one[INDUSTRY] == query.industry
        if query.who:
            found["who"] = lambda one: one[HELD] == self.holder
        if query.wait:
            found["wait"] = lambda one: one[IS_LATE if query.wait == LATE else IS_STUCK]
        if query.noted:
            found["noted"] = lambda one: one[NOTED] == (query.noted == filters.YES)
        return found

    @property
    def holder(self) -> int | None:
        who = self.query.who
        return self.user.pk if who == filters.MINE else None if who == filters.NOBODY else int(who)

    def condition(self) -> Q:
        """The same as a condition on marked rows."""
        query, found = self.query, Q(status__in=filters.statuses(self.query))
        if query.status == filters.TALKING:
            found &= Q(is_talking=True)
        if self.track is not None:
            found &= Q(track_id=self.track)
        if self.units is not None:
            found &= received(self.units)
        if query.industry:
            found &= Q(industry=query.industry)
        if query.who:
            found &= Q(duty__user_id=self.holder) if self.holder else Q(duty__user_id__isnull=True)
        if query.wait:
            found &= Q(is_late=True) if query.wait == LATE else Q(is_stuck=True)
        if query.noted:
            found &= Q(is_noted=query.noted == filters.YES)
        return found


@dataclass
class Cube:
    """Counts by combination. `rows` are marked and already narrowed by words and days."""

    rows: QuerySet[Declaration]
    meaning: Meaning

    @cached_property
    def counts(self) -> list[tuple[Combination, int]]:
        found = self.rows.order_by().values_list(*COLUMNS).annotate(n=Count("pk"))
        return [(tuple(one[:-1]), one[-1]) for one in found]

    @cached_property
    def _tests(self) -> dict[str, Callable[[Combination], bool]]:
        return self.meaning.tests()

    def total(self, without: str = "") -> int:
        return sum(n for _, n in self._meeting(without))

    def by(self, name: str, *columns: int) -> Counter:
        """Counts by the value of these columns, of what meets every filter but `name`."""
        found: Counter = Counter()
        for one, n in self._meeting(name):
            found[one[columns[0]] if len(columns) == 1 else tuple(one[place] for place in columns)] += n
        return found

    def _meeting(self, without: str) -> Iterable[tuple[Combination, int]]:
        tests = [test for name, test in self._tests.items() if name != without]
        return ((one, n) for one, n in self.counts if all(test(one) for test in tests))

    @property
    def holders(self) -> set[int]:
        return {one[HELD] for one, _ in self.counts if one[HELD]}

    @property
    def units(self) -> set[int]:
        return {one[UNIT] for one, _ in self.counts}

    def waits(self) -> dict[str, int]:
        late, stuck = self.by("wait", IS_LATE), self.by("wait", IS_STUCK)
        return {LATE: late[True], STUCK: stuck[True]}
