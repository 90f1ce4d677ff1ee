"""The queue as one person sees it at one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils import timezone

from declarations.models import Declaration, Track
from declarations.thread import service as thread
from declarations.vocabulary import Status
from declarations.workflow import has_desk
from recommendations.models import Duty, SavedView
from recommendations.queue import duties, facets, filters, paging
from recommendations.queue.facets import Cube, Meaning
from recommendations.queue.filters import Query
from recommendations.queue.late import LATE, STUCK, Clock
from recommendations.queue.rules import rules
from smartfactory import presence
from smartfactory.access import scope
from smartfactory.models import Authority, User

if TYPE_CHECKING:
    from declarations.models import Deadline
    from smartfactory.models import Presence

SHOWN_INDUSTRIES = 40
# Pages of reviewers, told apart from those of the enterprise about the same declaration.
REVIEW = "review"


def visible(user: User) -> QuerySet[Declaration]:
    """Submitted declarations of the person's line; his own enterprise's, if he has one, are not his to review."""
    own = scope(user).enterprises
    return Declaration.objects.visible_to(user).exclude(status=Status.DRAFT).exclude(enterprise_id__in=own)


@dataclass(frozen=True)
class Choice:
    """One value of a filter and how many there are."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    declaration: Declaration
    duty: Duty | None
    deadline: Deadline | None
    mark: str
    present: list[Presence]
    letters: int = 0


@dataclass(frozen=True)
class Loosening:
    """A filter that leaves everything out, and what there would be without it."""

    label: str
    count: int
    query: str


class Queue:
    """Everything is asked once, in a number of questions that does not depend on how many wait."""

    def __init__(self, user: User, params: Mapping[str, str]) -> None:
        self.user, self.params, self.query = user, params, filters.parse(params)
        self.scope = scope(user)
        self.rows = visible(user)
        self.clock = Clock(self.rows, self.scope, timezone.now())

    @cached_property
    def desk(self) -> Authority | None:
        return duties.desk_of(self.user)

    @cached_property
    def deciding(self) -> bool:
        """Whether the person acts on declarations, and does not only look."""
        return has_desk(self.user)

    @cached_property
    def units(self) -> list[Authority]:
        every = Authority.objects.order_by("order", "code")
        return [one for one in every if any(one.path.startswith(path) for path in self.scope.paths)]

    @cached_property
    def tracks(self) -> list[Track]:
        return list(Track.objects.order_by("-campaign__edition__year", "order", "pk"))

    @cached_property
    def meaning(self) -> Meaning:
        query = self.query
        track = next((one.pk for one in self.tracks if one.code == query.track), 0) if query.track else None
        units = filters.units(query.place, self.units) if query.place else None
        return Meaning(query, self.user, track, units)

    @cached_property
    def marked(self) -> QuerySet[Declaration]:
        return facets.marked(self.rows, self.clock, self.desk.pk if self.desk else 0, self.user)

    @cached_property
    def cube(self) -> Cube:
        return Cube(self.marked.filter(filters.typed(self.query)), self.meaning)

    @cached_property
    def found(self) -> QuerySet[Declaration]:
        """What the filters leave, in the asked order."""
        rows = self.marked.filter(filters.typed(self.query), self.meaning.condition())
        return self.order.apply(rows.select_related("enterprise__authority", "enterprise__soe", "track", "status_by"))

    @property
    def order(self) -> paging.Order:
        _, column, down = filters.SORTS[self.query.sort]
        return paging.Order(column, down)

    @cached_property
    def page(self) -> paging.Slice:
        return paging.cut(self.found, self.order, self.params, rules().page)

    @cached_property
    def lines(self) -> list[Line]:
        rows = self.page.rows
        held = duties.of(rows, self.desk)
        here, fresh = presence.others_at(rows, self.user, part=REVIEW), thread.unread(self.user, rows)
        return [
            Line(
                one, held.get(one.pk), self.clock.of(one), self.clock.mark(one), here.get(one.pk, []),
                fresh.get(one.pk, 0),
            )
            for one in rows
        ]  # fmt: skip

    @property
    def total(self) -> int:
        return self.cube.total()

    @property
    def open_count(self) -> int:
        """What waits for the desk, whatever is asked."""
        counts = self.cube.by("status", facets.STATUS)
        return sum(counts[one] for one in filters.OPEN)

    # The filters and how many each would leave

    @property
    def statuses(self) -> list[Choice]:
        counts, chosen = self.cube.by("status", facets.STATUS), self.query.status
        shown = [one for one in Status if one != Status.DRAFT]
        first = [
            Choice("", "要办的", sum(counts[one] for one in filters.OPEN), not chosen),
            Choice(filters.ALL, "全部状态", counts.total(), chosen == filters.ALL),
        ]
        if talking := self.cube.by("status", facets.TALKING)[True]:
            first.append(Choice(filters.TALKING, "企业有话没看", talking, chosen == filters.TALKING))
        return [*first, *(Choice(one.value, one.label, counts[one.value], chosen == one.value) for one in shown)]

    @property
    def of_tracks(self) -> list[Choice]:
        counts, chosen = self.cube.by("track", facets.TRACK), self.query.track
        every = {one[facets.TRACK] for one, _ in self.cube.counts}
        rows = [one for one in self.tracks if one.pk in every or one.code == chosen]
        return [Choice(one.code, one.title, counts[one.pk], one.code == chosen) for one in rows]

    @property
    def of_units(self) -> list[Choice]:
        counts, chosen = self.cube.by("place", facets.UNIT), self.query.place
        rows = [one for one in self.units if one.pk in self.cube.units]
        found = [Choice(one.code, one.short_name, counts[one.pk], one.code == chosen) for one in rows]
        if chosen and not any(one.chosen for one in found):
            known = {one.pk for one in self.units if one.code == chosen}
            word = next((one.short_name for one in self.units if one.pk in known), chosen)
            found.append(Choice(chosen, word, self.cube.total(), True))
        return found

    @property
    def industries(self) -> list[Choice]:
        counts, chosen = self.cube.by("industry", facets.INDUSTRY), self.query.industry
        counts.pop("", None)
        shown = dict(counts.most_common(SHOWN_INDUSTRIES))
        if chosen:
            shown.setdefault(chosen, counts[chosen])
        names = self._industry_names
        return [
            Choice(code, f"{code} {names.get(code, '')}".strip(), n, code == chosen)
            for code, n in sorted(shown.items())
        ]

    @cached_property
    def _industry_names(self) -> dict[str, str]:
        """What the enterprises themselves call the industries on this page."""
        return {one.industry: one.industry_name for one in self.page.rows if one.industry}

    @cached_property
    def colleagues(self) -> list[User]:
        return duties.colleagues(self.desk)

    @property
    def holders(self) -> list[Choice]:
        counts, chosen = self.cube.by("who", facets.HELD), self.query.who
        known = {one.pk: one.display for one in self.colleagues}
        gone = self.cube.holders - set(known)
        known |= {one.pk: one.display for one in User.objects.filter(pk__in=gone)} if gone else {}
        first = [
            Choice(filters.MINE, "我承办的", counts[self.user.pk], chosen == filters.MINE),
            Choice(filters.NOBODY, "还没有人承办", counts[None], chosen == filters.NOBODY),
        ]
        rest = [(pk, name) for pk, name in known.items() if pk != self.user.pk]
        return [*first, *(Choice(str(pk), name, counts[pk], chosen == str(pk)) for pk, name in rest)]

    @property
    def waits(self) -> list[Choice]:
        counts, chosen = self.cube.waits(), self.query.wait
        words = {LATE: "超过期限的", STUCK: "等得比多数久的"}
        return [Choice(key, word, counts[key], key == chosen) for key, word in words.items()]

    @property
    def noted(self) -> list[Choice]:
        counts, chosen = self.cube.by("noted", facets.NOTED), self.query.noted
        words = {filters.YES: "有系统提示的", filters.NO: "没有提示的"}
        return [Choice(key, word, counts[key == filters.YES], key == chosen) for key, word in words.items()]

    @property
    def sorts(self) -> list[Choice]:
        return [Choice(key, label, 0, key == self.query.sort) for key, (label, _, _) in filters.SORTS.items()]

    @property
    def more_asked(self) -> bool:
        """Whether one of the filters behind 更多条件 is in use."""
        asked = self.query
        return any((asked.industry, asked.noted, asked.since, asked.until, asked.sort))

    @cached_property
    def loosenings(self) -> list[Loosening]:
        """Where nothing is left: which filter to give up, those that bring most first."""
        found = []
        for name in self.query.narrowing:
            loose = self.query.without(name)
            if count := self._count_without(name, loose):
                found.append(Loosening(filters.LABELS[name], count, loose.text()))
        return sorted(found, key=lambda one: -one.count)

    def _count_without(self, name: str, loose: Query) -> int:
        if name in ("q", "since", "until"):
            return self.marked.filter(filters.typed(loose), self.meaning.condition()).count()
        return self.cube.total(without=name)

    @cached_property
    def views(self) -> list[tuple[SavedView, bool]]:
        """The views the person may use, each with whether it is what is shown now."""
        now = self.query.text()
        return [(one, one.query == now) for one in SavedView.objects.shown_to(self.user)]


def default_query(user: User) -> str:
    """The query string of the person's own default view; nothing if there is none."""
    found = SavedView.objects.visible_to(user).filter(user=user, is_default=True).values_list("query", flat=True)
    return found.first() or ""
