"""Pages that stay where they are: a page begins after a row, not after a number of rows.

Somebody who takes up ten declarations and goes on to the next page misses none: the page begins where the last ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

if TYPE_CHECKING:
    from declarations.models import Declaration


@dataclass(frozen=True)
class Order:
    """By one column, then by key; `down` turns both around."""

    column: str
    down: bool = False

    def apply(self, rows: QuerySet, *, backwards: bool = False) -> QuerySet:
        sign = "-" if self.down != backwards else ""
        return rows.order_by(f"{sign}{self.column}", f"{sign}pk")

    def past(self, place: tuple[object, int], *, backwards: bool = False) -> Q:
        """The rows on the far side of a place."""
        value, pk = place
        side = "lt" if self.down != backwards else "gt"
        # The first part lets the database begin at the place in its index.
        return Q(**{f"{self.column}__{side}e": value}) & (
            Q(**{f"{self.column}__{side}": value}) | Q(**{f"pk__{side}": pk})
        )

    def place(self, row: Declaration) -> str:
        value = reduce(getattr, self.column.split("__"), row)
        return f"{row.pk}~{value.isoformat() if isinstance(value, datetime) else value}"

    def read(self, text: str) -> tuple[object, int] | None:
        """The place an address names; None for what is no place."""
        key, _, value = text.partition("~")
        if not (key.isascii() and key.isdigit() and len(key) < 15):
            return None
        return (found, int(key)) if (found := self._value(value)) is not None else None

    def _value(self, text: str) -> object:
        if not self.column.endswith("_at"):
            return text[:200]
        try:
            found = parse_datetime(text)
        except ValueError:
            return None
        return found if found and found.tzinfo and found.year > 1 else None


@dataclass(frozen=True)
class Slice:
    """One page; `before` and `after` are the places its neighbours begin at, empty where there is none."""

    rows: list[Declaration]
    before: str = ""
    after: str = ""


def _fetch(rows: QuerySet, most: int) -> list[Declaration]:
    """The first rows: the keys alone are put in order, so that nothing wide is sorted."""
    keys = list(rows.values_list("pk", flat=True)[:most])
    found = rows.order_by().in_bulk(keys)
    return [found[key] for key in keys if key in found]


def cut(rows: QuerySet, order: Order, params: Mapping[str, str], size: int) -> Slice:
    """The page an address asks for; the first one where it asks for none."""
    if (place := order.read(params.get("before", ""))) is not None:
        found = _fetch(order.apply(rows.filter(order.past(place, backwards=True)), backwards=True), size + 1)
        more, kept = len(found) > size, found[:size][::-1]
        if kept:
            return Slice(kept, order.place(kept[0]) if more else "", order.place(kept[-1]))
    place = order.read(params.get("after", ""))
    found = _fetch(order.apply(rows.filter(order.past(place)) if place else rows), size + 1)
    if place and not found:
        return cut(rows, order, {}, size)
    kept = found[:size]
    return Slice(kept, order.place(kept[0]) if place else "", order.place(kept[-1]) if len(found) > size else "")
