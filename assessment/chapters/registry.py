"""Chapters: the parts of an edition that each floor knows how to check and load.

An app registers its chapters when it starts. `<name>.yaml` in the edition's folder is the chapter's file. `check`
reports every error through the context; `load` writes rows and runs only when the whole edition is without error.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assessment.yaml_nodes import line_of

if TYPE_CHECKING:
    from assessment.models import Edition


@dataclass(order=True)
class Defect:
    """One error, printed as `file:line: message`."""

    file: str
    line: int
    message: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Codes(dict):
    """Codes seen so far by kind. `codes["area"]` is a set, empty for a kind nobody has added."""

    def __missing__(self, kind: str) -> set[Any]:
        self[kind] = set()
        return self[kind]


class Context:
    """What a chapter's check and load share: the errors, the codes of earlier chapters, the other documents."""

    def __init__(self, edition: str, documents: dict[str, Any]) -> None:
        self.edition = edition
        self.documents = documents
        self.defects: list[Defect] = []
        self.codes = Codes()
        self.lookup = self.codes

    @property
    def lineage(self) -> tuple[str, ...]:
        """The edition, and the one it extends if it does: conditions may carry the code of either."""
        base = (self.documents.get("edition") or {}).get("extends")
        return (self.edition, base) if base else (self.edition,)

    def error(self, node: Any, message: str, key: str | int | None = None) -> None:
        """Report `message` at `node`, or at its entry `key`."""
        file = getattr(node, "file", "") or self.edition
        self.defects.append(Defect(file, line_of(node, key), message))

    def add(self, kind: str, node: Any, key: str) -> None:
        """Note the code `node[key]` as one of `kind`; the second of the same is an error at its line."""
        code = node.get(key)
        if not isinstance(code, Hashable) or code is None:
            return
        if code in self.codes[kind]:
            self.error(node, f"编码“{code}”重复", key)
        self.codes[kind].add(code)

    def known(self, kind: str, node: Any, key: str | int, what: str) -> bool:
        """Whether `node[key]` (or every item of it) is a code of `kind`; unknown ones are reported by name."""
        value = node[key]
        named = value if isinstance(value, list) else [value]
        unknown = [one for one in named if not (isinstance(one, Hashable) and one in self.codes[kind])]
        for one in unknown:
            self.error(node, f"{what}“{one}”没有定义", key)
        return not unknown


@dataclass(frozen=True)
class Shape:
    """How a chapter is built, for those who edit it row by row: the keys of a row, and the rows within it.

    `word` is what one such row is called. A `single` shape is one group of keys, not a list of rows. What is `fixed`
    was said when the edition was begun.
    """

    schema: Mapping[str, Any]
    word: str
    inner: Mapping[str, Shape] = field(default_factory=dict)
    single: bool = False
    fixed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Chapter:
    """`check(doc, ctx)` reports; `load(edition, doc, ctx)` writes. Lower `order` comes first.

    `clear(edition)` removes what `load` will write anew when a published edition is amended.
    """

    name: str
    order: int
    check: Callable[[Any, Context], None]
    load: Callable[[Edition, Any, Context], None]
    required: bool = False
    title: str = ""
    shape: Shape | None = None
    clear: Callable[[Edition], None] = lambda edition: None


_chapters: dict[str, Chapter] = {}


def register(chapter: Chapter) -> None:
    """Make a chapter known. Registering the same name again replaces it."""
    _chapters[chapter.name] = chapter


def chapters() -> Iterable[Chapter]:
    """All registered chapters in the order they are checked and loaded."""
    return sorted(_chapters.values(), key=lambda one: (one.order, one.name))
