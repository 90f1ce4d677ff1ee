"""What changed between two revisions, answer by answer; inside long texts, character by character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from declarations.content.description import Description
from declarations.content.surroundings import surroundings
from declarations.content.walk import Row, rows
from declarations.content.walk import described as _description

SAME, REMOVED, ADDED = "same", "del", "ins"
PARTS = (REMOVED, ADDED)
# Comparing is quadratic: longer passages are shown as replaced whole.
LONGEST = 1500
_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]?")
Piece = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One answer that differs. `old` and `new` are pieces (same, del, ins) that spell the two texts in full.

    What differs around the answers (registration, order) has no section and no rows.
    """

    key: str
    section: str
    label: str
    group: str
    before: Row | None
    after: Row | None
    old: tuple[Piece, ...]
    new: tuple[Piece, ...]

    @property
    def row(self) -> Row | None:
        return self.after or self.before


def diff(
    a: Mapping[str, Any], b: Mapping[str, Any], description: Description | None = None, *, masked: bool = False
) -> list[Change]:
    """The answers that differ between payloads `a` and `b`, in the order of the form; nothing for equal payloads."""
    before = {row.key: row for row in rows(a, description, masked=masked)}
    after = {row.key: row for row in rows(b, description, masked=masked)}
    # Masked texts may look equal although the values differ.
    raw_before = {row.key: row.text for row in rows(a, description)} if masked else {}
    raw_after = {row.key: row.text for row in rows(b, description)} if masked else {}
    found = []
    for key in _order(before, after):
        old, new = before.get(key), after.get(key)
        old_text, new_text = old.text if old else "", new.text if new else ""
        if raw_before.get(key, old_text) != raw_after.get(key, new_text):
            found.append(_change(key, old, new, old_text, new_text))
    around = surroundings(a, b, description or _description(a))
    return [*found, *(_around(*one) for one in around)]


def _around(label: str, old: str, new: str, key: str) -> Change:
    """A difference that belongs to no answer, and so to no section."""
    pieces = list(_replaced(old, new))
    return Change(key, "", label, "", None, None, *(tuple(one for one in pieces if one[0] == kind) for kind in PARTS))


def _order(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    """Keys in the order of the new form, removed ones after the key they used to follow."""
    order = list(after)
    last = -1
    for key in before:
        if key in after:
            last = order.index(key)
        else:
            last += 1
            order.insert(last, key)
    return order


def _change(key: str, old: Row | None, new: Row | None, old_text: str, new_text: str) -> Change:
    pieces = list(compare(old_text, new_text))
    row = new or old
    return Change(
        key,
        row.section,
        row.label,
        row.group,
        old,
        new,
        tuple(one for one in pieces if one[0] != ADDED),
        tuple(one for one in pieces if one[0] != REMOVED),
    )


def compare(old: str, new: str) -> Iterator[Piece]:
    """Pieces of both texts in reading order. Sentences first, then characters within what was replaced."""
    a, b = _sentences(old), _sentences(new)
    for op, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left, right = "".join(a[a_from:a_to]), "".join(b[b_from:b_to])
        if op == "equal":
            yield SAME, left
        elif op == "replace" and len(left) <= LONGEST and len(right) <= LONGEST:
            yield from _characters(left, right)
        else:
            yield from _replaced(left, right)


def _sentences(text: str) -> Sequence[str]:
    return [one for one in _SENTENCE.findall(text) if one]


def _characters(old: str, new: str) -> Iterator[Piece]:
    for op, a_from, a_to, b_from, b_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            yield SAME, old[a_from:a_to]
        else:
            yield from _replaced(old[a_from:a_to], new[b_from:b_to])


def _replaced(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield REMOVED, old
    if new:
        yield ADDED, new
