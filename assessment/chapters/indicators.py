"""indicators.yaml: the key performance indicators. Bounds say what can be true at all; no indicator has a threshold."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, check_source, many, one_of, text, whole
from assessment.models import Edition, Indicator
from assessment.vocabulary import Standing
from assessment.yaml_nodes import MapNode, plain

DOCUMENT: Schema = {"indicators": many()}
BOUNDS = (("lower", "upper"), ("base_lower", "base_upper"))
INDICATOR: Schema = {
    "number": whole(),
    "name": text(max_length=80),
    "unit": text(max_length=10),
    "group": text(max_length=20),
    "kind": one_of(("rate", "change", "count")),
    "direction": one_of(("up", "down")),
    **{name: text(required=False) for pair in BOUNDS for name in pair},
    "formula": text(max_length=200),
    "formula_standing": one_of(Standing.values),
    "computed": one_of(("ai_share",), required=False),
    "note": text(required=False, max_length=200),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, DOCUMENT, "指标表")
    for row in check_rows(ctx, doc, "indicators", INDICATOR, "指标"):
        ctx.add("indicator", row, "number")
        ctx.add("indicator name", row, "name")
        check_source(ctx, row)
        for low, high in BOUNDS:
            _check_bounds(ctx, row, low, high)


def _check_bounds(ctx: Context, row: MapNode, low: str, high: str) -> None:
    values = [_number(ctx, row, key) for key in (low, high)]
    if None not in values and values[0] > values[1]:
        ctx.error(row, f"“{low}”大于“{high}”", low)


def _number(ctx: Context, row: MapNode, key: str) -> Decimal | None:
    try:
        return Decimal(row[key]) if row.get(key) else None
    except InvalidOperation:
        ctx.error(row, f"“{key}”应是数，现在是“{row[key]}”", key)
        return None


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    rows = [{key: value for key, value in plain(row).items() if value is not None} for row in doc["indicators"]]
    Indicator.objects.bulk_create(Indicator(edition=edition, **row) for row in rows)


def clear(edition: Edition) -> None:
    edition.indicators.all().delete()


SHAPE = Shape(DOCUMENT, "指标表", {"indicators": Shape(INDICATOR, "指标")})
register(Chapter(name="indicators", order=50, check=check, load=load, title="关键绩效指标", shape=SHAPE, clear=clear))
