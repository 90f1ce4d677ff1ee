"""What the ranking page shows: the rows, the cut line, the checks before sealing, and who may do what."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from declarations import deadlines
from declarations.vocabulary import Stage
from recommendations import ordering, quotas, ranking, releases, workflow
from recommendations.models import Entry, ListStatus, QuotaExemption, RecommendationList, Review, ReviewCheck
from recommendations.models.list import CLOSED, DESK
from smartfactory.access import scope
from smartfactory.problems import Problem, errors
from smartfactory.workflow import available

if TYPE_CHECKING:
    from declarations.models import Deadline
    from recommendations.models import Release
    from smartfactory.models import User


@dataclass(frozen=True)
class Line:
    """One row of the table; the cut line is drawn before the first row that is `below` it."""

    entry: Entry
    below: bool
    first_below: bool = False
    ticks: tuple[str, ...] = ()


@dataclass
class Desk:
    """One list as one person sees it."""

    list: RecommendationList
    user: User
    # Reasons typed into a page that was refused, by the name of their field.
    typed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def entries(self) -> list[Entry]:
        rows = self.list.entries.select_related(
            "declaration__enterprise__authority", "declaration__enterprise__soe", "revision", "source__list__authority"
        )
        return list(rows)

    @cached_property
    def included(self) -> list[Entry]:
        return ranking.included(self.entries, self.list.quota_limit)

    @cached_property
    def lines(self) -> list[Line]:
        inside = {one.pk for one in self.included}
        ticked = self._ticked()
        lines, seen = [], False
        for one in self.entries:
            below = one.pk not in inside
            ticks = tuple(ticked.get(one.revision_id, {}).get(check.key, "") for check in self.checks)
            lines.append(Line(one, below, below and not seen, ticks))
            seen = seen or below
        return lines

    @cached_property
    def checks(self) -> list[ReviewCheck]:
        """The columns of the formal review."""
        return list(ReviewCheck.objects.filter(track=self.list.track))

    def _ticked(self) -> dict[int, dict[str, str]]:
        """What was ticked for the very revisions in the list, whoever reviewed them."""
        rows = Review.objects.filter(revision_id__in=[one.revision_id for one in self.entries])
        return dict(rows.values_list("revision_id", "checks"))

    @property
    def width(self) -> int:
        """How many columns the table has."""
        return 5 + len(self.checks) + self.may_rank

    @property
    def used(self) -> int:
        return sum(one.counts for one in self.included)

    @property
    def below(self) -> int:
        return len(self.entries) - len(self.included)

    @property
    def may_rank(self) -> bool:
        return self.list.status == ListStatus.DRAFT and ranking.may_rank(self.user, self.list)

    @cached_property
    def candidates(self) -> list[ranking.Candidate]:
        return ranking.candidates(self.list) if self.may_rank else []

    @cached_property
    def exemptions(self) -> list[QuotaExemption]:
        return ranking.exemptions(self.list) if self.may_rank else []

    @cached_property
    def problems(self) -> list[Problem]:
        return workflow.problems(self.list) if self.list.status in (ListStatus.DRAFT, ListStatus.FROZEN) else []

    @cached_property
    def holds(self) -> list[str]:
        """What was looked at before the seal and is in order, in words."""
        found = errors(self.problems)
        if found or not self.included:
            return []
        held = [f"{len(self.included)} 项均为审核通过的最新一版", "名次连续，没有重复"]
        return held if self.list.quota_limit is None else [*held, f"没有超过推荐上限 {self.list.quota_limit} 项"]

    @property
    def ready(self) -> bool:
        return not errors(self.problems)

    @cached_property
    def order(self) -> list[tuple[ordering.Departure, str]]:
        """What the order has to explain, each with the words to show in its field."""
        if self.list.quota_unlimited:
            return []
        found = ordering.departures(self.entries)
        return [(one, self.typed.get(f"reason-{one.entry.pk}", one.entry.order_reason)) for one in found]

    @cached_property
    def unexplained(self) -> int:
        return sum(not one.settled for one, _ in self.order)

    @cached_property
    def acts(self) -> set[str]:
        return {one.name for one in available(self.list, self.user)}

    @cached_property
    def releases(self) -> list[Release]:
        """This person's requests to take the whole package away."""
        return releases.mine(self.list, self.user)

    @property
    def at_home(self) -> bool:
        """Whether this person works at the desk whose list it is, and not at one above."""
        return self.list.authority_id in scope(self.user).authority_ids(*DESK)

    @property
    def own_freeze(self) -> bool:
        """Whether this person froze the list and so may not seal it."""
        return self.list.status == ListStatus.FROZEN and self.list.frozen_by_id == self.user.pk

    @cached_property
    def deadline(self) -> Deadline | None:
        stage = Stage.RECOMMENDER if quotas.recommends(self.list.track, self.list.authority) else Stage.CITY
        return deadlines.resolve(self.list.track, stage, self.list.authority)

    @property
    def deadline_title(self) -> str:
        """What ends: the same words as on the enterprise's page."""
        return f"{self.deadline.get_stage_display()}截止" if self.deadline else ""

    @property
    def closed(self) -> bool:
        return self.list.status in CLOSED

    @cached_property
    def last_move(self):
        return self.list.moves.select_related("by", "declaration__enterprise").first()

    @cached_property
    def undoable(self) -> bool:
        if not self.may_rank:
            return False
        return self.list.moves.filter(by=self.user, undone=False, from_rank__gt=0, to_rank__gt=0).exists()
