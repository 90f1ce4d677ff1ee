"""catalogue.yaml: areas, the segments of the scenario guide with the area each counts for, and the scenarios."""

from __future__ import annotations

from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import (
    CITED,
    Rule,
    Schema,
    check_row,
    check_rows,
    check_source,
    many,
    one_of,
    text,
    whole,
)
from assessment.models import Area, Edition, Scenario, Segment
from assessment.vocabulary import Standing
from assessment.yaml_nodes import plain

DOCUMENT: Schema = {"custom_scenarios": Rule(bool), "areas": many(), "segments": many(), "scenarios": many()}
AREA: Schema = {"code": text(max_length=10), "name": text(max_length=40)}
SEGMENT: Schema = {
    "code": text(max_length=40),
    "name": text(max_length=40),
    "area": Rule(str, required=True, nullable=True),
    "note": text(required=False),
    **CITED,
}
SCENARIO: Schema = {
    "number": whole(),
    "segment": text(),
    "name": text(max_length=60),
    "variants": many(required=False),
    "standing": one_of(Standing.values),
    "source": text(max_length=200),
}


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, DOCUMENT, "目录")
    for row in check_rows(ctx, doc, "areas", AREA, "环节领域"):
        ctx.add("area", row, "code")
        ctx.add("area name", row, "name")
    for row in check_rows(ctx, doc, "segments", SEGMENT, "场景环节"):
        ctx.add("segment", row, "code")
        ctx.add("segment name", row, "name")
        check_source(ctx, row)
        if row["area"] is not None:
            ctx.known("area", row, "area", "环节领域")
    for row in check_rows(ctx, doc, "scenarios", SCENARIO, "典型场景"):
        ctx.add("scenario", row, "number")
        ctx.add("scenario name", row, "name")
        check_source(ctx, row)
        ctx.known("segment", row, "segment", "场景环节")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    edition.custom_scenarios = doc["custom_scenarios"]
    edition.save(update_fields=["custom_scenarios"])
    areas = {row["code"]: Area(edition=edition, order=n, **plain(row)) for n, row in enumerate(doc["areas"], 1)}
    Area.objects.bulk_create(areas.values())
    segments = {row["code"]: _segment(edition, row, areas, n) for n, row in enumerate(doc["segments"], 1)}
    Segment.objects.bulk_create(segments.values())
    Scenario.objects.bulk_create(_scenario(edition, row, segments) for row in doc["scenarios"])


def _segment(edition: Edition, row: dict, areas: dict[str, Area], order: int) -> Segment:
    values = {key: value for key, value in plain(row).items() if key not in ("area", "note")}
    return Segment(edition=edition, order=order, area=areas.get(row["area"]), **values)


def _scenario(edition: Edition, row: dict, segments: dict[str, Segment]) -> Scenario:
    values = {**plain(row), "variants": plain(row.get("variants") or []), "segment": segments[row["segment"]]}
    return Scenario(edition=edition, **values)


def clear(edition: Edition) -> None:
    for rows in (edition.scenarios, edition.segments, edition.areas):
        rows.all().delete()


SHAPE = Shape(
    DOCUMENT,
    "目录",
    {
        "areas": Shape(AREA, "环节领域"),
        "segments": Shape(SEGMENT, "场景环节"),
        "scenarios": Shape(SCENARIO, "典型场景"),
    },
)
register(Chapter(name="catalogue", order=30, check=check, load=load, title="场景目录", shape=SHAPE, clear=clear))
