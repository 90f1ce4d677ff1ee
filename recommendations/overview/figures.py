"""The figures of the overview page, in a constant number of queries however many declarations there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from assessment.models import SelfAssessment
from declarations import deadlines
from declarations.models import Declaration
from declarations.vocabulary import Stage, Status
from recommendations import quotas
from recommendations.models import RecommendationList
from recommendations.overview import mix, trend
from smartfactory.models import Authority
from smartfactory.models.organisations import GROUPS

if TYPE_CHECKING:
    from declarations.models import Deadline, Track

TAKEN_UP = (Status.IN_REVIEW, Status.RETURNED, Status.QUALIFIED, Status.RECOMMENDED, Status.REJECTED, Status.RESERVED)
PASSED = (Status.QUALIFIED, Status.RECOMMENDED)
WAITING = (Status.SUBMITTED, Status.IN_REVIEW)
PLACE, GROUP = "enterprise__authority__path", "enterprise__soe__path"


@dataclass(frozen=True)
class Step:
    """One step of the funnel: `share` is of the step before, `width` of the widest step, both in percent.

    No share where more come than went before: nobody has to assess himself here before filing.
    """

    label: str
    count: int
    share: int | None
    width: int


@dataclass(frozen=True)
class Heap:
    """So many declarations of one status that go up through one unit."""

    status: str
    path: str
    count: int


@dataclass(frozen=True)
class Place:
    """One unit below: how many it received, and where its own list stands."""

    unit: Authority
    assessed: int
    drafts: int
    received: int
    waiting: int
    returned: int
    passed: int
    days: trend.Days
    list: RecommendationList | None


@dataclass(frozen=True)
class Overview:
    """`elsewhere`: declarations of this place's enterprises that go up through their central group and count there."""

    unit: Authority
    track: Track
    assessed: int
    funnel: list[Step]
    places: list[Place]
    own: RecommendationList | None
    quota: quotas.Quota
    elsewhere: int
    deadlines: list[tuple[str, Deadline]]
    segments: list[mix.Share]
    industries: list[mix.Share]

    @property
    def empty(self) -> bool:
        return not any(one.count for one in self.funnel)

    @property
    def totals(self) -> dict[str, int]:
        names = ("assessed", "drafts", "received", "waiting", "returned", "passed")
        return {name: sum(getattr(one, name) for one in self.places) for name in names}

    @property
    def sealed(self) -> int:
        """How many units below have sealed their list."""
        return sum(one.list is not None and one.list.status == "sealed" for one in self.places)

    @property
    def due(self) -> Deadline | None:
        """The next of the deadlines, or the last if all are over."""
        rows = [one for _, one in self.deadlines]
        return next((one for one in rows if one.at >= deadlines.server_time()), rows[-1] if rows else None)

    @property
    def due_title(self) -> str:
        return next((f"{label}截止" for label, one in self.deadlines if one is self.due), "")


def busiest(tracks: Iterable[Track], unit: Authority | None) -> Track | None:
    """The track with the most declarations in this line, else the first."""
    tracks = list(tracks)
    if unit is None or not tracks:
        return tracks[0] if tracks else None
    counts = dict(line(unit).order_by().values_list("track").annotate(n=Count("pk")))
    return max(tracks, key=lambda one: counts.get(one.pk, 0))


def line(unit: Authority) -> QuerySet[Declaration]:
    """What has been handed in by enterprises of the place, or of the group, or of any below."""
    within = Q(enterprise__authority__path__startswith=unit.path) | Q(enterprise__soe__path__startswith=unit.path)
    return Declaration.objects.filter(within).exclude(status=Status.DRAFT)


def overview(track: Track, unit: Authority) -> Overview:
    heaps, away = _through(unit, _heaps(track, line(unit)))
    drafts, _ = _through(unit, _heaps(track, _drafts(unit)))
    assessed, lists = _assessed(track, unit), _lists(track, unit)
    stages = [
        (one.label, deadlines.resolve(track, one, unit)) for one in (Stage.ENTERPRISE, Stage.CITY, Stage.RECOMMENDER)
    ]
    due = next((found for _, found in stages if found), None)
    days = trend.submitted(track, unit, line(unit), due)
    children = list(unit.children.order_by("order", "code"))
    own, quota = lists.get(unit.pk), quotas.resolve(track, unit)
    return Overview(
        unit=unit,
        track=track,
        assessed=_count(assessed, unit),
        funnel=_funnel(heaps, _count(drafts, unit), _count(assessed, unit), own, quota.known),
        places=[
            _place(child, heaps, drafts, assessed, days, lists.get(child.pk))
            for child in children
            if _relevant(child, heaps)
        ],
        own=own,
        quota=quota,
        elsewhere=sum(one.count for one in away),
        deadlines=[(label, found) for label, found in stages if found],
        segments=mix.segments(track, _here(track, unit)),
        industries=mix.industries(_here(track, unit)),
    )


def _here(track: Track, unit: Authority) -> QuerySet[Declaration]:
    """What counts here: not what goes up through a central group instead."""
    rows = line(unit).filter(track=track)
    if unit.kind in GROUPS:
        return rows.filter(enterprise__soe__path__startswith=unit.path)
    at_place = Q(enterprise__authority__path__startswith=unit.path)
    if track.groups_by_place:
        return rows.filter(at_place)
    return rows.filter((at_place & Q(enterprise__soe=None)) | Q(enterprise__soe__path__startswith=unit.path))


def _drafts(unit: Authority) -> QuerySet[Declaration]:
    """Begun and not handed in: only how many, never which."""
    within = Q(enterprise__authority__path__startswith=unit.path) | Q(enterprise__soe__path__startswith=unit.path)
    return Declaration.objects.filter(within, status=Status.DRAFT)


def _heaps(track: Track, rows: QuerySet[Declaration]) -> list[Heap]:
    found = rows.filter(track=track).order_by().values_list("status", PLACE, GROUP).annotate(n=Count("pk"))
    return [
        Heap(status, place if track.groups_by_place else group or place, count) for status, place, group, count in found
    ]


def _through(unit: Authority, heaps: list[Heap]) -> tuple[list[Heap], list[Heap]]:
    """What goes up through this unit, and what does not."""
    here = [one for one in heaps if one.path.startswith(unit.path)]
    return here, [one for one in heaps if not one.path.startswith(unit.path)]


def _assessed(track: Track, unit: Authority) -> list[Heap]:
    """Enterprises that have finished a self-assessment of this edition: only how many, never which or how."""
    rows = SelfAssessment.objects.filter(
        edition_id=track.campaign.edition_id,
        finished_at__isnull=False,
        enterprise__authority__path__startswith=unit.path,
    )
    found = rows.order_by().values_list(PLACE).annotate(n=Count("enterprise", distinct=True))
    return [Heap("", path, count) for path, count in found]


def _lists(track: Track, unit: Authority) -> dict[int, RecommendationList]:
    near = Q(authority=unit) | Q(authority__parent=unit)
    rows = RecommendationList.objects.filter(~Q(status="superseded"), near, track=track).select_related("seal")
    return {one.authority_id: one for one in rows}


def _relevant(child: Authority, heaps: list[Heap]) -> bool:
    """A ministry has hundreds of children: only those with something to show, but every city of a province."""
    return child.kind in ("city", "district") or any(one.path.startswith(child.path) for one in heaps)


def _count(heaps: Iterable[Heap], unit: Authority, *statuses: str) -> int:
    return sum(
        one.count for one in heaps if one.path.startswith(unit.path) and (not statuses or one.status in statuses)
    )


def _funnel(
    heaps: list[Heap], drafts: int, assessed: int, own: RecommendationList | None, makes_list: bool
) -> list[Step]:
    def having(*statuses: str) -> int:
        return sum(one.count for one in heaps if one.status in statuses)

    handed_in = sum(one.count for one in heaps)
    steps = [
        ("完成自评", assessed),
        ("线上填报", drafts + handed_in),
        ("已提交", handed_in),
        ("已受理", having(*TAKEN_UP)),
        ("审核通过", having(*PASSED)),
        *([("列入名单", own.size if own else 0)] if makes_list else []),
        ("已推荐", having(Status.RECOMMENDED)),
    ]
    widest = max(count for _, count in steps) or 1
    before = [None, *(count for _, count in steps)]
    return [
        Step(label, count, round(count * 100 / last) if last and count <= last else None, round(count * 100 / widest))
        for (label, count), last in zip(steps, before, strict=False)
    ]


def _place(
    unit: Authority,
    heaps: list[Heap],
    drafts: list[Heap],
    assessed: list[Heap],
    days: trend.Trend,
    found: RecommendationList | None,
) -> Place:
    return Place(
        unit=unit,
        assessed=_count(assessed, unit),
        drafts=_count(drafts, unit),
        received=_count(heaps, unit),
        waiting=_count(heaps, unit, *WAITING),
        returned=_count(heaps, unit, Status.RETURNED),
        passed=_count(heaps, unit, *PASSED),
        days=days.of(unit),
        list=found,
    )
