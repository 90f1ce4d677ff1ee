"""Controls with many cells: tables and indicators, each row filled into its stencil."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from declarations.blocks import Block
from declarations.content import Column, Field, Indicator
from declarations.content.values import is_blank, token
from declarations.vocabulary import NUMBERS, Kind
from smartfactory.stencils import Stencils, hole

SPARE_ROWS = 1
MORE_ROWS = 5
GRIDS = Stencils()
_NATIVE = {Kind.DATE: ("date", ""), Kind.MONTH: ("month", "-01")}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def date_type(kind: str, value: Any) -> str:
    """A native date control only for what it can show: anything else typed must stay readable, and come back."""
    native, day = _NATIVE.get(kind, ("text", ""))
    return native if native == "text" or is_blank(value) or _is_day(f"{value}{day}") else "text"


def _is_day(words: str) -> bool:
    try:
        return bool(_DAY.match(words) and date.fromisoformat(words))
    except ValueError:
        return False


class TableBlock(Block):
    """Rows of typed cells, with spare ones at the end so that a row can be added without scripts."""

    template = "declarations/controls/table.html"

    def draw(self, name: str, value: Any, id_: str, *, invalid: bool) -> SafeString:
        field: Field = self.context["field"]
        rows, full = self._rows(field, list(value or []))
        body = SafeString("".join(self._row(field, place, row) for place, row in enumerate(rows)))
        look = {"full": full, "cards": len(field.columns) > 5, "invalid": invalid, "name": name, "id": id_}
        frame = GRIDS.get(
            (*self.identity, "table", *look.values()),
            lambda: render_to_string(
                self.template, {**self.context, **look, "rows": hole("rows"), "count": hole("count")}
            ),
        )
        return frame.fill({"rows": body, "count": str(len(rows))})

    def _rows(self, field: Field, rows: list[dict]) -> tuple[list[dict], bool]:
        """The rows with blank ones after them, and whether the table can take no more."""
        most = field.params.get("max_rows") or len(rows) + MORE_ROWS
        wanted = max(int(field.params.get("min_rows", 1)), len(rows) + self.context.get("spare", SPARE_ROWS))
        return rows + [{} for _ in range(max(0, min(wanted, most) - len(rows)))], len(rows) >= most

    def _row(self, field: Field, place: int, row: Mapping[str, Any]) -> str:
        number = str(place + 1)
        cells = {
            f"cell-{n}": self._cell(column, f"{field.key}-{place}-{column.key}", row.get(column.key), number)
            for n, column in enumerate(field.columns)
        }
        stencil = GRIDS.get((*self.identity, "row"), lambda: self._draw_row(field))
        return stencil.fill({**cells, "number": number, "place": str(place)})

    def _draw_row(self, field: Field) -> str:
        cells = [{"column": column, "html": hole(f"cell-{n}")} for n, column in enumerate(field.columns)]
        marks = {"number": hole("number"), "place": hole("place"), "cells": cells, "name": field.key}
        return render_to_string("declarations/controls/row.html", {**self.context, **marks})

    def _cell(self, column: Column, name: str, value: Any, number: str) -> SafeString:
        kind, text, wrong = date_type(column.kind, value), token(value), name in self.wrong
        taken = text if any(text == one.value for one in column.options) else ""
        stencil = GRIDS.get(
            (*self.identity, "cell", column.key, kind, taken, wrong),
            lambda: self._draw_cell(column, kind, taken, wrong=wrong),
        )
        return stencil.fill({"name": name, "value": text, "number": number})

    def _draw_cell(self, column: Column, kind: str, taken: str, *, wrong: bool) -> str:
        cell = {
            "name": hole("name"),
            "wrong": wrong,
            "column": column,
            "value": taken if column.options else hole("value"),
            "numeric": column.kind in NUMBERS,
            "type": kind,
        }
        context = {"cell": cell, "number": hole("number"), "open": self.context["open"]}
        return render_to_string("declarations/controls/cell.html", context)


class IndicatorsBlock(Block):
    template = "declarations/controls/indicators.html"

    def draw(self, name: str, value: Any, id_: str, *, invalid: bool) -> SafeString:
        shown = self.context["description"].indicators
        rows = {f"row-{one.number}": self._row(name, one, (value or {}).get(one.number, {})) for one in shown}
        frame = GRIDS.get(
            (*self.identity, "indicators", invalid, name), lambda: self._draw_frame(name, id_, invalid=invalid)
        )
        return frame.fill(rows)

    def _draw_frame(self, name: str, id_: str, *, invalid: bool) -> str:
        rows = [{"indicator": one, "html": hole(f"row-{one.number}")} for one in self.context["description"].indicators]
        return render_to_string(
            self.template, {**self.context, "name": name, "id": id_, "invalid": invalid, "rows": rows}
        )

    def _row(self, name: str, one: Indicator, value: Mapping[str, Any]) -> SafeString:
        texts = {key: _text(value.get(key)) for key in ("before", "after", "value", "note")}
        look = {"na": bool(value.get("na")), "counted": bool(value.get("value"))}
        look |= {f"wrong_{key}": f"{name}-{one.number}-{key}" in self.wrong for key in texts}
        stencil = GRIDS.get(
            (*self.identity, "indicator", one.number, *look.values()), lambda: self._draw_row(name, one, look)
        )
        return stencil.fill(texts)

    def _draw_row(self, name: str, one: Indicator, look: Mapping[str, bool]) -> str:
        marks = {key: hole(key) for key in ("before", "after", "value", "note")}
        row = {"indicator": one, "prefix": f"{name}-{one.number}", "value": marks | look}
        return render_to_string("declarations/controls/indicator.html", {"row": row, "open": self.context["open"]})


def _text(value: Any) -> str:
    return "" if value is None else str(value)
