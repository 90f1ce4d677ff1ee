"""Where an explanation or a row of an edition stands, in the words of a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from assessment.citing import cite
from assessment.knowledge.library import Basis, Library
from assessment.models import Edition
from assessment.vocabulary import Standing


@dataclass(frozen=True)
class Cited:
    """`edition` is empty where the page is about one edition anyway."""

    said: str
    standing: str
    url: str = ""
    edition: str = ""
    outside: bool = False


def of_row(edition: Edition, row: Mapping[str, Any]) -> Cited:
    """How a row of an edition's own chapters is cited; a field without a clause is the system's own question."""
    said = cite(edition, row.get("source", ""), row.get("clause", ""))
    return Cited(said or "平台要求", row.get("standing") or Standing.UNVERIFIED)


def of_basis(basis: Iterable[Basis], editions: Mapping[str, Edition], library: Library) -> list[Cited]:
    """Each basis whose edition can be read; the others are of years that are not loaded here."""
    return [_one(one, editions[one.edition], library) for one in basis if one.edition in editions]


def _one(basis: Basis, edition: Edition, library: Library) -> Cited:
    if basis.source.startswith(("http://", "https://")):
        return Cited(basis.clause, basis.standing, basis.source, edition.title, outside=True)
    if source := library.sources.get(basis.source):
        said = f"{source.title} {basis.clause}" if basis.clause != source.title else source.title
        return Cited(said, basis.standing, source.address, edition.title, outside=bool(source.address))
    url = reverse("policy_edition", args=[edition.code])
    return Cited(cite(edition, basis.source, basis.clause), basis.standing, url, edition.title)
