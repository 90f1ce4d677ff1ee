"""A version of the standard as people are asked it: its requirements in words, level by level, and the scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assessment.maturity import Node, Standard

NUMERALS = ("零", "一", "二", "三", "四", "五")


def level_word(level: int) -> str:
    """三级; below the first 一级以下."""
    return f"{NUMERALS[level]}级" if level else "一级以下"


@dataclass(frozen=True)
class Requirement:
    """One requirement: `key` is "level.position" within its sub-domain."""

    code: str
    level: int
    position: int
    text: str

    @property
    def key(self) -> str:
        return f"{self.level}.{self.position}"


@dataclass(frozen=True)
class Note:
    """Where a part of the standard's data is from and how far it was checked."""

    text: str
    source: str
    standing: str


class Book:
    """Reads one definition. `kind` is the manufacturing type asked about."""

    def __init__(self, definition: Mapping[str, Any], kind: str) -> None:
        self.definition = definition
        self.kind = kind
        self.standard = Standard.from_definition(definition)

    @property
    def kind_name(self) -> str:
        return self.standard.types[self.kind]

    @cached_property
    def subdomains(self) -> dict[str, Node]:
        """The sub-domains this type is measured by, in the order of the standard."""
        return {code: leaf for code, leaf in self.standard.leaves.items() if self.kind in leaf.weights}

    @cached_property
    def parents(self) -> dict[str, tuple[Node, ...]]:
        """The nodes above each node, from the top."""
        found: dict[str, tuple[Node, ...]] = {}

        def walk(nodes: tuple[Node, ...], above: tuple[Node, ...]) -> None:
            for node in nodes:
                found[node.code] = above
                walk(node.children, (*above, node))

        walk(self.standard.tree, ())
        return found

    @cached_property
    def requirements(self) -> dict[str, list[Requirement]]:
        """The requirements of every sub-domain asked, lowest level first."""
        found: dict[str, list[Requirement]] = {code: [] for code in self.subdomains}
        for row in sorted(self.definition.get("wording") or (), key=lambda one: one["level"]):
            if row["subdomain"] in found:
                found[row["subdomain"]] += [
                    Requirement(row["subdomain"], row["level"], position, text)
                    for position, text in enumerate(row["texts"], 1)
                ]
        return found

    @cached_property
    def marks(self) -> list[tuple[str, str]]:
        """(mark as text, its word), best first."""
        return [
            (str(value), word)
            for value, word in zip(self.definition["scale"], self.definition["scale_words"], strict=True)
        ]

    @cached_property
    def words(self) -> dict[str, str]:
        return dict(self.marks)

    @cached_property
    def notes(self) -> dict[str, Note]:
        rows = self.definition.get("notes") or ()
        return {row["about"]: Note(row["text"], row["source"], row["standing"]) for row in rows}

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """Nodes whose weight for this type stands in for one that nobody has seen."""
        return frozenset(
            row["code"] for row in _rows(self.definition["tree"]) if self.kind in (row.get("placeholder") or ())
        )

    def at(self, code: str, level: int) -> list[Requirement]:
        return [one for one in self.requirements[code] if one.level == level]

    def find(self, code: str, key: str) -> Requirement | None:
        return next((one for one in self.requirements.get(code, ()) if one.key == key), None)


def _rows(rows: Any) -> Iterator[Mapping[str, Any]]:
    for row in rows:
        yield row
        yield from _rows(row.get("children") or ())


def why_not(definition: Mapping[str, Any]) -> str:
    """Why people cannot be asked this version; nothing when they can."""
    rows = list(_rows(definition["tree"]))
    kinds = {one["code"] for one in definition["types"]}
    if any(not row["weight"] for row in rows) or not all(_measured(definition["tree"], kind) for kind in kinds):
        return "有的权重没有见到，不能计分"
    return "" if definition.get("wording") and definition.get("scale_words") else "没有各级的要求，不能作答"


def _measured(rows: Any, kind: str) -> bool:
    """Whether each node of this type has a child of this type, down to the sub-domains."""
    mine = [row for row in rows if kind in row["weight"]]
    return bool(mine) and all(not row.get("children") or _measured(row["children"], kind) for row in mine)
