"""Name the rows in which two readings of an edition differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessment.chapters.registry import Defect
from assessment.yaml_nodes import line_of, plain

_NAMES = ("code", "id", "key", "number", "tier", "name", "title")
_ABSENT = object()


def named(before: dict[str, Any], documents: dict[str, Any], folder: str) -> list[Defect]:
    """One defect for each row that differs from the published edition, at its line in the new files."""
    found = []
    for name in sorted({*before, *documents}):
        file = f"{folder}/{name}.yaml"
        old, new = before.get(name, _ABSENT), documents.get(name, _ABSENT)
        for line, path, change in _walk(old, new, 1, ()):
            where = " › ".join(path) or "整个文件"
            found.append(Defect(file, line, f"版次已发布，不能改动；{where}：{change}"))
    return found


def _walk(old: Any, new: Any, line: int, path: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...], str]]:
    if old is _ABSENT or new is _ABSENT:
        yield line, path, "新增" if old is _ABSENT else "被删除"
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _walk_map(old, new, line, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _walk_list(old, new, line, path)
    elif old != plain(new):
        yield line, path, f"原为“{_short(old)}”，现为“{_short(plain(new))}”"


def _walk_map(old: dict, new: dict, line: int, path: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...], str]]:
    for key in [*new, *(key for key in old if key not in new)]:
        at = line_of(new, key) or line
        yield from _walk(old.get(key, _ABSENT), new.get(key, _ABSENT), at, (*path, key))


def _walk_list(old: list, new: list, line: int, path: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...], str]]:
    before, after = _by_name(old), _by_name(new)
    for name in [*after, *(name for name in before if name not in after)]:
        index, value = after.get(name, (None, _ABSENT))
        at = line_of(new, index) if index is not None else line
        yield from _walk(before.get(name, (0, _ABSENT))[1], value, at or line, (*path, name))
    if list(before) != list(after) and set(before) == set(after):
        yield line, path, "次序改变"


def _by_name(items: list) -> dict[str, tuple[int, Any]]:
    """Items under the name a person would call them by; nameless ones under their position."""
    found: dict[str, tuple[int, Any]] = {}
    for index, item in enumerate(items):
        name = _called(item)
        found[name if name and name not in found else f"第 {index + 1} 项"] = (index, item)
    return found


def _called(item: Any) -> str:
    names = (item.get(key) for key in _NAMES) if isinstance(item, dict) else ()
    return next((str(name) for name in names if name is not None), "")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
