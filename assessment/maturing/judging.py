"""From answers to a result: which levels are answered, what is still needed, what each level comes to.

Pure. A level counts only when every requirement of it is answered: an open question must not read as "no requirement".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from assessment.maturing.book import Book, Requirement
from assessment.maturity import Outcome, Scores, score


@dataclass(frozen=True)
class Answer:
    """What was answered in one sub-domain."""

    marks: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    cut_reason: str = ""


@dataclass(frozen=True)
class Judged:
    """The answers of a round held against its standard."""

    book: Book
    answers: Mapping[str, Answer]

    @cached_property
    def cut(self) -> frozenset[str]:
        return frozenset(code for code in self.book.subdomains if self.answer(code).cut)

    @cached_property
    def kept(self) -> list[str]:
        return [code for code in self.book.subdomains if code not in self.cut]

    def answer(self, code: str) -> Answer:
        return self.answers.get(code) or Answer()

    def mark(self, one: Requirement) -> str:
        """The mark of a requirement as text; empty while nobody answered."""
        said = self.answer(one.code).marks.get(one.key, "")
        return said if said in self.book.words else ""

    def open(self, level: int) -> list[Requirement]:
        """The requirements of a level that nobody answered."""
        return [one for code in self.kept for one in self.book.at(code, level) if not self.mark(one)]

    @cached_property
    def outcome(self) -> Outcome:
        """The score of the levels that are answered whole."""
        whole = [level for level in self.book.standard.levels if not self.open(level)]
        cells = {
            (code, level): tuple(Fraction(self.mark(one)) for one in found)
            for code in self.kept
            for level in whole
            if (found := self.book.at(code, level))
        }
        return score(self.book.standard, Scores(self.book.kind, cells, self.cut))

    @cached_property
    def needed(self) -> list[Requirement]:
        """What must be answered before the round can end: with the stop rule nothing above the first level missed."""
        found: list[Requirement] = []
        for level in self.book.standard.levels:
            left = self.open(level)
            found += left
            if self.book.standard.stop_at_first and (left or self.missed(level)):
                break
        return found

    def missed(self, level: int) -> bool:
        value = self.outcome.levels.get(level)
        return value is not None and not self.book.standard.satisfied(value)

    @cached_property
    def deciding(self) -> int | None:
        """The level that ended the count: the first not satisfied; None when all are satisfied."""
        satisfied = self.book.standard.satisfied
        levels = self.outcome.levels
        return next((one for one in self.book.standard.levels if not satisfied(levels.get(one))), None)

    def progress(self, code: str) -> tuple[int, int]:
        """(answered, asked) of one sub-domain."""
        asked = self.book.requirements[code]
        return sum(bool(self.mark(one)) for one in asked), len(asked)

    def gains(self, level: int) -> dict[str, Fraction]:
        """How much of A(level) each sub-domain carries: the product of the weights on the way, among those present."""
        nodes = self.outcome.nodes
        found: dict[str, Fraction] = {}
        for code in self.kept:
            if (code, level) in nodes:
                found[code] = self._share(code, level)
        return found

    def _share(self, code: str, level: int) -> Fraction:
        share = Fraction(1)
        above = self.book.parents[code]
        for place, node in enumerate((*above, self.book.standard.leaves[code])):
            siblings = above[place - 1].children if place else self.book.standard.tree
            share *= node.weights[self.book.kind] / self._present(siblings, level)
        return share

    def _present(self, siblings: Iterable, level: int) -> Fraction:
        return sum(
            (one.weights[self.book.kind] for one in siblings if (one.code, level) in self.outcome.nodes), Fraction(0)
        )
