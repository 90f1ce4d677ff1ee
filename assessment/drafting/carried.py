"""Dates and years a clone brought along: what computes with them would go on computing with last year's.

Texts are not looked at: a rule that speaks of last year's notice is among the unverified ones anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.chapters.registry import Chapter, chapters
from assessment.drafting import documents, words

# Where a row keeps what is computed with, at any depth.
COMPUTED = frozenset({"params", "columns", "at", "opens_at", "month", "year", "criterion"})
# How many years back a notice counts; what lies further off is a bound of what can be true.
BACK, AHEAD = 6, 1
DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?(?!\d)")


@dataclass(frozen=True)
class Carried:
    """One row with the dates it still has from the old edition. `path` leads to it at the policy desk."""

    chapter: Chapter
    path: str
    title: str
    dates: tuple[str, ...]


def listed(source: Mapping[str, Any], base: Mapping[str, Any]) -> list[Carried]:
    """Rows whose dates are those of the edition they were cloned from, in the order of the chapters."""
    year = int((base.get("edition") or {}).get("year") or 0)
    before = {(one.chapter.name, one.title, one.dates) for one in _dated(base, year)}
    return [one for one in _dated(source, year) if (one.chapter.name, one.title, one.dates) in before]


def _dated(source: Mapping[str, Any], year: int) -> Iterator[Carried]:
    for chapter in chapters():
        if chapter.name == "edition" or not chapter.shape or chapter.name not in source:
            continue
        for place in documents.walk(source[chapter.name], chapter.shape):
            if place.number and isinstance(place.node, dict) and (dates := tuple(_dates(place.node, year))):
                yield Carried(chapter, place.path, words.title(place.node), dates)


def _dates(row: Mapping[str, Any], year: int) -> Iterator[str]:
    own = (value for key, value in row.items() if key in COMPUTED)
    found = (one for value in own for text in _texts(value) for one in DATED.findall(text))
    return (one for one in found if year - BACK <= int(one[:4]) <= year + AHEAD)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield str(value)
