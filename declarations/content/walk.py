"""The one walk over a payload. Whatever shows a declaration, on screen, on paper or compared, shows these rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declarations.content.description import Description, Field, Section, describe
from declarations.content.values import is_blank, shown
from declarations.vocabulary import Kind

INDICATOR_HEAD = (("序号", 7), ("指标", 31), ("单位", 8), ("建设前", 12), ("建设后", 12), ("数值", 12), ("说明", 18))
# How many of these columns name the indicator; the others say what it came to.
INDICATOR_NAMES = 3


@dataclass(frozen=True)
class Table:
    """Header cells with their share of the width in percent, and rows of text."""

    head: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Anchor:
    """A condition and the pages of a file that answer it; 0 where the file has no pages."""

    condition: str
    clause: str
    first: int
    last: int

    @property
    def where(self) -> str:
        return page_words(self.first, self.last)


def page_words(first: int, last: int) -> str:
    return "整个文件" if not first else f"第 {first} 页" if first == last else f"第 {first}—{last} 页"


@dataclass(frozen=True)
class FileLine:
    name: str
    digest: str
    size: int
    mime: str
    pages: int
    answers: tuple[Anchor, ...] = ()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> FileLine:
        """A file as a payload lists it."""
        answers = tuple(Anchor(**one) for one in entry.get("answers", ()))
        return cls(**{**entry, "answers": answers})

    @property
    def told(self) -> str:
        """Which conditions it answers, in words; empty where nobody said."""
        return "；".join(f"{one.where}对应条件 {one.clause}" for one in self.answers)


@dataclass(frozen=True)
class Row:
    """One answer. `key` is its address: section.field, or section.instance.field; `text` says all of it in words."""

    section: str
    key: str
    label: str
    field: Field
    group: str = ""
    text: str = ""
    table: Table | None = None
    files: tuple[FileLine, ...] = ()
    instance: str = ""

    @property
    def shape(self) -> str:
        """How it is laid out: table, files, long or line."""
        if self.table is not None:
            return "table"
        if self.field.kind == Kind.FILES:
            return "files"
        return "long" if self.field.kind == Kind.TEXTAREA else "line"

    @property
    def blank(self) -> bool:
        return not self.text

    @property
    def anchor(self) -> str:
        """The key as an id in HTML."""
        return self.key.replace(".", "-")

    @property
    def paragraphs(self) -> list[str]:
        return [line for line in self.text.split("\n") if line.strip()]


def rows(payload: Mapping[str, Any], description: Description | None = None, *, masked: bool = False) -> list[Row]:
    """Every answer in the order of the form, blank ones too. `masked` hides private values but for their ends."""
    description = description or described(payload)
    found: list[Row] = []
    for section in description.sections:
        values = payload["sections"].get(section.key, {})
        for field in section.fields:
            if field.kind == Kind.INSTANCES:
                found.extend(_instance_rows(description, section, field, values.get(field.key) or []))
            else:
                found.append(_row(description, section.key, field, values.get(field.key), masked=masked))
    return found


def described(payload: Mapping[str, Any]) -> Description:
    """The form of the track the payload was filed on."""
    from declarations.models import Track

    return describe(Track.objects.get(code=payload["track"]["code"]))


def _instance_rows(
    description: Description, section: Section, holder: Field, instances: Iterable[dict]
) -> Iterator[Row]:
    for number, values in enumerate(instances, 1):
        group = f"场景 {number} {values.get('name') or '（未命名）'}"
        for field in section.instance_fields:
            key = f"{section.key}.{values['uid']}.{field.key}"
            yield _row(
                description, section.key, field, values.get(field.key), key=key, group=group, instance=values["uid"]
            )


def _row(
    description: Description,
    section: str,
    field: Field,
    value: Any,
    *,
    key: str = "",
    group: str = "",
    instance: str = "",
    masked: bool = False,
) -> Row:
    table = files = None
    if field.kind == Kind.TABLE:
        table = table_of(field, value or [])
    elif field.kind == Kind.INDICATORS:
        table = _indicators(description, value or {})
    elif field.kind == Kind.FILES:
        files = tuple(FileLine.of(one) for one in value or [])
    words = _words(description, field, value, table, files, masked)
    label = f"{field.label}（{field.unit}）" if field.unit and table else field.label
    return Row(section, key or field.anchor, label, field, group or field.group, words, table, files or (), instance)


def _words(description: Description, field: Field, value: Any, table: Table | None, files: Any, masked: bool) -> str:
    if table:
        return "\n".join("　".join(cell for cell in row if cell) for row in table.rows)
    if files is not None:
        return "\n".join(_file_words(one) for one in files)
    if field.kind == Kind.SEGMENT and str(value) in description.segments:
        segment = description.segments[str(value)]
        return f"{segment.name}（{segment.area_name or '不计入覆盖'}）"
    words = shown(field, value)
    return mask(words) if masked and field.params.get("private") else words


def _file_words(one: FileLine) -> str:
    pages = f"，{one.pages} 页" if one.pages else ""
    told = f"，{one.told}" if one.answers else ""
    return f"{one.name}（{size_words(one.size)}{pages}，校验 {one.digest[:8].upper()}{told}）"


def size_words(size: int) -> str:
    return f"{size / 1048576:.1f} MB" if size >= 1048576 else f"{max(1, round(size / 1024))} KB"


def mask(words: str) -> str:
    """The ends of a private value, enough to recognise it."""
    return f"{words[:3]}****{words[-4:]}" if len(words) >= 8 else "****" if words else ""


def table_of(field: Field, value: list[dict]) -> Table:
    """A table as people read it, with the titles of its columns."""
    head = tuple((column.label, column.width) for column in field.columns)
    return Table(head, tuple(tuple(shown(column, row.get(column.key)) for column in field.columns) for row in value))


def _indicators(description: Description, value: Mapping[str, dict]) -> Table:
    return Table(
        INDICATOR_HEAD, tuple(_indicator(one, value.get(one.number)) for one in description.indicators if value)
    )


def _indicator(indicator: Any, row: Mapping[str, Any] | None) -> tuple[str, ...]:
    head = (indicator.number, indicator.name, indicator.unit)
    if row is None:
        return (*head, "", "", "", "")
    note = row.get("note") or ""
    if row.get("na"):
        return (*head, "", "", "不适用", note)
    texts = tuple("" if is_blank(row.get(key)) else str(row[key]) for key in ("before", "after", "value"))
    return (*head, *texts, note)


def text_of(payload: Mapping[str, Any], description: Description | None = None) -> str:
    """All answers as plain text, a line each: what a printed copy must contain."""
    return "\n".join(f"{row.label}：{row.text}" for row in rows(payload, description) if not row.blank)


def instance_line(instance: Mapping[str, Any]) -> str:
    """An instance as the summary sheet lists it: 环节名—场景名—实例名."""
    return "—".join(str(instance.get(key) or "") for key in ("segment_name", "scenario", "name"))


def contact(payload: Mapping[str, Any]) -> tuple[str, str]:
    """(name, mobile) of the contact person: private, for the summary sheet only."""
    values = payload["sections"].get("applicant", {})
    return str(values.get("contact_name") or ""), str(values.get("contact_phone") or "")


def project_title(payload: Mapping[str, Any]) -> str:
    return str(payload["sections"].get("factory", {}).get("project_name") or "")
