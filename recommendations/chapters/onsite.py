"""onsite.yaml: how a sample for the on-site check is drawn, and what is looked at there."""

from __future__ import annotations

from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, check_source, many, one_of, text, whole
from assessment.models import Edition
from assessment.yaml_nodes import plain
from declarations.models import Track
from recommendations.models import OnsiteItem, OnsiteRule
from recommendations.models.onsite import STRATA

DOCUMENT: Schema = {"sampling": many(), "visits": many()}
# What no notice says has no document to name.
SAID: Schema = {**CITED, "source": text(required=False, max_length=200)}
RULE: Schema = {
    "track": text(),
    "percent": whole(required=False, nullable=True, most=100),
    "number": whole(required=False, nullable=True),
    "least": whole(),
    "strata": one_of(tuple(STRATA)),
    **SAID,
}
ITEM: Schema = {
    "track": text(),
    "key": text(max_length=20),
    "title": text(max_length=80),
    "content": text(max_length=200),
    **SAID,
}


def check(doc: Any, ctx: Context) -> None:
    if not check_row(ctx, doc, DOCUMENT, "现场核查"):
        return
    for row in check_rows(ctx, doc, "sampling", RULE, "抽查规则"):
        _belongs(ctx, row)
        if (row.get("percent") is None) == (row.get("number") is None):
            ctx.error(row, "抽查规则写“percent”或“number”其中一个，不能都写或都不写")
    seen: set[tuple[str, str]] = set()
    for row in check_rows(ctx, doc, "visits", ITEM, "核查项"):
        _belongs(ctx, row)
        if (at := (row["track"], row["key"])) in seen:
            ctx.error(row, f"核查项“{row['key']}”重复", "key")
        seen.add(at)


def _belongs(ctx: Context, row: Any) -> None:
    check_source(ctx, row)
    ctx.known("track", row, "track", "申报类别")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    doc = plain(doc)
    tracks = {one.code: one for one in Track.objects.filter(campaign__edition=edition)}
    for row in doc["sampling"]:
        OnsiteRule.objects.create(**row | {"track": tracks[row["track"]]})
    for order, row in enumerate(doc["visits"], 1):
        OnsiteItem.objects.create(order=order, **row | {"track": tracks[row["track"]]})


def clear(edition: Edition) -> None:
    for model in (OnsiteRule, OnsiteItem):
        model.objects.filter(track__campaign__edition=edition).delete()


SHAPE = Shape(DOCUMENT, "现场核查", {"sampling": Shape(RULE, "抽查规则"), "visits": Shape(ITEM, "核查项")})
register(Chapter(name="onsite", order=95, check=check, load=load, title="现场核查", shape=SHAPE, clear=clear))
