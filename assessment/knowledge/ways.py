"""The way of a declaration, step by step: the steps are explained in fixtures/knowledge/, their dates, papers and
quotas are the edition's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from assessment.knowledge import asks, citing
from assessment.knowledge.library import Basis, Library, Step
from assessment.models import Edition

PROVINCE, GROUP, PLACE = "province", "group", "place"
ROUTES = {PROVINCE: "经所在省（区、市）", GROUP: "经中央企业集团", PLACE: "按地方通知"}
# The kind of recommending unit whose quota and recipients belong to a route.
KINDS = {
    PROVINCE: ("province", "separately_planned_city", "xpcc"),
    GROUP: ("central_soe",),
    PLACE: ("province", "city"),
}
LANES = {"enterprise": "企业", "city": "市", "recommender": "推荐单位", "ministry": "国家"}


@dataclass(frozen=True)
class Deadline:
    at: datetime
    cited: citing.Cited


@dataclass(frozen=True)
class Paper:
    """A paper of a step. No copies: the notice says no number."""

    title: str
    copies: int | None
    recipients: tuple[str, ...]
    cited: citing.Cited


@dataclass(frozen=True)
class Quota:
    words: str
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


@dataclass(frozen=True)
class Way:
    track: Mapping[str, Any]
    route: str
    steps: tuple[Walked, ...]
    by_place: bool

    @property
    def key(self) -> str:
        return f"{self.track['code']}-{self.route}"

    @property
    def title(self) -> str:
        return f"{self.track['title']}：{ROUTES[self.route]}"


def ways(edition: Edition, library: Library) -> list[Way]:
    """Every track of the edition on every route it can go."""
    found = (
        _way(edition, library, track, route) for track in asks.tracks(edition) for route in _routes(edition, track)
    )
    return [one for one in found if one.steps]


def _routes(edition: Edition, track: Mapping[str, Any]) -> tuple[str, ...]:
    if edition.region:
        return (PLACE,)
    return (PROVINCE,) if track.get("groups_by_place") else (PROVINCE, GROUP)


def _way(edition: Edition, library: Library, track: Mapping[str, Any], route: str) -> Way:
    found = _told(edition, library, track, route)
    steps = tuple(_walked(edition, library, track, route, at, *one) for at, one in enumerate(found, start=1))
    return Way(track, route, steps, bool(track.get("groups_by_place")))


def _told(edition: Edition, library: Library, track: Mapping[str, Any], route: str) -> list[tuple[Step, Basis | None]]:
    """The steps explained for this edition; where nobody has explained how to file, those any track has."""
    fitting = [one for one in library.steps if _fits(edition, one, track, route)]
    told = [(one, basis) for one in fitting if (basis := _basis(edition, one, track))]
    if any("declaration" in step.papers for step, _ in told):
        return told
    return [*told, *((one, None) for one in fitting if one.by_track)]


def _fits(edition: Edition, step: Step, track: Mapping[str, Any], route: str) -> bool:
    if route not in step.routes or track.get("ending", "recommend") not in step.endings:
        return False
    return not step.only_with_stage or _deadline(edition, track, step.only_with_stage) is not None


def _basis(edition: Edition, step: Step, track: Mapping[str, Any]) -> Basis | None:
    """On what this step stands here: the edition's own basis, else that of the edition it takes this track from."""
    lineage = (edition.code, edition.source["edition"].get("extends") if track.get("like") else None)
    fitting = [one for one in step.basis if not one.tiers or track["tier"] in one.tiers]
    return next((one for code in lineage for one in fitting if one.edition == code), None)


def _walked(
    edition: Edition,
    library: Library,
    track: Mapping[str, Any],
    route: str,
    number: int,
    step: Step,
    basis: Basis | None,
) -> Walked:
    return Walked(
        number,
        step,
        _cited(edition, library, track, basis),
        _deadline(edition, track, step.stage) if step.stage else None,
        tuple(_papers(edition, track, route, step)),
        tuple(_quotas(edition, track, route)) if step.quota else (),
    )


def _cited(edition: Edition, library: Library, track: Mapping[str, Any], basis: Basis | None) -> citing.Cited:
    if basis is None:
        return citing.of_row(edition, track)
    return citing.of_basis([replace(basis, edition=edition.code)], {edition.code: edition}, library)[0]


def _deadline(edition: Edition, track: Mapping[str, Any], stage: str) -> Deadline | None:
    rows = asks.rows(edition, "campaign", "deadlines", track["code"])
    row = next((one for one in rows if one["stage"] == stage), None)
    return Deadline(datetime.fromisoformat(row["at"]), citing.of_row(edition, row)) if row else None


def _papers(edition: Edition, track: Mapping[str, Any], route: str, step: Step) -> Iterator[Paper]:
    if "declaration" in step.papers:
        yield Paper(track["cover_title"], track.get("paper_copies"), (), citing.of_row(edition, track))
    for part in ("sheets", "letters"):
        if part.rstrip("s") in step.papers:
            for row in asks.rows(edition, "documents", part, track["code"]):
                yield Paper(
                    _plain(row["title"]), row.get("copies"), _recipients(row, route, step), citing.of_row(edition, row)
                )


def _plain(title: str) -> str:
    """A letter's title without the blanks the system fills in."""
    return title.replace("{year}年度", "")


def _recipients(row: Mapping[str, Any], route: str, step: Step) -> tuple[str, ...]:
    """Whom the unit that acts in this step sends it to."""
    senders = {"city"} if step.lane == "city" else set(KINDS[route]) - {"city"}
    listed: Iterable[Mapping[str, Any]] = row.get("recipients") or ()
    return tuple(one["name"] for one in listed if senders.intersection(one.get("only", senders)))


def _quotas(edition: Edition, track: Mapping[str, Any], route: str) -> Iterator[Quota]:
    """National quotas of the units on this route, and what a place sets for the units below."""
    for row in asks.rows(edition, "quotas", "quotas", track["code"]):
        if row["kind"] in KINDS[route] or (row.get("via") and route != GROUP):
            yield Quota(row["basis"], citing.of_row(edition, row))
    for row in asks.rows(edition, "quotas", "caps", track["code"]):
        yield Quota(row["basis"], citing.of_row(edition, row))
