"""What changed between two editions, rule by rule: added, removed, changed, or only cited otherwise.

Rows are paired by what names them, not by their place. The code of an edition within a row's code does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from assessment.chapters.registry import Chapter, Shape, chapters
from assessment.drafting import words

ADDED, REMOVED, CHANGED, CITED = "added", "removed", "changed", "cited"
KINDS = {ADDED: "新增", REMOVED: "删去", CHANGED: "改动", CITED: "只有依据、编码或核实程度变了"}
# Keys that say where a rule stands and how sure it is, not what it asks for.
SOURCES = frozenset(
    {"clause", "standing", "source", "code", "formula_standing", "limit_clause", "limit_standing", "note"}
)
# What names a row of a list: the first way in which two rows agree pairs them.
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "documents": (("id",),),
    "places": (("key",),),
    "pools": (("track",), ("title",)),
    "tiers": (("tier",),),
    "areas": (("code",),),
    "segments": (("code",), ("name",)),
    "scenarios": (("name",), ("number",)),
    "conditions": (("tier", "area_group", "text"), ("code",)),
    "indicators": (("name",), ("number",)),
    "tracks": (("code",),),
    "deadlines": (("track", "stage"),),
    "checklist": (("track", "number"),),
    "commitments": (("track", "key"),),
    "forms": (("tracks",), ()),
    "sections": (("key",),),
    "fields": (("per_instance", "key", "only"), ("per_instance", "key")),
    "quotas": (("track", "kind", "low"), ("track", "kind")),
    "caps": (("track", "within", "kind", "unit"),),
    "exemptions": (("track", "key"),),
    "checks": (("track", "key"),),
    "sampling": (("track",),),
    "visits": (("track", "key"),),
    "departments": (("track", "key"),),
    "seal_conditions": (("track", "key"),),
    "columns": (("key",),),
    "criteria": (("key",),),
    "recipients": (("name",),),
}
BY_TRACK = (("track",),)
# Rules that share only their code, and less than this of their words, are two rules.
ALIKE = 0.5
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One key that says something else."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One rule. `before` or `after` is empty where there is none."""

    kind: str
    word: str
    title: str
    before: Row = field(default_factory=dict)
    after: Row = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    @property
    def kind_word(self) -> str:
        return KINDS[self.kind]

    @property
    def row(self) -> Row:
        return self.after or self.before

    @property
    def facts(self) -> list[tuple[str, str]]:
        return words.facts(self.row)

    def as_json(self) -> dict[str, Any]:
        found = [[one.label, one.before, one.after] for one in self.differences]
        return {"kind": self.kind, "word": self.word, "title": self.title, "differences": found}


@dataclass(frozen=True)
class ChapterChanges:
    chapter: Chapter
    changes: tuple[Change, ...]
    same: int

    def of(self, *kinds: str) -> list[Change]:
        return [one for one in self.changes if one.kind in kinds]

    @property
    def told(self) -> list[Change]:
        return self.of(ADDED, REMOVED, CHANGED)

    @property
    def cited(self) -> list[Change]:
        return self.of(CITED)


@dataclass(frozen=True)
class Report:
    chapters: tuple[ChapterChanges, ...]

    def count(self, kind: str) -> int:
        return sum(len(one.of(kind)) for one in self.chapters)

    @property
    def counts(self) -> list[tuple[str, int]]:
        return [(KINDS[kind], self.count(kind)) for kind in KINDS]

    @property
    def changes(self) -> list[Change]:
        return [change for one in self.chapters for change in one.changes]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Report:
    """Every difference between two editions as their chapters were read (`Edition.source`, or a draft's)."""
    mask_old, mask_new = _mask(old), _mask(new)
    found = []
    for chapter in chapters():
        if chapter.shape and (chapter.name in old or chapter.name in new):
            walk = _Walk(mask_old, mask_new)
            walk.rows(old.get(chapter.name) or {}, new.get(chapter.name) or {}, chapter.shape)
            found.append(ChapterChanges(chapter, tuple(walk.changes), walk.same))
    return Report(tuple(found))


def _mask(source: Mapping[str, Any]) -> re.Pattern[str]:
    """The code of the edition, or of the one it extended, at the beginning of another code."""
    head = source.get("edition") or {}
    codes = sorted(filter(None, (head.get("code"), head.get("extends"))), key=len, reverse=True)
    return re.compile(rf"^({'|'.join(map(re.escape, codes))})(?=-[A-Za-z])") if codes else re.compile("(?!)")


class _Walk:
    """Goes through both documents side by side and notes what differs."""

    def __init__(self, old: re.Pattern[str], new: re.Pattern[str]) -> None:
        self.old, self.new = old, new
        self.changes: list[Change] = []
        self.same = 0

    def rows(self, old: Row, new: Row, shape: Shape, *, title: str = "") -> None:
        """Two rows that are paired: their own keys, then the rows within them."""
        keyed = sorted(self._keyed(old, new, shape), key=lambda one: one[0] in SOURCES)
        if keyed:
            kind = CITED if keyed[0][0] in SOURCES else CHANGED
            found = tuple(one for _, one in keyed)
            self.changes.append(Change(kind, shape.word, title or words.title(new), old, new, found))
        else:
            self.same += 1
        for key, inner in shape.inner.items():
            if inner.single:
                self.rows(old.get(key) or {}, new.get(key) or {}, inner, title=inner.word)
            else:
                self._lists(key, old.get(key) or [], new.get(key) or [], inner)

    def _keyed(self, old: Row, new: Row, shape: Shape) -> Iterator[tuple[str, Difference]]:
        for key in shape.schema:
            if key in shape.inner or key in shape.fixed:
                continue
            before, after = old.get(key), new.get(key)
            if _masked(before, self.old) != _masked(after, self.new):
                yield key, Difference(words.key(key, shape.schema), words.shown(key, before), words.shown(key, after))

    def _lists(self, key: str, old: list[Row], new: list[Row], shape: Shape) -> None:
        pairs = self._pairs(key, old, new)
        partners = {index: other for other, index in pairs.items()}
        for index, row in enumerate(new):
            if index in pairs:
                self.rows(old[pairs[index]], row, shape)
            else:
                self.changes.append(Change(ADDED, shape.word, words.title(row), after=row))
        for index, row in enumerate(old):
            if index not in partners:
                self.changes.append(Change(REMOVED, shape.word, words.title(row), before=row))

    def _pairs(self, key: str, old: list[Row], new: list[Row]) -> dict[int, int]:
        """Index in the new list → index in the old one."""
        pairs: dict[int, int] = {}
        for names in NAMES.get(key, BY_TRACK):
            waiting: dict[Any, list[int]] = {}
            for index, row in enumerate(old):
                if index not in pairs.values():
                    waiting.setdefault(_name(row, names, self.old), []).append(index)
            for index, row in enumerate(new):
                found = waiting.get(_name(row, names, self.new)) if index not in pairs else None
                if found and _alike(old[found[0]], row):
                    pairs[index] = found.pop(0)
        return pairs


def _alike(old: Row, new: Row) -> bool:
    """Codes are numbers in a row: the same one may stand for another rule next year."""
    if "text" not in old or "text" not in new:
        return True
    return SequenceMatcher(None, str(old["text"]), str(new["text"])).ratio() >= ALIKE


def _name(row: Row, names: tuple[str, ...], mask: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(repr(_masked(row.get(one), mask)) for one in names)


def _masked(value: Any, mask: re.Pattern[str]) -> Any:
    """A value without the edition's own code; nothing written and an empty list or group are the same."""
    if isinstance(value, dict):
        return {key: _masked(one, mask) for key, one in value.items()} or None
    if isinstance(value, list):
        return [_masked(one, mask) for one in value] or None
    if isinstance(value, str):
        return mask.sub("", str(value)) or None
    return value
