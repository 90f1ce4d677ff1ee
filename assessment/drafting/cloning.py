"""A new edition from an old one: its own codes throughout, and nothing in it confirmed yet.

What last year's notice said is not what this year's says: a clone carries every rule over as unverified, so that the
list of what is still to be checked is complete from the first minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assessment.chapters.registry import chapters
from assessment.drafting import documents
from assessment.vocabulary import Standing

if TYPE_CHECKING:
    from assessment.models import Edition
    from smartfactory.models import Authority

STANDINGS = frozenset({"standing", "formula_standing", "limit_standing"})
# Texts in which the year is part of a name, not of what a notice says.
NAMES = frozenset({"title", "number_prefix"})
NOTICE = "notice"


@dataclass(frozen=True)
class Wish:
    """What the new edition is to be: its code, name and year, and the paper that orders it, if it is there already."""

    code: str
    title: str
    year: int
    number: str = ""
    paper: str = ""
    issued: str = ""


def cloned(edition: Edition, wish: Wish, authority: Authority) -> dict[str, str]:
    """Chapter → text of the new edition, written for `authority`."""
    source = edition.source
    swap = _Renaming(edition, wish)
    made = {one.name: swap.value(source[one.name]) for one in chapters() if one.name in source}
    groups = {key: made["edition"][key] for key in ("places", "pools") if made["edition"].get(key)}
    made["edition"] = _head(source["edition"], wish, authority) | groups
    if authority.parent_id:
        _stand_for(made.get("campaign") or {}, source.get("campaign") or {})
    return documents.texts(made)


def _head(head: dict[str, Any], wish: Wish, authority: Authority) -> dict[str, Any]:
    """The clone is whole: it extends nothing, and says for itself whom it is for."""
    made = {"code": wish.code, "title": wish.title, "year": wish.year, "status": "draft"}
    made |= {key: head[key] for key in ("summary",) if head.get(key)}
    if authority.parent_id:
        made["region"] = authority.code
    elif head.get("region"):
        made |= {key: head[key] for key in ("region", "excluded") if head.get(key)}
    return made | {"documents": [*_paper(wish), *head["documents"]]}


def _paper(wish: Wish) -> list[dict[str, Any]]:
    if not wish.paper:
        return []
    row = {"id": f"{NOTICE}-{wish.code}", "number": wish.number, "title": wish.paper, "issued": wish.issued}
    return [{key: value for key, value in row.items() if value} | {"standing": str(Standing.OFFICIAL)}]


def _stand_for(campaign: dict[str, Any], source: dict[str, Any]) -> None:
    """The tracks of a place stand for the national ones they were cloned from."""
    for row, old in zip(campaign.get("tracks", []), source.get("tracks", []), strict=False):
        row.setdefault("like", old["code"])


class _Renaming:
    """Codes of the old edition, and of the one it extended, become codes of the new one; standings fall back."""

    def __init__(self, edition: Edition, wish: Wish) -> None:
        olds = sorted(filter(None, (edition.code, edition.source["edition"].get("extends"))), key=len, reverse=True)
        documents = {one["id"] for one in edition.source["edition"]["documents"]}
        self.code = re.compile(rf"^({'|'.join(map(re.escape, olds))})(?=-[A-Za-z])")
        self.olds, self.kept = set(olds), documents
        self.new = wish.code
        self.year = (str(edition.year), str(wish.year))

    def value(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self.value(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [self.value(one, key) for one in value]
        return self.text(value, key) if isinstance(value, str) else value

    def text(self, text: str, key: str) -> str:
        if key in STANDINGS:
            return str(Standing.UNVERIFIED)
        if key == "code" and text in self.olds:
            return self.new
        if key in NAMES:
            return text.replace(*self.year)
        if key in ("source", "id", "like") or text in self.kept:
            return text
        return self.code.sub(self.new, text)
