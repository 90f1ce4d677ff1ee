"""An edition as a workbook: a sheet for each list of each chapter, a column for each key; and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from assessment.chapters.registry import Shape, chapters
from assessment.drafting import words
from assessment.drafting.row_form import as_text, parsed
from smartfactory.documents import read_xlsx, write_xlsx
from smartfactory.files import BadFile
from smartfactory.spreadsheets import Column, Sheet

HEAD = "版次"
# Says in which row of the list above a row stands: `1`, or `1.3` two lists deep.
ABOVE = "上级行"
WIDE, NARROW = 40, 16
MOST_ROWS, MOST_COLUMNS = 3000, 60


@dataclass(frozen=True)
class Listed:
    """One list of a chapter: `steps` are the keys from the chapter's head down to it."""

    chapter: str
    steps: tuple[str, ...]
    shape: Shape

    @property
    def name(self) -> str:
        return ".".join((self.chapter, *self.steps))


def lists() -> list[Listed]:
    """Every list of every chapter, outer ones before those within their rows."""
    return [found for one in chapters() if one.shape for found in _inner(one.name, (), one.shape)]


def _inner(chapter: str, steps: tuple[str, ...], shape: Shape) -> Iterator[Listed]:
    for key, inner in shape.inner.items():
        if not inner.single:
            yield Listed(chapter, (*steps, key), inner)
            yield from _inner(chapter, (*steps, key), inner)


def written(found: dict[str, Any]) -> bytes:
    """The workbook of an edition's chapters."""
    sheets = [_head(found)]
    sheets += [_sheet(one, found[one.chapter]) for one in lists() if one.chapter in found]
    return write_xlsx(sheets)


def _head(found: dict[str, Any]) -> Sheet:
    rows = [
        [chapter.name, ".".join(filter(None, (group, key))), as_text(key, rule, row.get(key))]
        for chapter in chapters()
        if chapter.shape and chapter.name in found
        for group, row, shape in _groups(found[chapter.name], chapter.shape)
        for key, rule in shape.schema.items()
        if key not in shape.inner and row.get(key) is not None
    ]
    return Sheet(HEAD, [Column("章", NARROW), Column("项", NARROW), Column("内容", WIDE)], rows)


def _groups(doc: Any, shape: Shape) -> Iterator[tuple[str, Any, Shape]]:
    """The head of a chapter, and its single groups of keys."""
    yield "", doc, shape
    for key, inner in shape.inner.items():
        if inner.single and key in doc:
            yield key, doc[key], inner


def _keys(shape: Shape) -> list[str]:
    return [key for key in shape.schema if key not in shape.inner]


def _sheet(listed: Listed, doc: Any) -> Sheet:
    keys = _keys(listed.shape)
    columns = [Column(ABOVE, NARROW)] if len(listed.steps) > 1 else []
    columns += [Column(f"{words.key(key)}（{key}）", WIDE if key in words.LONG else NARROW) for key in keys]
    rows = []
    for above, row in _rows(doc, listed.steps):
        texts = [as_text(key, listed.shape.schema[key], row.get(key)) for key in keys]
        rows.append([above, *texts] if len(listed.steps) > 1 else texts)
    return Sheet(listed.name, columns, rows)


def _rows(doc: Any, steps: tuple[str, ...], above: str = "") -> Iterator[tuple[str, Any]]:
    for number, row in enumerate(doc.get(steps[0]) or (), 1):
        if len(steps) == 1:
            yield above, row
        else:
            yield from _rows(row, steps[1:], f"{above}.{number}".lstrip("."))


def read(content: bytes) -> dict[str, Any]:
    """The chapters of a workbook. Raises BadFile naming sheet, row and column."""
    sheets = dict(read_xlsx(content, rows=MOST_ROWS, columns=MOST_COLUMNS))
    if HEAD not in sheets:
        raise BadFile(f"没有工作表“{HEAD}”。请用本系统导出的工作簿来改")
    found = _read_head(sheets[HEAD])
    for listed in lists():
        if listed.name in sheets:
            _read_list(listed, sheets[listed.name], found)
    return found


def _read_head(rows: list[list[str]]) -> dict[str, Any]:
    shapes = {one.name: one.shape for one in chapters() if one.shape}
    found: dict[str, Any] = {}
    for number, row in enumerate(rows[1:], 2):
        name, item, text = (*row, "", "", "")[:3]
        if not name:
            continue
        group, _, key = item.rpartition(".")
        shape = shapes.get(name)
        shape = shape.inner.get(group) if shape and group else shape
        if shape is None or key not in shape.schema:
            raise BadFile(f"工作表“{HEAD}”第 {number} 行：不认识“{name} {item}”")
        target = found.setdefault(name, {})
        target = target.setdefault(group, {}) if group else target
        target[key] = _value(key, shape, text, f"工作表“{HEAD}”第 {number} 行")
    return found


def _read_list(listed: Listed, rows: list[list[str]], found: dict[str, Any]) -> None:
    """Put each row into its list. Every list is there, also an empty one."""
    nested = len(listed.steps) > 1
    keys = [title.rpartition("（")[2].removesuffix("）") for title in rows[0]] if rows else []
    unknown = [one for one in keys[nested:] if one and one not in listed.shape.schema]
    if unknown:
        raise BadFile(f"工作表“{listed.name}”里不认识的列：{'、'.join(unknown)}")
    doc = found.setdefault(listed.chapter, {})
    if not nested and (len(rows) > 1 or _required(listed)):
        doc.setdefault(listed.steps[0], [])
    for number, row in enumerate(rows[1:], 2):
        if any(row):
            where = f"工作表“{listed.name}”第 {number} 行"
            target = _above(doc, listed, row[0], where) if nested else doc[listed.steps[0]]
            target.append(_row(listed.shape, dict(zip(keys[nested:], row[nested:], strict=False)), where))


def _required(listed: Listed) -> bool:
    shape = next(one.shape for one in chapters() if one.name == listed.chapter)
    return shape.schema[listed.steps[0]].required


def _above(doc: Any, listed: Listed, place: str, where: str) -> list[Any]:
    try:
        target = doc
        for key, number in zip(listed.steps[:-1], place.split("."), strict=True):
            target = target[key][int(number) - 1] if int(number) > 0 else target[""]
        return target.setdefault(listed.steps[-1], [])
    except (LookupError, ValueError) as error:
        raise BadFile(f"{where}：{ABOVE}“{place}”不存在") from error


def _row(shape: Shape, texts: dict[str, str], where: str) -> dict[str, Any]:
    values = {key: _value(key, shape, texts.get(key, ""), where) for key in _keys(shape)}
    kept = {key: one for key, one in values.items() if one is not None or _null(shape, key)}
    return kept | {key: [] for key, inner in shape.inner.items() if shape.schema[key].required and not inner.single}


def _null(shape: Shape, key: str) -> bool:
    return shape.schema[key].required and shape.schema[key].nullable


def _value(key: str, shape: Shape, text: str, where: str) -> Any:
    rule = shape.schema[key]
    if rule.kind is bool and text in ("是", "否"):
        text = "true" if text == "是" else "false"
    try:
        return parsed(key, rule, text)
    except ValidationError as error:
        raise BadFile(f"{where}的{words.key(key)}：{'；'.join(error.messages)}") from error
