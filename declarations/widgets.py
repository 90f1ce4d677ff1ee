"""The control of each kind of field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from declarations.blocks import FilesBlock, InstancesBlock, MarkedBlock
from declarations.content import Description, Field
from declarations.grids import MORE_ROWS, IndicatorsBlock, TableBlock, date_type
from declarations.vocabulary import NUMBERS, Kind

BLOCKS = {
    Kind.TABLE: TableBlock,
    Kind.INDICATORS: IndicatorsBlock,
    Kind.FILES: FilesBlock,
    Kind.INSTANCES: InstancesBlock,
}


class ScenarioInput(forms.TextInput):
    """A name typed freely, with the catalogue's names offered."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(attrs={"list": "scenario-names"})
        self.names = names

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        return super().render(name, value, attrs, renderer) + render_to_string(
            "declarations/controls/names.html", {"names": self.names}
        )


def scalar(field: Field, value: Any, description: Description) -> forms.Widget:
    """The control of a field that holds one value."""
    if field.kind == Kind.TEXTAREA:
        return forms.Textarea(attrs={"rows": field.params.get("rows", 5)})
    if field.kind == Kind.BOOL:
        return forms.RadioSelect(choices=[("yes", "是"), ("no", "否")])
    if field.kind == Kind.CHOICE:
        choices = [(one.value, one.label) for one in field.options]
        return (
            forms.RadioSelect(choices=choices)
            if len(choices) <= 4
            else forms.Select(choices=[("", "请选择"), *choices])
        )
    if field.kind == Kind.MULTICHOICE:
        return forms.CheckboxSelectMultiple(choices=[(one.value, one.label) for one in field.options])
    if field.kind == Kind.SEGMENT:
        return forms.Select(choices=[("", "请选择"), *_segments(description)])
    if field.kind == Kind.SCENARIO:
        return _scenario(description)
    return forms.TextInput(attrs=_attributes(field, value))


def choices(field: Field, description: Description) -> frozenset[str]:
    """The values a field with choices can take."""
    if field.kind == Kind.BOOL:
        return frozenset({"yes", "no"})
    if field.kind == Kind.SEGMENT:
        return frozenset(description.segments)
    if field.kind == Kind.SCENARIO:
        return frozenset(name for names in description.scenarios.values() for name in names)
    return frozenset(one.value for one in field.options)


def _attributes(field: Field, value: Any) -> dict[str, str]:
    found = {"type": date_type(field.kind, value)}
    if field.kind in NUMBERS:
        found["inputmode"] = "decimal"
    if field.kind == Kind.PHONE:
        found |= {"inputmode": "tel", "autocomplete": "off"}
    if field.kind in (*NUMBERS, Kind.DATE, Kind.MONTH, Kind.PHONE):
        found["class"] = "w-sm"
    elif field.kind in (Kind.CREDIT_CODE, Kind.EMAIL) or (field.max_chars or 99) <= 40:
        found["class"] = "w-md"
    return found


def _segments(description: Description) -> list[tuple[str, list[tuple[str, str]]]]:
    """Segments grouped by the area they count for."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in description.segments.values():
        groups.setdefault(one.area_name or "不计入覆盖", []).append((one.code, one.name))
    return list(groups.items())


def _scenario(description: Description) -> forms.Widget:
    if description.custom_scenarios:
        return ScenarioInput([name for names in description.scenarios.values() for name in names])
    groups = [
        (segment.name, [(name, name) for name in description.scenarios.get(segment.code, ())])
        for segment in description.segments.values()
    ]
    return forms.Select(choices=[("", "请选择"), *(group for group in groups if group[1])])


__all__ = ["BLOCKS", "MORE_ROWS", "MarkedBlock", "choices", "date_type", "scalar"]
