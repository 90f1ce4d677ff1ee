"""Cutting a declaration's own words into passages, and saying how much of one stands in another. Knows no database.

Running characters are compared, not words: Chinese has no spaces, and who copies changes a number or a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from declarations.vocabulary import Kind

if TYPE_CHECKING:
    from declarations.content import Row

# So many characters in a row are one piece of evidence.
RUN = 6
# A passage says at least so much; less is a phrase anybody may use.
SHORTEST = 30
# Percent of the shorter passage that must stand in the other.
ALIKE = 50
# Marks kept of a passage: whoever has most of its runs has these, too.
MARKS = 2
WRITTEN = frozenset({Kind.TEXT, Kind.TEXTAREA})
_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]?")
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Passage:
    """Some sentences of one answer; `at` counts them within it."""

    key: str
    label: str
    at: int
    text: str

    @cached_property
    def runs(self) -> frozenset[int]:
        plain = normalised(self.text)
        return frozenset(_number(plain[at : at + RUN]) for at in range(len(plain) - RUN + 1))

    @property
    def marks(self) -> list[int]:
        return sorted(self.runs)[:MARKS]


@dataclass(frozen=True)
class Pair:
    """A passage of the one and a passage of the other; `share` in percent of the shorter."""

    mine: Passage
    theirs: Passage
    share: int


def normalised(text: str) -> str:
    """Letters, digits and characters alone, the same however they were typed."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _number(run: str) -> int:
    """63 bits, the same on every machine."""
    return int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), "big") >> 1


def cut(rows: Iterable[Row]) -> list[Passage]:
    """The passages of what was written freely; private answers are left out."""
    found = []
    for row in rows:
        if row.field.kind in WRITTEN and not row.field.params.get("private"):
            label = f"{row.group} · {row.label}" if row.instance else row.label
            texts = enumerate(_pieces(row.text))
            found += [Passage(row.key, label[:160], at, text) for at, text in texts]
    return found


def _pieces(text: str) -> Iterator[str]:
    """Whole sentences, joined until they say enough; a short rest goes to the one before."""
    piece, before = "", ""
    for sentence in _SENTENCE.findall(text):
        piece += sentence
        if len(normalised(piece)) >= SHORTEST:
            if before:
                yield before.strip()
            before, piece = piece, ""
    if before:
        yield (before + piece).strip()


def pairs(mine: Iterable[Passage], theirs: Iterable[Passage]) -> list[Pair]:
    """Each passage of mine beside the one of theirs that has most of it; neighbours are put together again."""
    others = list(theirs)
    where: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(others):
        for run in one.runs:
            where[run].append(number)
    found = [pair for one in mine if (pair := _best(one, others, where))]
    return _joined(found)


def _best(mine: Passage, others: list[Passage], where: dict[int, list[int]]) -> Pair | None:
    hits = Counter(number for run in mine.runs for number in where.get(run, ()))
    rated = [(_share(mine, others[number], shared), number) for number, shared in hits.items()]
    share, number = max(rated, key=lambda one: (one[0], -one[1]), default=(0, 0))
    return Pair(mine, others[number], share) if share >= ALIKE else None


def _share(a: Passage, b: Passage, shared: int) -> int:
    return shared * 100 // max(1, min(len(a.runs), len(b.runs)))


def _joined(found: list[Pair]) -> list[Pair]:
    """Passages that follow each other on both sides are one longer passage."""
    joined: list[Pair] = []
    ends: tuple = ()
    for pair in found:
        here = (pair.mine.key, pair.mine.at, pair.theirs.key, pair.theirs.at)
        if ends and here == (ends[0], ends[1] + 1, ends[2], ends[3] + 1):
            joined[-1] = _together(joined[-1], pair)
        else:
            joined.append(pair)
        ends = here
    return joined


def _together(a: Pair, b: Pair) -> Pair:
    return Pair(
        replace(a.mine, text=a.mine.text + b.mine.text),
        replace(a.theirs, text=a.theirs.text + b.theirs.text),
        min(a.share, b.share),
    )
