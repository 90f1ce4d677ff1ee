"""What was found about one declaration, as far as one official may see the other side of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from declarations.content.comparison import Piece, compare
from declarations.vocabulary import Status
from recommendations.likeness.passages import RUN
from recommendations.models import Likeness, ReadRevision

if TYPE_CHECKING:
    from declarations.models import Declaration, Revision
    from smartfactory.models import User

SHOWN, SHOWN_PASSAGES = 8, 6
SIDES = ("newer", "older")
WITH = ("enterprise__authority", "enterprise__soe", "track__campaign__edition")


@dataclass(frozen=True)
class Side:
    """One of two passages: where it stands, and its text in pieces that are the same in both, or not."""

    label: str
    row: str
    pieces: tuple[tuple[bool, str], ...]


@dataclass(frozen=True)
class Alike:
    here: Side
    there: Side
    share: int


@dataclass(frozen=True)
class Other:
    """Another declaration with the passages in common, longest first."""

    revision: Revision
    own: bool
    passages: list[Alike]
    more: int

    @property
    def url(self) -> str:
        return reverse("declaration_revision", args=[self.revision.declaration.public_id, self.revision.number])


@dataclass(frozen=True)
class Report:
    """`read` is when it was compared, None while it waits; `hidden` counts declarations whose side may not be seen."""

    read: ReadRevision | None
    others: list[Other]
    own: list[Other]
    more: int
    hidden: int


def report(declaration: Declaration, user: User) -> Report:
    """Three queries, however much was found."""
    latest = declaration.latest_revision
    read = ReadRevision.objects.filter(revision=latest).first()
    rows = _rows(declaration)
    seen = list(
        rows.visible_to(user).select_related(*(f"{side}__declaration__{one}" for side in SIDES for one in WITH))
    )
    found = _others(declaration, seen)
    known = {one.revision.pk for one in found}
    # Only that there is something, for who may see more to look at: neither whose nor what.
    everything = {pk for pair in rows.values_list("newer", "older") for pk in pair} - {latest.pk}
    foreign, own = [one for one in found if not one.own], [one for one in found if one.own]
    return Report(read, foreign[:SHOWN], own[:SHOWN], max(0, len(foreign) - SHOWN), len(everything - known))


def _rows(declaration: Declaration) -> QuerySet[Likeness]:
    """Pairs with the latest revision of the other one, unless it has been withdrawn."""
    latest, found = declaration.latest_revision, Q()
    for mine, theirs in (SIDES, SIDES[::-1]):
        found |= Q(**{mine: latest, f"{theirs}__declaration__latest_revision": F(f"{theirs}__pk")}) & ~Q(
            **{f"{theirs}__declaration__status": Status.DRAFT}
        )
    return Likeness.objects.filter(found)


def _others(declaration: Declaration, rows: list[Likeness]) -> list[Other]:
    groups: dict[int, list[tuple[Likeness, bool]]] = defaultdict(list)
    for row in rows:
        first = row.newer_id == declaration.latest_revision_id
        groups[row.older_id if first else row.newer_id].append((row, first))
    found = [_other(declaration, group) for group in groups.values()]
    return sorted(found, key=lambda one: -sum(len(text) for each in one.passages for _, text in each.here.pieces))


def _other(declaration: Declaration, group: list[tuple[Likeness, bool]]) -> Other:
    row, first = group[0]
    revision = row.older if first else row.newer
    group.sort(key=lambda one: -len(one[0].newer_text))
    shown = [_alike(row, first=first) for row, first in group[:SHOWN_PASSAGES]]
    own = revision.declaration.enterprise_id == declaration.enterprise_id
    return Other(revision, own, shown, len(group) - len(shown))


def _alike(row: Likeness, *, first: bool) -> Alike:
    mine, theirs = SIDES if first else SIDES[::-1]
    pieces = list(compare(getattr(row, f"{mine}_text"), getattr(row, f"{theirs}_text")))
    return Alike(_side(row, mine, pieces, "del"), _side(row, theirs, pieces, "ins"), row.share)


def _side(row: Likeness, side: str, pieces: list[Piece], own: str) -> Side:
    """Short agreements are chance: only what runs long enough is marked as the same."""
    found = [(kind == "same" and len(text) >= RUN, text) for kind, text in pieces if kind in ("same", own)]
    key = getattr(row, f"{side}_key").replace(".", "-")
    return Side(getattr(row, f"{side}_label"), key, tuple(found))
