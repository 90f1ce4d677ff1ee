"""A draft's chapters as nodes, and the way to one row of them: `forms.0.sections.2.fields.5`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assessment.chapters.registry import Chapter, Shape, chapters
from assessment.drafting import words
from assessment.yaml_nodes import read_text
from assessment.yaml_writer import write

if TYPE_CHECKING:
    from assessment.models import EditionDraft


@dataclass(frozen=True)
class Place:
    """A row, or the chapter's own head where `path` is empty; `number` counts from 1 within its list."""

    path: str
    node: Any
    shape: Shape
    number: int = 0

    @property
    def list_path(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def index(self) -> int:
        return self.number - 1

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What the row says, without the rows within it."""
        return [
            (words.key(key, self.shape.schema), words.shown(key, value))
            for key, value in self.node.items()
            if key not in self.shape.inner
        ]

    @property
    def called(self) -> str:
        return f"{self.shape.word}第 {self.number} 行" if self.number else self.shape.word


def chapter(name: str) -> Chapter:
    """Raises LookupError for a chapter nobody edits here."""
    return next(one for one in chapters() if one.name == name and one.shape)


def read(draft: EditionDraft) -> dict[str, Any]:
    """Chapter → its document, in the order they are checked."""
    texts = {one.name: one.text for one in draft.chapters.all()}
    return {one.name: document(draft, one.name, texts[one.name]) for one in chapters() if one.name in texts}


def document(draft: EditionDraft, name: str, text: str) -> Any:
    return read_text(text, f"{draft.code}/{name}.yaml")


def place(doc: Any, shape: Shape, path: str) -> Place:
    """What stands at `path`. Raises LookupError where nothing does."""
    node, number, steps = doc, 0, path.split(".") if path else []
    while steps:
        key = steps.pop(0)
        shape, node = shape.inner[key], node[key]
        if shape.single:
            continue
        number = _whole(steps.pop(0)) + 1 if steps else 0
        node = node[number - 1] if number else node
    if not isinstance(node, dict):
        raise LookupError(path)
    return Place(path, node, shape, number)


def arranged(doc: Any, shape: Shape) -> Any:
    """The document with its keys in the order the chapter declares them: PostgreSQL keeps JSON without an order."""
    if not isinstance(doc, dict):
        return doc
    known = [key for key in shape.schema if key in doc]
    made = {key: doc[key] for key in [*known, *(key for key in doc if key not in shape.schema)]}
    for key, inner in shape.inner.items():
        if isinstance(made.get(key), list):
            made[key] = [arranged(row, inner) for row in made[key]]
        elif key in made:
            made[key] = arranged(made[key], inner)
    return made


def texts(source: dict[str, Any]) -> dict[str, str]:
    """Chapter → text, as its file would read, of an edition that is in the database."""
    known = [one for one in chapters() if one.name in source]
    return {one.name: write(arranged(source[one.name], one.shape) if one.shape else source[one.name]) for one in known}


def well_formed(doc: Any, shape: Shape) -> bool:
    """Whether the rows are where the desk looks for them; what they say is for the chapters to judge."""
    if not isinstance(doc, dict):
        return False
    for key, inner in shape.inner.items():
        below = doc.get(key, {} if inner.single else [])
        if not (inner.single or isinstance(below, list)):
            return False
        if not all(well_formed(row, inner) for row in ([below] if inner.single else below)):
            return False
    return True


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise LookupError(text)
    return int(text)


def walk(doc: Any, shape: Shape, path: str = "", number: int = 0) -> Iterator[Place]:
    """The head of the chapter and every row in it, in the order they are written."""
    yield Place(path, doc, shape, number)
    for key, inner in shape.inner.items():
        below = doc.get(key) if isinstance(doc, dict) else None
        at = f"{path}.{key}" if path else key
        if inner.single and isinstance(below, dict):
            yield from walk(below, inner, at)
        elif isinstance(below, list):
            for index, row in enumerate(below):
                yield from walk(row, inner, f"{at}.{index}", index + 1)
