"""Two rounds side by side: what the score, the levels and the ability domains came to, and which answers changed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from assessment.maturing.book import Requirement, level_word
from assessment.maturing.concluding import show
from assessment.maturing.judging import Judged


@dataclass(frozen=True)
class Line:
    """One value before and now."""

    name: str
    before: Fraction | None
    now: Fraction | None

    @property
    def words(self) -> tuple[str, str, str]:
        return show(self.before), show(self.now), self.change

    @property
    def change(self) -> str:
        if self.before is None or self.now is None:
            return "—"
        if self.now == self.before:
            return "没有变"
        # The difference of the two figures shown, so that a reader who subtracts finds the same.
        rest = abs(Fraction(show(self.now)) - Fraction(show(self.before)))
        return f"{'升' if self.now > self.before else '降'} {show(rest) if rest else '不到 0.01'}"


@dataclass(frozen=True)
class Changed:
    """One answer that is not what it was."""

    requirement: Requirement
    subdomain: str
    before: str
    now: str
    note: str = ""


@dataclass(frozen=True)
class Comparison:
    levels: list[Line]
    total: Line
    level: int | None
    domains: list[Line]
    changed: list[Changed]
    cuts: list[tuple[str, str]]

    @property
    def level_word(self) -> str:
        return level_word(self.level) if self.level else "各级"


def comparable(before: Judged, now: Judged) -> bool:
    """Only rounds by the same version and for the same type can be held against each other."""
    return (before.book.standard.code, before.book.kind) == (now.book.standard.code, now.book.kind)


def compare(before: Judged, now: Judged) -> Comparison:
    """The domains are compared at the level that ended the count before: that is what there was to work on."""
    level = before.deciding
    return Comparison(
        levels=[
            Line(level_word(one), before.outcome.levels.get(one), now.outcome.levels.get(one))
            for one in now.book.standard.levels
        ],
        total=Line("总分", before.outcome.total, now.outcome.total),
        level=level,
        domains=_domains(before, now, level),
        changed=_changed(before, now),
        cuts=_cuts(before, now),
    )


def _domains(before: Judged, now: Judged, level: int | None) -> list[Line]:
    level = level or max(now.book.standard.levels)
    found = {node.code: node for code in now.book.subdomains for node in now.book.parents[code][-1:]}
    return [
        Line(one.name, before.outcome.nodes.get((one.code, level)), now.outcome.nodes.get((one.code, level)))
        for one in found.values()
    ]


def _changed(before: Judged, now: Judged) -> list[Changed]:
    found = []
    for code, asked in now.book.requirements.items():
        for one in asked:
            old = before.book.find(code, one.key)
            was = before.mark(old) if old else ""
            said = now.mark(one)
            if was != said:
                words = now.book.words
                name, note = now.book.subdomains[code].name, now.answer(code).notes.get(one.key, "")
                found.append(Changed(one, name, words.get(was, "没有答"), words.get(said, "没有答"), note))
    return found


def _cuts(before: Judged, now: Judged) -> list[tuple[str, str]]:
    found = []
    for code, leaf in now.book.subdomains.items():
        if (code in before.cut) != (code in now.cut):
            found.append((leaf.name, "这次裁剪了" if code in now.cut else "这次不再裁剪"))
    return found
