"""Which worksheets a form has: one for each table, one for the indicators, one for the scenario instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from declarations.content import Column, Description, Field, token
from declarations.content.description import Option
from declarations.content.values import is_blank
from declarations.vocabulary import LISTS, Kind

UID = Column("uid", "系统编号（不要改）", Kind.TEXT, width=8)
# Values of a multiple choice stand in one cell.
SEPARATOR = "；"
YES_NO = (Option("yes", "是"), Option("no", "否"))
# What a cell cannot hold.
LEFT_OUT = frozenset({Kind.TABLE, Kind.FILES, Kind.INDICATORS, Kind.INSTANCES})


@dataclass(frozen=True)
class Plan:
    """One worksheet: its name, the field it fills, and its columns. `fixed` columns are there to be read only."""

    name: str
    section: str
    field: Field
    columns: tuple[Column, ...]
    fixed: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        return self.field.kind

    def title(self, column: Column) -> str:
        return f"{column.label}*" if column.required else column.label


def plans(description: Description) -> Iterator[Plan]:
    names: set[str] = set()
    for section in description.sections:
        for field in section.fields:
            if field.fixed or field.kind not in LISTS:
                continue
            name = _name(field.label if field.kind != Kind.INSTANCES else "场景实例", names)
            yield Plan(name, section.key, field, *_columns(description, field))


def _name(label: str, taken: set[str]) -> str:
    """A sheet's name is at most 31 signs long and unique."""
    name = label[:28] if label[:28] not in taken else f"{label[:26]}{len(taken)}"
    taken.add(name)
    return name


def _columns(description: Description, field: Field) -> tuple[tuple[Column, ...], frozenset[str]]:
    if field.kind == Kind.TABLE:
        return tuple(_offered(one) for one in field.columns), frozenset()
    if field.kind == Kind.INDICATORS:
        fixed = (
            Column("number", "序号", Kind.TEXT, width=6),
            Column("name", "指标", Kind.TEXT, width=34),
            Column("unit", "单位", Kind.TEXT, width=8),
        )
        asked = [
            Column(key, label, Kind.DECIMAL, width=12)
            for key, label in (("before", "建设前"), ("after", "建设后"), ("value", "数值"))
        ]
        more = (Column("na", "不适用", Kind.BOOL, width=8, options=YES_NO), Column("note", "说明", Kind.TEXT, width=30))
        return (*fixed, *asked, *more), frozenset(one.key for one in fixed)
    asked = [one for one in description.instance_section.instance_fields if one.kind not in LEFT_OUT]
    return (UID, *(_of_instance(description, one) for one in asked)), frozenset({UID.key})


def _offered(column: Column) -> Column:
    if column.kind == Kind.BOOL and not column.options:
        return Column(column.key, column.label, column.kind, column.required, column.width, YES_NO, column.params)
    return column


def _of_instance(description: Description, field: Field) -> Column:
    options = field.options
    if field.kind == Kind.SEGMENT:
        options = tuple(
            Option(one.code, f"{one.name}（{one.area_name or '不计入覆盖'}）") for one in description.segments.values()
        )
    if field.kind == Kind.BOOL:
        options = YES_NO
    width = 60 if field.kind == Kind.TEXTAREA else 24
    return Column(field.key, field.label, field.kind, field.required, width, options, field.params)


def shown(column: Column, value: Any) -> str:
    """The value as its cell says it; reading the cell gives the value again."""
    if is_blank(value) and value is not False:
        return ""
    labels = {one.value: one.label for one in column.options}
    if isinstance(value, list):
        return SEPARATOR.join(labels.get(str(one), str(one)) for one in value)
    return labels.get(token(value), token(value))
