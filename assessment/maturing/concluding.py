"""The result of a round as screen and paper show it: levels, arithmetic, bands, what the next level still wants.

Everything is read from exact fractions. Two decimals are shown and the rest is dropped, never rounded up, so that no
figure looks as if it had reached a limit that it has not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assessment.maturing.book import Book, Requirement, level_word
from assessment.maturing.judging import Judged
from assessment.maturity import Band, Node, effective_weights, total

# How many missing requirements a page lists before it folds the rest away.
SHOWN = 12


def show(value: Fraction | None, places: int = 2) -> str:
    """The first decimals of a value; a dash where there is none."""
    if value is None:
        return "—"
    whole, part = divmod(int(value * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}"


def percent(value: Fraction) -> str:
    """A weight in percent, as short as it can be said."""
    return f"{show(value).rstrip('0').rstrip('.')}%"


@dataclass(frozen=True)
class LevelLine:
    """What one level came to, and how that was worked out."""

    level: int
    value: Fraction | None
    satisfied: bool
    counted: bool
    state: str
    formula: str
    open: int

    @property
    def word(self) -> str:
        return level_word(self.level)

    @property
    def said(self) -> str:
        return show(self.value)


@dataclass(frozen=True)
class NodeLine:
    """A node of the tree: its weight as printed and as used, and its value at each level."""

    code: str
    name: str
    depth: int
    printed: str
    used: str
    values: tuple[str, ...]
    placeholder: bool = False
    cut_reason: str = ""
    leaf: bool = False


@dataclass(frozen=True)
class BandLine:
    band: Band
    said: str
    here: bool


@dataclass(frozen=True)
class Missing:
    """A requirement that is not fully met at the level that ended the count, and what meeting it would add."""

    requirement: Requirement
    subdomain: str
    mark: str
    gain: Fraction

    @property
    def said(self) -> str:
        return f"+{show(self.gain, 4)}"


class Conclusion:
    """Everything the result page and the report say about one set of answers."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged
        self.book: Book = judged.book
        self.standard = judged.book.standard
        self.outcome = judged.outcome

    @property
    def total(self) -> str:
        return show(self.outcome.total)

    @property
    def exact_total(self) -> Fraction:
        return self.outcome.total

    @property
    def band(self) -> Band:
        return self.outcome.band

    @property
    def level_word(self) -> str:
        return level_word(self.band.level)

    @property
    def threshold(self) -> str:
        return show(self.standard.satisfied_at)

    @property
    def title(self) -> str:
        name = f"（{self.band.name}）" if self.band.level else ""
        return f"预评结果：{self.level_word}{name}，{self.total} 分"

    @cached_property
    def levels(self) -> list[LevelLine]:
        return [self._level(one) for one in self.standard.levels]

    def _level(self, level: int) -> LevelLine:
        value = self.outcome.levels.get(level)
        stopped = self.standard.stop_at_first and self.judged.deciding is not None and level > self.judged.deciding
        satisfied = self.standard.satisfied(value) and not stopped
        left = len(self.judged.open(level))
        return LevelLine(level, value, satisfied, not stopped, self._state(level, value, stopped, left),
                         self._formula(level, value), left)  # fmt: skip

    def _state(self, level: int, value: Fraction | None, stopped: bool, left: int) -> str:
        if stopped:
            return "不再计分"
        if left:
            return f"还有 {left} 条没有答"
        if self.standard.satisfied(value):
            return "满足，计 1 分"
        return f"不满足，计 {show(value)} 分后停止" if self.standard.stop_at_first else f"不满足，计 {show(value)} 分"

    def _formula(self, level: int, value: Fraction | None) -> str:
        """A(L) as the weighted sum of the elements; weights among those that have requirements at this level."""
        if value is None:
            return ""
        nodes = [one for one in self.standard.tree if (one.code, level) in self.outcome.nodes]
        whole = sum(one.weights[self.book.kind] for one in nodes)
        parts = [
            f"{one.name} {show(self.outcome.nodes[one.code, level])}×{percent(one.weights[self.book.kind] * 100 / whole)}"
            for one in nodes
        ]
        return " + ".join(parts) + f" = {show(value)}"

    @cached_property
    def stop_words(self) -> str:
        """Why the level is what it is, in one sentence."""
        passed = [f"{one.word} {one.said}" for one in self.levels if one.satisfied]
        words = f"{'、'.join(passed)} 达到 {self.threshold}，算满足，各计 1 分；" if passed else ""
        level = self.judged.deciding
        if level is None:
            return f"{words}各级都满足"
        line = next(one for one in self.levels if one.level == level)
        if line.value is None:
            return f"{words}{line.word}{line.state}，算到这里为止"
        above = [one.word for one in self.levels if one.level > level]
        rest = f"，{'、'.join(above)}不再计分" if above and self.standard.stop_at_first else ""
        return f"{words}{line.word} {line.said}，没有达到 {self.threshold}，计入这一分数后停止{rest}"

    @cached_property
    def sum_words(self) -> str:
        """S as the sum it is."""
        parts = [("1" if one.satisfied else one.said) for one in self.levels if one.counted and one.value is not None]
        return f"S = {' + '.join(parts) or '0'} = {self.total}"

    @cached_property
    def free(self) -> str:
        """What would come out without the stop rule, if that is another level."""
        found = total(self.standard, self.outcome.levels, stop=False)
        band = self.standard.band(found)
        if not self.standard.stop_at_first or band.level == self.band.level:
            return ""
        return f"若不停止，S 是 {show(found)}，会落在{level_word(band.level)}；本系统按停止规则计"

    @cached_property
    def bands(self) -> list[BandLine]:
        rows = self.standard.bands
        tops = [*(f" < {show(one.lower)}" for one in rows[1:]), f" ≤ {show(Fraction(len(self.standard.levels)))}"]
        return [
            BandLine(one, f"{show(one.lower)} ≤ S{top}", one == self.band) for one, top in zip(rows, tops, strict=True)
        ]

    @cached_property
    def nodes(self) -> list[NodeLine]:
        return list(self._walk(self.standard.tree, 0))

    @property
    def cuts(self) -> list[NodeLine]:
        """What was cut, each with its reason."""
        return [one for one in self.nodes if one.cut_reason]

    @cached_property
    def domains(self) -> list[NodeLine]:
        """The ability domains that take part: what lies directly above the sub-domains."""
        above = {self.book.parents[code][-1].code for code in self.judged.kept}
        return [one for one in self.nodes if one.code in above]

    def _walk(self, nodes: tuple[Node, ...], depth: int) -> Iterator[NodeLine]:
        for node in nodes:
            if self.book.kind in node.weights:
                yield self._node(node, depth)
                if self._same(node) is None:
                    yield from self._walk(node.children, depth + 1)

    def _same(self, node: Node) -> Node | None:
        """The only child of a domain that is just the domain again; one line is enough for both."""
        mine = [one for one in node.children if self.book.kind in one.weights]
        return mine[0] if len(mine) == 1 and mine[0].name == node.name else None

    @cached_property
    def _weights(self) -> dict[str, tuple[Fraction, Fraction]]:
        return effective_weights(self.standard, self.book.kind, self.judged.cut)

    def _node(self, node: Node, depth: int) -> NodeLine:
        answer = self.judged.answer((self._same(node) or node).code)
        printed, used = self._weights.get(node.code, (node.weights[self.book.kind], None))
        values = tuple(show(self.outcome.nodes.get((node.code, level))) for level in self.standard.levels)
        return NodeLine(
            node.code,
            node.name,
            depth,
            percent(printed),
            percent(used) if used is not None else "裁剪",
            values,
            node.code in self.book.placeholders,
            answer.cut_reason if answer.cut else "",
            not node.children,
        )

    @cached_property
    def missing(self) -> list[Missing]:
        """What the level that ended the count still wants, what would add most first."""
        level = self.judged.deciding
        if level is None:
            return []
        shares = self.judged.gains(level)
        found = [
            self._missing(one, shares.get(code, Fraction(0)))
            for code in self.judged.kept
            for one in self.book.at(code, level)
            if Fraction(self.judged.mark(one) or 0) < 1
        ]
        return sorted(found, key=lambda one: -one.gain)

    @property
    def first_missing(self) -> list[Missing]:
        return self.missing[:SHOWN]

    @property
    def more_missing(self) -> list[Missing]:
        return self.missing[SHOWN:]

    def _missing(self, one: Requirement, share: Fraction) -> Missing:
        said = self.judged.mark(one)
        count = len(self.book.at(one.code, one.level))
        gain = share * (1 - Fraction(said or 0)) / count
        word = self.book.words[said] if said else "没有答"
        return Missing(one, self.book.subdomains[one.code].name, word, gain)

    @property
    def next_level(self) -> str:
        return level_word(self.judged.deciding) if self.judged.deciding else ""

    @property
    def short(self) -> str:
        """How much A of the deciding level lacks."""
        value = self.outcome.levels.get(self.judged.deciding or 0)
        if value is None:
            return ""
        lacking = self.standard.satisfied_at - value
        return show(lacking, 4) if lacking * 10**4 == int(lacking * 10**4) else show(lacking + Fraction(1, 10**4), 4)
