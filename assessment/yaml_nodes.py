"""YAML read strictly and with line numbers, so that an error can say file and line.

Stricter than YAML 1.1 on purpose: only `true`, `false`, `null`, plain integers and plain decimals are converted;
dates, codes with leading zeros, `yes` and `no` stay text. A key written twice is an error, and so is a shared anchor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]+\Z")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
# The C parser gives the same nodes and marks, many times faster, where the package was built with it.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
Problems = list[tuple[int, str]]
TOO_DEEP = "括号套得太深，请拆开写"


class Node:
    """What every node carries: the file and the line it was read from."""

    file: str = ""
    line: int = 0


class MapNode(dict, Node):
    """A mapping that remembers the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class ListNode(list, Node):
    """A sequence that remembers the line of each item."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


class TextNode(str, Node):
    """Text with its line."""


class UnreadableError(ValueError):
    """A file that cannot be read as strict YAML; `problems` holds (line, message) pairs."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("；".join(f"第 {line} 行：{message}" for line, message in problems))
        self.problems = problems


def read(path: Path, name: str = "") -> Any:
    """Read one file into nodes whose `file` is `name`. Raises UnreadableError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError([(1, "文件不是 UTF-8 编码")]) from error
    return read_text(text, name or path.name)


def read_text(text: str, name: str) -> Any:
    """Read `text` into nodes whose `file` is `name`. Raises UnreadableError."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        raise UnreadableError([(mark.line + 1 if mark else 1, f"写法不符合 YAML：{reason}")]) from error
    except RecursionError as error:
        raise UnreadableError([(1, TOO_DEEP)]) from error
    builder = _Builder(name)
    try:
        node = builder.build(root) if root is not None else None
    except RecursionError as error:
        raise UnreadableError([(1, TOO_DEEP)]) from error
    if builder.problems:
        raise UnreadableError(builder.problems)
    return node


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: Problems = []
        self.seen: set[int] = set()

    def build(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            self.problems.append((node.start_mark.line + 1, "不支持用 & 和 * 引用同一段内容，请写全"))
            return None
        self.seen.add(id(node))
        return self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)

    def _placed(self, made: Any, node: yaml.Node) -> Any:
        made.file, made.line = self.file, node.start_mark.line + 1
        return made

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        plain, text = not node.style, node.value
        if plain and text in _CONSTANTS:
            return _CONSTANTS[text]
        if plain and _INTEGER.match(text):
            return int(text)
        if plain and _DECIMAL.match(text):
            return Decimal(text)
        return self._placed(TextNode(text), node)

    def _mapping(self, node: yaml.MappingNode) -> MapNode:
        made = self._placed(MapNode(), node)
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in made:
                self.problems.append((line, f"“{name}”在同一段里写了两次（第 {made.lines[name]} 行已有）"))
            made[name], made.lines[name] = self.build(value), line
        return made

    def _sequence(self, node: yaml.SequenceNode) -> ListNode:
        made = self._placed(ListNode(), node)
        for item in node.value:
            made.append(self.build(item))
            made.lines.append(item.start_mark.line + 1)
        return made


def line_of(node: Any, key: str | int | None = None) -> int:
    """The line of `node`, or of its entry `key`; a missing key falls back to the line of the whole."""
    if isinstance(node, MapNode) and key in node.lines:
        return node.lines[key]
    if isinstance(node, ListNode) and isinstance(key, int) and key < len(node.lines):
        return node.lines[key]
    return getattr(node, "line", 0)


def plain(node: Any) -> Any:
    """The node as JSON-ready values; decimals become text, so that nothing is rounded."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    if isinstance(node, Decimal | str):
        return str(node)
    return node


def rows(node: Any) -> Iterator[MapNode]:
    """The mappings among the items of a list; anything else is left to the schema check to report."""
    for item in node if isinstance(node, list) else ():
        if isinstance(item, MapNode):
            yield item
