"""The figures of the overview page, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from declarations import deadlines
from declarations.models import Declaration
from declarations.vocabulary import Stage, Status
from recommendations import quotas
from recommendations.models import RecommendationList
from smartfactory.models import Authority

if TYPE_CHECKING:
    from declarations.models import Deadline, Track

PASSED = (Status.QUALIFIED, Status.RECOMMENDED)
_PATHS = ("enterprise__authority__path", "enterprise__soe__path")


@dataclass(frozen=True)
class Step:
    label: str
    count: int
    share: int


@dataclass(frozen=True)
class Place:
    """One unit below: how many it received, and where its own list stands."""

    unit: Authority
    received: int
    waiting: int
    returned: int
    passed: int
    list: RecommendationList | None


@dataclass(frozen=True)
class Overview:
    """`elsewhere`: declarations of this place's enterprises that go up through their central group and count there."""

    track: Track
    funnel: list[Step]
    places: list[Place]
    own: RecommendationList | None
    quota: quotas.Quota
    elsewhere: int
    deadlines: list[tuple[str, Deadline]]

    @property
    def empty(self) -> bool:
        return not self.funnel[0].count


def busiest(tracks: Iterable[Track], unit: Authority | None) -> Track | None:
    """The track with the most declarations in this line, else the first."""
    tracks = list(tracks)
    if unit is None or not tracks:
        return tracks[0] if tracks else None
    counts = dict(_received(unit).order_by().values_list("track").annotate(n=Count("pk")))
    return max(tracks, key=lambda one: counts.get(one.pk, 0))


def _received(unit: Authority) -> QuerySet[Declaration]:
    line = Q(enterprise__authority__path__startswith=unit.path) | Q(enterprise__soe__path__startswith=unit.path)
    return Declaration.objects.filter(line).exclude(status=Status.DRAFT)


def overview(track: Track, unit: Authority) -> Overview:
    every = _received(unit).filter(track=track).values_list("status", *_PATHS)
    rows = [(status, place if track.groups_by_place else group or place) for status, place, group in every]
    away = [row for row in rows if not _at(unit, row)]
    rows = [row for row in rows if _at(unit, row)]
    lists = {
        one.authority_id: one
        for one in RecommendationList.objects.filter(
            ~Q(status="superseded"), Q(authority=unit) | Q(authority__parent=unit), track=track
        ).select_related("seal")
    }
    stages = [
        (one.label, deadlines.resolve(track, one, unit)) for one in (Stage.ENTERPRISE, Stage.CITY, Stage.RECOMMENDER)
    ]
    return Overview(
        track,
        _funnel([status for status, *_ in rows]),
        [
            _place(child, rows, lists.get(child.pk))
            for child in unit.children.order_by("order", "code")
            if _relevant(child, rows)
        ],
        lists.get(unit.pk),
        quotas.resolve(track, unit),
        len(away),
        [(label, found) for label, found in stages if found],
    )


def _relevant(child: Authority, rows: list[tuple[str, str]]) -> bool:
    """A ministry has hundreds of children: only those with something to show, but every city of a province."""
    return child.kind in ("city", "district") or any(_at(child, row) for row in rows)


def _at(unit: Authority, row: tuple[str, str]) -> bool:
    """Whether the declaration goes up through this unit."""
    return row[1].startswith(unit.path)


def _funnel(statuses: list[str]) -> list[Step]:
    total = len(statuses)
    steps = [
        ("已提交", total),
        ("已受理", sum(one != Status.SUBMITTED for one in statuses)),
        ("审核通过", sum(one in PASSED for one in statuses)),
        ("已推荐", sum(one == Status.RECOMMENDED for one in statuses)),
    ]
    return [Step(label, count, round(count * 100 / total) if total else 0) for label, count in steps]


def _place(unit: Authority, rows: list[tuple[str, str]], found: RecommendationList | None) -> Place:
    statuses = [row[0] for row in rows if _at(unit, row)]
    return Place(
        unit,
        len(statuses),
        sum(one in (Status.SUBMITTED, Status.IN_REVIEW) for one in statuses),
        sum(one == Status.RETURNED for one in statuses),
        sum(one in PASSED for one in statuses),
        found,
    )
