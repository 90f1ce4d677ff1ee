"""The way of a declaration, step by step: the steps are explained in fixtures/knowledge/, their dates, papers and
quotas are the edition's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assessment.knowledge import asks, citing, limits, papers
from assessment.knowledge.library import Basis, Library, Step
from assessment.knowledge.papers import GROUP, PLACE, PROVINCE, Paper, Place, Quota
from assessment.models import Edition, EditionDraft
from assessment.models.draft import DraftStatus
from assessment.vocabulary import Standing

ROUTES = {PROVINCE: "经所在省（区、市）", GROUP: "经中央企业集团", PLACE: "按地方通知"}
LANES = {"enterprise": "企业", "city": "市", "recommender": "推荐单位", "ministry": "国家"}


@dataclass(frozen=True)
class Deadline:
    at: datetime
    cited: citing.Cited


@dataclass(frozen=True)
class Walked:
    """One step as an edition has it."""

    number: int
    step: Step
    cited: citing.Cited
    deadline: Deadline | None
    papers: tuple[Paper, ...]
    quotas: tuple[Quota, ...]
    extras: tuple[limits.Limit, ...]


@dataclass(frozen=True)
class Way:
    """`carried`: the edition whose explanation stands in, where this one has none of its own yet."""

    track: Mapping[str, Any]
    route: str
    steps: tuple[Walked, ...]
    by_place: bool
    carried: Edition | None = None
    pools: tuple[Quota, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.track['code']}-{self.route}"

    @property
    def title(self) -> str:
        return f"{self.track['title']}：{ROUTES[self.route]}"


def ways(edition: Edition, library: Library) -> list[Way]:
    """Every track of the edition on every route it can go."""
    above, cloned = _above(edition), _cloned_from(edition, library)
    found = (
        _way(library, _place(edition, track, above), cloned, route)
        for track in asks.tracks(edition)
        for route in _routes(edition, track)
    )
    return [one for one in found if one.steps]


def _above(edition: Edition) -> Edition | None:
    """The national edition a place extends, for what its numbers leave to the nation's."""
    code = edition.source["edition"].get("extends")
    return Edition.objects.filter(code=code).first() if code else None


def _cloned_from(edition: Edition, library: Library) -> Edition | None:
    """Where nobody has explained an edition: the nearest explained one in the row of clones it comes from."""
    explained = {basis.edition for step in library.steps for basis in step.basis}
    published = EditionDraft.objects.filter(status=DraftStatus.PUBLISHED, base__isnull=False).select_related("base")
    seen, at = {edition.code}, edition
    while not explained & {at.code, at.source["edition"].get("extends")}:
        draft = published.filter(code=at.code).first()
        if draft is None or draft.base.code in seen:
            return None
        at = draft.base
        seen.add(at.code)
    return at if at is not edition else None


def _place(edition: Edition, track: Mapping[str, Any], above: Edition | None) -> Place:
    has_city = bool(above and track.get("like") and _deadline(edition, track, "city"))
    told = (one for one in asks.tracks(above) if one["code"] == track.get("like")) if above else ()
    return Place(edition, track, next((Place(above, one) for one in told if above), None), has_city)


def _routes(edition: Edition, track: Mapping[str, Any]) -> tuple[str, ...]:
    if edition.region:
        return (PLACE,)
    return (PROVINCE,) if track.get("groups_by_place") else (PROVINCE, GROUP)


def _way(library: Library, place: Place, cloned: Edition | None, route: str) -> Way:
    edition, track = place.edition, place.track
    found, carried = _told(edition, library, track, route), None
    if cloned and all(basis is None for _, basis in found):
        known = _told(edition, library, track, route, cloned)
        carried = cloned if any(basis for _, basis in known) else None
        found = known if carried else found
    steps = tuple(_walked(library, place, route, at, *one) for at, one in enumerate(found, start=1))
    return Way(track, route, steps, bool(track.get("groups_by_place")), carried, tuple(papers.pools(place)))


def _told(
    edition: Edition, library: Library, track: Mapping[str, Any], route: str, cloned: Edition | None = None
) -> list[tuple[Step, Basis | None]]:
    """The steps explained for this edition; where nobody has explained how to file, those any track has."""
    fitting = [one for one in library.steps if _fits(edition, one, track, route)]
    told = [(one, basis) for one in fitting if (basis := _basis(edition, one, track, cloned))]
    if any("declaration" in step.papers for step, _ in told):
        return told
    # What a firm does before it files is told; who takes it up then is told by the steps any track has.
    before = [one for one in told if one[0].lane == "enterprise"]
    return [*before, *((one, None) for one in fitting if one.by_track)]


def _fits(edition: Edition, step: Step, track: Mapping[str, Any], route: str) -> bool:
    if route not in step.routes or track.get("ending", "recommend") not in step.endings:
        return False
    return not step.only_with_stage or _deadline(edition, track, step.only_with_stage) is not None


def _basis(edition: Edition, step: Step, track: Mapping[str, Any], cloned: Edition | None = None) -> Basis | None:
    """On what this step stands here: the edition's own basis, else that of the edition it takes this track from.

    What a clone takes over from the edition it was made of is not verified for the new one.
    """
    lineage = (edition.code, edition.source["edition"].get("extends") if track.get("like") else None)
    fitting = [one for one in step.basis if not one.tiers or track["tier"] in one.tiers]
    if found := next((one for code in lineage for one in fitting if one.edition == code), None):
        return found
    olds = (cloned.code, cloned.source["edition"].get("extends")) if cloned else ()
    old = next((one for code in olds for one in fitting if one.edition == code), None)
    return replace(old, standing=str(Standing.UNVERIFIED)) if old else None


def _walked(library: Library, place: Place, route: str, number: int, step: Step, basis: Basis | None) -> Walked:
    cited = _cited(place.edition, library, place.track, basis)
    step = replace(step, actor=step.actor.replace("{level}", _level(place.edition.region)))
    return Walked(
        number,
        step,
        cited,
        _deadline(place.edition, place.track, step.stage) if step.stage else None,
        tuple(papers.papers(place, route, step, cited)),
        tuple(papers.quotas(place, route, step)) if step.quota else (),
        tuple(papers.extras(place, step)),
    )


def _level(region: str) -> str:
    """What kind of unit's notice it is, by the code of its area."""
    if region.endswith("0000"):
        return "省级"
    return "市级" if region.endswith("00") else "县级"


def _cited(edition: Edition, library: Library, track: Mapping[str, Any], basis: Basis | None) -> citing.Cited:
    if basis is None:
        return citing.of_row(edition, track)
    return citing.of_basis([replace(basis, edition=edition.code)], {edition.code: edition}, library)[0]


def _deadline(edition: Edition, track: Mapping[str, Any], stage: str) -> Deadline | None:
    rows = asks.rows(edition, "campaign", "deadlines", track["code"])
    row = next((one for one in rows if one["stage"] == stage), None)
    return Deadline(datetime.fromisoformat(row["at"]), citing.of_row(edition, row)) if row else None
