"""edition.yaml: the head of an edition and the documents its rules cite."""

from __future__ import annotations

from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import Schema, check_row, check_rows, many, one_of, text, whole
from assessment.models.edition import Edition, EditionStatus
from assessment.vocabulary import Standing

HEAD: Schema = {
    "code": text(max_length=20),
    "title": text(max_length=120),
    "year": whole(),
    "status": one_of(EditionStatus.values),
    "summary": text(required=False),
    "extends": text(required=False, max_length=20),
    "region": text(required=False, max_length=40),
    "excluded": many(required=False),
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


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, HEAD, "版次")
    if doc.get("code") and doc["code"] != ctx.edition:
        ctx.error(doc, f"编码“{doc['code']}”与目录名“{ctx.edition}”不一致", "code")
    if doc.get("excluded") and not doc.get("region"):
        ctx.error(doc, "写了 excluded（不含哪些单位），也要写 region（适用哪个地区）", "excluded")
    for row in check_rows(ctx, doc, "documents", DOCUMENT, "文件"):
        ctx.add("document", row, "id")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    """Nothing more to do: the loader itself makes the edition's row from this chapter."""


FIXED = frozenset({"code", "status", "extends"})
SHAPE = Shape(HEAD, "版次", {"documents": Shape(DOCUMENT, "依据文件")}, fixed=FIXED)
register(Chapter(name="edition", order=10, check=check, load=load, required=True, title="名称与依据文件", shape=SHAPE))
