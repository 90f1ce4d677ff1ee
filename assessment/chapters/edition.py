"""edition.yaml: the head of an edition and the documents its rules cite."""

from __future__ import annotations

from typing import Any

from assessment import operators
from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import (
    CITED,
    Schema,
    check_row,
    check_rows,
    check_source,
    many,
    mapping,
    one_of,
    text,
    whole,
)
from assessment.models.edition import Edition, EditionStatus
from assessment.vocabulary import Standing
from assessment.yaml_nodes import MapNode

HEAD: Schema = {
    "code": text(max_length=20),
    "title": text(max_length=120),
    "year": whole(),
    "status": one_of(EditionStatus.values),
    "summary": text(required=False),
    "extends": text(required=False, max_length=20),
    "region": text(required=False, max_length=40),
    "excluded": many(required=False),
    "places": many(required=False),
    "pools": many(required=False),
    "documents": many(),
}
DOCUMENT: Schema = {
    "id": text(max_length=40),
    "number": text(required=False, max_length=60),
    "title": text(max_length=200),
    "part": text(required=False, max_length=20),
    "issued": text(required=False, max_length=20),
    "issuer": text(required=False, max_length=200),
    "address": text(required=False, max_length=200),
    "standing": one_of(Standing.values),
    "note": text(required=False),
}


# Places the notice treats alike: conditions may set numbers of their own for them.
PLACES: Schema = {
    "key": text(max_length=20),
    "title": text(max_length=40),
    "units": many(),
    "note": text(required=False, max_length=200),
    **CITED,
}
# Whom an official may put into the pool of those to be cultivated further: a condition on what was filed.
POOL: Schema = {
    "track": text(max_length=40),
    "title": text(max_length=20),
    "text": text(max_length=200),
    "operator": one_of(operators.OPERATORS),
    "params": mapping(required=False),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, HEAD, "版次")
    if doc.get("code") and doc["code"] != ctx.edition:
        ctx.error(doc, f"编码“{doc['code']}”与目录名“{ctx.edition}”不一致", "code")
    if doc.get("excluded") and not doc.get("region"):
        ctx.error(doc, "写了 excluded（不含哪些单位），也要写 region（适用哪个地区）", "excluded")
    for row in check_rows(ctx, doc, "documents", DOCUMENT, "文件"):
        ctx.add("document", row, "id")
    for row in check_rows(ctx, doc, "places", PLACES, "地区") if "places" in doc else ():
        ctx.add("place", row, "key")
        check_source(ctx, row)
        if not row["units"]:
            ctx.error(row, "“units”应是不空的列表", "units")
    for row in check_rows(ctx, doc, "pools", POOL, "培育库") if "pools" in doc else ():
        ctx.add("pool", row, "track")
        check_source(ctx, row)
        operators.check(ctx, row, row["operator"], row.get("params") or MapNode())


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    """Nothing more to do: the loader itself makes the edition's row from this chapter."""


FIXED = frozenset({"code", "status", "extends"})
SHAPE = Shape(
    HEAD,
    "版次",
    {"documents": Shape(DOCUMENT, "依据文件"), "places": Shape(PLACES, "地区"), "pools": Shape(POOL, "培育库")},
    fixed=FIXED,
)
register(Chapter(name="edition", order=10, check=check, load=load, required=True, title="名称与依据文件", shape=SHAPE))
