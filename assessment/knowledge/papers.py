"""What is handed in at a step, and how many may be: the numbers of the notice that binds who acts there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.knowledge import asks, citing, limits
from assessment.knowledge.library import Step
from assessment.models import Edition
from assessment.vocabulary import Standing

PROVINCE, GROUP, PLACE = "province", "group", "place"
# The kind of recommending unit whose quota and recipients belong to a route.
KINDS = {
    PROVINCE: ("province", "separately_planned_city", "xpcc"),
    GROUP: ("central_soe",),
    PLACE: ("province", "city"),
}


@dataclass(frozen=True)
class Place:
    """A track as one edition has it. `above`: the track of the national edition it extends, with its own numbers."""

    edition: Edition
    track: Mapping[str, Any]
    above: Place | None = None
    has_city: bool = False

    def rows(self, chapter: str, part: str) -> list[Mapping[str, Any]]:
        return asks.rows(self.edition, chapter, part, self.track["code"])

    def owns(self, row: Mapping[str, Any]) -> bool:
        """Whether the row stands in a paper of this place, not in one it takes over."""
        listed = self.above.edition.source["edition"]["documents"] if self.above else ()
        return bool(row.get("source")) and row["source"] not in {one["id"] for one in listed}


@dataclass(frozen=True)
class Paper:
    """A paper of a step. No copies: the notice says no number. Not asked: the system can make it, no notice wants it."""

    title: str
    copies: int | None
    recipients: tuple[str, ...]
    cited: citing.Cited
    asked: bool = True


@dataclass(frozen=True)
class Quota:
    words: str
    cited: citing.Cited


def papers(place: Place, route: str, step: Step, cited: citing.Cited) -> Iterator[Paper]:
    """What is handed in at this step: the notice of whom it goes to says how many, and to whom."""
    here = place.above if place.above and place.has_city and step.lane not in ("enterprise", "city") else place
    if "declaration" in step.papers and (sent := _declaration(here, route, step, cited)):
        yield sent
    for part in ("sheets", "letters"):
        for row in here.rows("documents", part) if part.rstrip("s") in step.papers else ():
            yield _paper(here, route, step, row, cited, part)


def _declaration(here: Place, route: str, step: Step, cited: citing.Cited) -> Paper | None:
    """Said where a notice says it: a place of its firms, the nation of those who recommend."""
    copies, own = here.track.get("paper_copies"), citing.of_row(here.edition, here.track)
    if step.lane != "enterprise":
        return Paper(here.track["cover_title"], copies, _recipients(here, route, step), cited)
    if copies is not None and not here.edition.region:
        return None
    return Paper(here.track["cover_title"], copies, (), own)


def _paper(here: Place, route: str, step: Step, row: Mapping[str, Any], cited: citing.Cited, part: str) -> Paper:
    asked = part == "sheets" or row.get("standing") != Standing.UNVERIFIED
    if not asked:
        # No clause: a letter nobody asked for is the system's own offer.
        return Paper(_plain(row["title"]), None, (), citing.of_row(here.edition, {}), asked=False)
    # What the nation wants of a province says nothing of what the province wants of a city.
    taken_over = step.lane == "city" and not here.owns(row)
    said = cited if taken_over or (part == "sheets" and step.basis) else citing.of_row(here.edition, row)
    return Paper(_plain(row["title"]), None if taken_over else row.get("copies"), _recipients(here, route, step), said)


def _plain(title: str) -> str:
    """A letter's title without the blanks the system fills in."""
    return title.replace("{year}年度", "")


def _recipients(here: Place, route: str, step: Step) -> tuple[str, ...]:
    """Whom the unit that acts in this step sends its papers to; a city writes to whoever is named for cities."""
    city = step.lane == "city"
    senders = {"city"} if city else set(KINDS[route]) - {"city"}
    for row in (*here.rows("documents", "sheets"), *here.rows("documents", "letters")):
        listed: Iterable[Mapping[str, Any]] = row.get("recipients") or ()
        if found := [one["name"] for one in listed if senders.intersection(one.get("only", () if city else senders))]:
            return tuple(found)
    return ()


def quotas(place: Place, route: str, step: Step) -> Iterator[Quota]:
    """National quotas of the units on this route, and what a place sets for the units below; each where it binds."""
    city = step.lane == "city"
    for row in () if city else place.rows("quotas", "quotas"):
        if row["kind"] in KINDS[route] or (row.get("via") and route != GROUP):
            yield Quota(row["basis"], citing.of_row(place.edition, row))
    for row in place.rows("quotas", "caps"):
        if not place.has_city or (row["kind"] == "city") == city:
            yield Quota(row["basis"], citing.of_row(place.edition, row))


def extras(place: Place, step: Step) -> Iterator[limits.Limit]:
    """Files a place asks of its firms beside the declaration."""
    if place.above and step.lane == "enterprise" and "declaration" in step.papers:
        wanted = {field["label"] for _, field in limits.fields(place.edition, place.track["code"]) if place.owns(field)}
        yield from (one for one in limits.files(place.edition, place.track["code"]) if one.label in wanted)


def pools(place: Place) -> Iterator[Quota]:
    """Where those go who are not taken: a place may keep them in a pool of its own."""
    for row in place.edition.source["edition"].get("pools") or ():
        if row["track"] == place.track["code"]:
            yield Quota(f"{row['title']}：{row['text']}", citing.of_row(place.edition, row))
