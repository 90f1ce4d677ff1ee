"""Score the maturity of a factory by GB/T 39117: pure, in exact fractions, with every weight and band as data.

Promises: nothing is rounded before it is compared; a cell without requirements takes no part and is never a zero;
cutting a sub-domain spreads its weight over its siblings in proportion; levels count from the first one up, and with
the stop rule the first level that is not satisfied ends the count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from assessment.exact import decimal


class ScoresError(ValueError):
    """Scores that cannot be read; `problems` names each offending node or value."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("；".join(self.problems))


@dataclass(frozen=True)
class Node:
    """An element, domain or sub-domain. `weights` maps a manufacturing type to the share among siblings."""

    code: str
    name: str
    weights: Mapping[str, Fraction]
    children: tuple[Node, ...] = ()
    may_cut: bool = False
    requirements: tuple[int, ...] = ()

    def leaves(self) -> Iterator[Node]:
        """The sub-domains below, or the node itself."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Band:
    """A level is reached from `lower` up to the next band."""

    level: int
    name: str
    lower: Fraction


@dataclass(frozen=True)
class Standard:
    """One version of the standard, read from its definition."""

    code: str
    title: str
    standing: str
    types: Mapping[str, str]
    tree: tuple[Node, ...]
    scale: tuple[Fraction, ...]
    satisfied_at: Fraction
    bands: tuple[Band, ...]
    stop_at_first: bool = True

    @classmethod
    def from_definition(cls, data: Mapping[str, Any]) -> Standard:
        """Read a definition that was checked before."""
        return cls(
            code=data["code"],
            title=data["title"],
            standing=data["standing"],
            types={one["code"]: one["name"] for one in data["types"]},
            tree=tuple(_node(one) for one in data["tree"]),
            scale=tuple(Fraction(str(one)) for one in data["scale"]),
            satisfied_at=Fraction(str(data["satisfied_at"])),
            bands=tuple(Band(one["level"], one["name"], Fraction(str(one["lower"]))) for one in data["bands"]),
            stop_at_first=data["stop_at_first_unsatisfied"],
        )

    @cached_property
    def leaves(self) -> dict[str, Node]:
        return {leaf.code: leaf for node in self.tree for leaf in node.leaves()}

    @cached_property
    def levels(self) -> tuple[int, ...]:
        return tuple(band.level for band in self.bands if band.level)

    def band(self, total: Fraction) -> Band:
        """The highest band whose lower end `total` reaches."""
        return max((one for one in self.bands if total >= one.lower), key=lambda one: one.lower)

    def satisfied(self, value: Fraction | None) -> bool:
        return value is not None and value >= self.satisfied_at


def _node(data: Mapping[str, Any]) -> Node:
    return Node(
        code=data["code"],
        name=data["name"],
        weights={kind: Fraction(str(weight)) for kind, weight in data["weight"].items()},
        children=tuple(_node(one) for one in data.get("children", ())),
        may_cut=data.get("cut", False),
        requirements=tuple(data.get("requirements", ())),
    )


@dataclass(frozen=True)
class Scores:
    """What was scored: for each sub-domain and level the marks of its requirements."""

    kind: str
    cells: Mapping[tuple[str, int], tuple[Fraction, ...]]
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outcome:
    """`levels` holds A(L) of the levels that were scored; `nodes` every value on the way, by (code, level)."""

    standard: Standard
    scores: Scores
    levels: Mapping[int, Fraction]
    nodes: Mapping[tuple[str, int], Fraction] = field(default_factory=dict)

    @property
    def total(self) -> Fraction:
        return total(self.standard, self.levels, stop=self.standard.stop_at_first)

    @property
    def band(self) -> Band:
        return self.standard.band(self.total)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Cells of scored levels that the standard lists requirements for, and nobody scored."""
        return tuple(
            f"{leaf.code}/{level}"
            for level in self.levels
            for leaf in self.standard.leaves.values()
            if self.scores.kind in leaf.weights and leaf.code not in self.scores.cut
            if leaf.requirements[level - 1 : level] > (0,) and not self.scores.cells.get((leaf.code, level))
        )

    def as_json(self) -> dict[str, Any]:
        """The contract's shape, with the exact fractions beside the decimals."""
        free = total(self.standard, self.levels, stop=False)
        return {
            "levels": {str(level): decimal(value) for level, value in self.levels.items()},
            "total": decimal(self.total),
            "level": self.band.level,
            "satisfied": {str(level): self.standard.satisfied(value) for level, value in self.levels.items()},
            "standing": self.standard.standing,
            "standard": self.standard.code,
            "level_name": self.band.name,
            "fractions": {
                "levels": {str(level): str(value) for level, value in self.levels.items()},
                "total": str(self.total),
            },
            "without_stop_rule": {"total": decimal(free), "level": self.standard.band(free).level},
            "missing": list(self.missing),
            "weights_after_cut": self._weights(),
        }

    def _weights(self) -> dict[str, dict[str, str]]:
        """The weights that cutting changed, as printed and as used; empty when nothing was cut."""
        weights = effective_weights(self.standard, self.scores.kind, self.scores.cut)
        return {
            code: {"printed": str(printed), "used": str(used)}
            for code, (printed, used) in weights.items()
            if self.scores.cut and printed != used
        }


def total(standard: Standard, levels: Mapping[int, Fraction], *, stop: bool) -> Fraction:
    """S: one for each satisfied level and A(L) for the others, counted from the first level up.

    With `stop`, the first level that is not satisfied contributes its A(L) and ends the count. A level nobody scored
    contributes nothing and, being unsatisfied, ends it as well.
    """
    found = Fraction(0)
    for level in standard.levels:
        value = levels.get(level)
        if standard.satisfied(value):
            found += 1
            continue
        found += value or 0
        if stop:
            break
    return found


def score(standard: Standard, scores: Scores) -> Outcome:
    """Compute every node at every level. Weights are shared among siblings that take part."""
    nodes: dict[tuple[str, int], Fraction] = {}
    levels: dict[int, Fraction] = {}
    for level in standard.levels:
        value = _weighted(standard.tree, level, scores, nodes)
        if value is not None:
            levels[level] = value
    return Outcome(standard, scores, levels, nodes)


def _weighted(
    siblings: Iterable[Node], level: int, scores: Scores, nodes: dict[tuple[str, int], Fraction]
) -> Fraction | None:
    """The mean of the siblings that have a value, by weight; None when none has."""
    found = [(node.weights[scores.kind], _value(node, level, scores, nodes)) for node in _scored(siblings, scores)]
    present = [(weight, value) for weight, value in found if value is not None]
    weights = sum(weight for weight, _ in present)
    return sum(weight * value for weight, value in present) / weights if weights else None


def _scored(siblings: Iterable[Node], scores: Scores) -> list[Node]:
    return [node for node in siblings if scores.kind in node.weights and node.code not in scores.cut]


def _value(node: Node, level: int, scores: Scores, nodes: dict[tuple[str, int], Fraction]) -> Fraction | None:
    if node.children:
        value = _weighted(node.children, level, scores, nodes)
    else:
        marks = scores.cells.get((node.code, level), ())
        value = sum(marks, Fraction(0)) / len(marks) if marks else None
    if value is not None:
        nodes[node.code, level] = value
    return value


def effective_weights(standard: Standard, kind: str, cut: Iterable[str] = ()) -> dict[str, tuple[Fraction, Fraction]]:
    """For each node that takes part: its weight as printed and its weight after cutting, both in percent."""
    probe = Scores(kind, {}, frozenset(cut))
    found: dict[str, tuple[Fraction, Fraction]] = {}

    def walk(siblings: Iterable[Node]) -> None:
        kept = [node for node in _scored(siblings, probe) if any(_scored(node.leaves(), probe))]
        whole = sum(node.weights[kind] for node in kept)
        for node in kept:
            found[node.code] = node.weights[kind], node.weights[kind] * 100 / whole
            walk(node.children)

    walk(standard.tree)
    return found
