"""The whole demonstration in one transaction: it is either all there or not at all."""

from __future__ import annotations

from django.db import transaction

from declarations.models import Declaration, Track
from recommendations import packets
from recommendations.demo import book, desks, filing, flagship, ground, maturing
from recommendations.demo.book import Firm
from recommendations.demo.staff import Staff
from smartfactory.models import Authority, Enterprise, Role


def present() -> bool:
    """Whether the demonstration has been told already."""
    return Enterprise.objects.filter(credit_code=book.flagship().credit_code).exists()


@transaction.atomic
def tell() -> None:
    """Enterprises, people, declarations and lists, in the order in which they would come about."""
    ground.keep_open()
    ground.set_caps()
    staff = Staff()
    enterprises = {firm: ground.found(firm) for firm in book.firms()}
    staff.hire(enterprises[book.flagship()])
    tracks = {code: Track.objects.get(code=code) for code in book.world()["deadlines"]["tracks"]}
    desks_of = _desks()
    for code, track in tracks.items():
        for firm in book.firms():
            if code in firm.journeys:
                _walk(firm, enterprises[firm], track, staff, desks_of[code])
    mine = {one.pk for one in enterprises.values()}
    for row in book.world()["lists"]:
        _list(row, tracks[row["track"]], staff, mine)


def _desks() -> dict[str, list[Authority]]:
    """Track → the units that review and make a list on it."""
    units = {one.code: one for one in Authority.objects.filter(is_demo=True)}
    found: dict[str, list[Authority]] = {}
    for row in book.world()["lists"]:
        found.setdefault(row["track"], []).append(units[row["authority"]])
    return found


def _walk(firm: Firm, enterprise: Enterprise, track: Track, staff: Staff, units: list[Authority]) -> Declaration:
    """One declaration from the empty form to where its journey ends."""
    journey = firm.journeys[track.code]
    if journey == "flagship":
        flagship.assess(enterprise, track, staff)
        maturing.measure(enterprise, staff)
        return flagship.write(enterprise, track, staff)
    declaration = filing.draft(firm, enterprise, track, staff)
    if journey == "draft":
        return declaration
    declaration = filing.submit(declaration, staff)
    official = desks.reviewer(declaration, staff, units)
    if journey == "corrected":
        declaration = filing.correct(desks.lead(declaration, "returned", official), staff)
        return desks.lead(declaration, "in_review", official)
    return desks.lead(declaration, journey, official)


def _list(row: dict, track: Track, staff: Staff, mine: set[int]) -> None:
    authority = Authority.objects.get(code=row["authority"])
    one = desks.rank(track, authority, staff, mine, leave=row.get("leave", 0))
    if row["until"] == "sealed":
        one = desks.seal(one, staff)
        if row.get("packet"):
            packets.order_packet(one, [], actor=staff.at(Role.OFFICIAL, authority))
    elif row["until"] == "frozen":
        desks.freeze(one, staff)
