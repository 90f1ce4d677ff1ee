"""What officials of the demonstration do: take up, tick, return, qualify, decline, reserve; rank and seal lists."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from declarations.models import Declaration
from recommendations import ordering, ranking, reviewing
from recommendations.demo import book
from recommendations.models import RecommendationList, ReviewCheck
from smartfactory import workflow
from smartfactory.models import Role

if TYPE_CHECKING:
    from declarations.models import Track
    from recommendations.demo.staff import Staff
    from smartfactory.models import Authority, User

# What happens to a declaration after it was submitted, by where its journey ends.
SAME_POINTS = "各项得分相同，经比较，建成时间更早、现场更成熟的列前"
ACTS = {
    "draft": (),
    "submitted": (),
    "in_review": ("take_up",),
    "returned": ("take_up", "return_"),
    "qualified": ("take_up", "qualify"),
    "listed": ("take_up", "qualify"),
    "rejected": ("take_up", "reject"),
    "reserved": ("take_up", "reserve"),
}


def lead(declaration: Declaration, journey: str, actor: User) -> Declaration:
    """Carry a submitted declaration to where its journey ends."""
    for name in ACTS[journey]:
        declaration = _act(declaration, name, actor)
    return declaration


def _act(declaration: Declaration, name: str, actor: User) -> Declaration:
    words = book.world()
    if name == "return_":
        returns = words["returns"]
        return reviewing.send_back(
            declaration, items=returns["items"], note=returns["note"], actor=actor, version=declaration.version
        )
    if name == "qualify":
        _tick_all(declaration, actor)
    return workflow.fire(declaration, name, actor=actor, version=declaration.version, note=words.get(name, ""))


def _tick_all(declaration: Declaration, actor: User) -> None:
    review = reviewing.review_of(declaration)
    ticked = {one.key: reviewing.PASS for one in ReviewCheck.objects.filter(track=declaration.track)}
    reviewing.save(review, ticked=ticked, note=book.world()["review_note"], version=review.version, actor=actor)


def rank(
    track: Track, authority: Authority, staff: Staff, among: Collection[int], *, leave: int = 0, most: int | None = None
) -> RecommendationList:
    """Open the list and add candidates from the enterprises `among`, those the lower lists rank highest first.

    At most `most` are added, and the last `leave` are left to be added by whoever signs in.
    """
    official = staff.at(Role.OFFICIAL, authority)
    one = ranking.open_list(track=track, authority=authority, actor=official)
    found = [each for each in ranking.candidates(one) if each.declaration.enterprise_id in among]
    found.sort(key=lambda each: each.source.rank if each.source else 0)
    for candidate in found[: len(found) - leave][:most]:
        ranking.add_entry(one, candidate.declaration, actor=official, source=candidate.source)
    ranking.apply_suggestion(one, actor=official, version=one.version)
    return one


def freeze(one: RecommendationList, staff: Staff) -> RecommendationList:
    official = staff.at(Role.OFFICIAL, one.authority)
    explain(one, official)
    return workflow.fire(one, "freeze", actor=official, version=one.version)


def explain(one: RecommendationList, official: User) -> None:
    """Say why of two projects with the same points the one goes first, as the page asks."""
    found = ordering.unsettled(list(one.entries.select_related("declaration__enterprise", "source")))
    if found:
        reasons = {about.entry.pk: SAME_POINTS for about in found}
        ranking.explain(one, reasons, actor=official, version=one.version)


def seal(one: RecommendationList, staff: Staff) -> RecommendationList:
    """Frozen by the official, sealed by another person."""
    frozen = freeze(one, staff)
    return workflow.fire(frozen, "seal", actor=staff.at(Role.SEALER, one.authority), version=frozen.version)


def reviewer(declaration: Declaration, staff: Staff, authorities: Iterable[Authority]) -> User:
    """The official of the unit that reviews on this track: the nearest above the enterprise that makes a list."""
    path = declaration.receiver.path
    nearest = max((one for one in authorities if path.startswith(one.path)), key=lambda one: len(one.path))
    return staff.at(Role.OFFICIAL, nearest)
