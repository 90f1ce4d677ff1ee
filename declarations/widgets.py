"""Controls for what a plain input cannot hold: tables, indicators, files, the list of scenario instances.

Each works as a plain form; `typed` in forms.py reads back what they send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from declarations.content import Column, Description, Field
from declarations.content.values import is_blank, token
from declarations.vocabulary import NUMBERS, Kind

SPARE_ROWS = 1
MORE_ROWS = 5


class Block(forms.Widget):
    """A control drawn by a template of its own, under a legend."""

    use_fieldset = True
    template = ""

    def __init__(self, context: Mapping[str, Any]) -> None:
        super().__init__()
        self.context = context

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = attrs or {}
        shown = {"name": name, "id": attrs.get("id", f"id_{name}"), "invalid": "is-invalid" in attrs.get("class", "")}
        return render_to_string(self.template, {**self.context, **shown, **self.more(name, value)})

    def more(self, name: str, value: Any) -> dict[str, Any]:
        return {}


class TableBlock(Block):
    """Rows of typed cells, with spare ones at the end so that a row can be added without scripts."""

    template = "declarations/controls/table.html"

    def more(self, name: str, value: Any) -> dict[str, Any]:
        field: Field = self.context["field"]
        rows = list(value or [])
        most = field.params.get("max_rows") or len(rows) + MORE_ROWS
        wanted = max(int(field.params.get("min_rows", 1)), len(rows) + self.context.get("spare", SPARE_ROWS))
        rows += [{} for _ in range(max(0, min(wanted, most) - len(rows)))]
        drawn = [
            [_cell(f"{name}-{n}-{column.key}", column, row.get(column.key)) for column in field.columns]
            for n, row in enumerate(rows)
        ]
        return {"rows": drawn, "count": len(rows), "full": len(value or []) >= most, "cards": len(field.columns) > 5}


def _cell(name: str, column: Column, value: Any) -> dict[str, Any]:
    kind = {Kind.INT: "number", Kind.DECIMAL: "number", Kind.MONEY: "number"}.get(column.kind, "text")
    return {
        "name": name,
        "column": column,
        "value": token(value),
        "numeric": kind == "number",
        "type": date_type(column.kind, value),
    }


def date_type(kind: str, value: Any) -> str:
    """A native date control only for what it can show: anything else typed must stay readable."""
    lengths = {Kind.DATE: ("date", 10), Kind.MONTH: ("month", 7)}
    native, length = lengths.get(kind, ("text", 0))
    readable = is_blank(value) or (len(str(value)) == length and str(value).replace("-", "").isdigit())
    return native if readable else "text"


class IndicatorsBlock(Block):
    template = "declarations/controls/indicators.html"

    def more(self, name: str, value: Any) -> dict[str, Any]:
        description: Description = self.context["description"]
        rows = [
            {"indicator": one, "prefix": f"{name}-{one.number}", "value": (value or {}).get(one.number, {})}
            for one in description.indicators
        ]
        return {"rows": rows}


class FilesBlock(Block):
    """Files kept so far, each with its button to take it out, and the control to add one."""

    template = "declarations/controls/files.html"

    def more(self, name: str, value: Any) -> dict[str, Any]:
        field: Field = self.context["field"]
        suffixes = {"pdf": ".pdf", "jpeg": ".jpg,.jpeg", "png": ".png", "xlsx": ".xlsx", "docx": ".docx"}
        accept = ",".join(suffixes[one] for one in field.params.get("accept", ["pdf", "jpeg", "png"]))
        files: Sequence = self.context["files"]
        return {"accept": accept, "full": len(files) >= int(field.params.get("max_files", 10))}


class InstancesBlock(Block):
    template = "declarations/controls/instances.html"


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
