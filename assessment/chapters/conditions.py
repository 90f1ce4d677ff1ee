"""conditions.yaml: every checkable condition, with the operator that decides it."""

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
    flag,
    many,
    mapping,
    one_of,
    text,
)
from assessment.models import Condition, Edition
from assessment.vocabulary import COMMON, TARGET_CODES, ConditionGroup, EvidenceKind, Scope, Strength
from assessment.yaml_nodes import MapNode, plain

DOCUMENT: Schema = {"conditions": many()}
CONDITION: Schema = {
    "code": text(max_length=30),
    "tier": one_of((COMMON, *TARGET_CODES)),
    "area_group": text(max_length=10),
    "text": text(max_length=300),
    "strength": one_of(Strength.values),
    "scope": one_of(Scope.values, required=False),
    "operator": one_of(operators.OPERATORS),
    "params": mapping(required=False),
    "evidence": one_of(EvidenceKind.values),
    "evidence_note": text(required=False, max_length=200),
    "items": many(required=False),
    "manual": flag(),
    "fix": text(max_length=60),
    "note": text(required=False),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, DOCUMENT, "条件表")
    rows = check_rows(ctx, doc, "conditions", CONDITION, "条件")
    for row in rows:
        ctx.add("condition", row, "code")
    for row in rows:
        check_source(ctx, row)
        _check_place(ctx, row)
        operators.check(ctx, row, row["operator"], row.get("params") or MapNode())
    _check_overlaps(ctx, rows)


def _check_place(ctx: Context, row: MapNode) -> None:
    """The code, the tier and the group of a condition must tell the same story."""
    if row["tier"] != COMMON and row["tier"] not in ctx.codes["tier"]:
        ctx.error(row, f"层级“{row['tier']}”没有定义", "tier")
    if row["area_group"] not in ctx.codes["area"] | set(ConditionGroup.values):
        ctx.error(row, f"领域“{row['area_group']}”没有定义", "area_group")
    if row.get("scope") == Scope.WHEN_AREA_DECLARED and row["area_group"] not in ctx.codes["area"]:
        ctx.error(row, f"领域“{row['area_group']}”不是环节，不能设为覆盖该环节时适用", "scope")
    place = f"-{row['tier'][:3]}-{row['area_group']}-"
    expected = f"{ctx.edition}{place}"
    if not row["code"].startswith(tuple(f"{one}{place}" for one in ctx.lineage)):
        ctx.error(row, f"编码“{row['code']}”应以“{expected}”开头", "code")


def _check_overlaps(ctx: Context, rows: list[MapNode]) -> None:
    """A tier cannot state the same computed requirement twice: two floors for one number contradict each other."""
    seen: dict[tuple[str, str], str] = {}
    for row in rows:
        place = (row["tier"], row["operator"])
        if operators.OPERATORS[row["operator"]].single and place in seen:
            ctx.error(row, f"与“{seen[place]}”重叠：同一层级的“{row['operator']}”只能有一条", "operator")
        seen.setdefault(place, row["code"])


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    rows = []
    for order, row in enumerate(doc["conditions"], 1):
        values = {key: value for key, value in plain(row).items() if value is not None}
        rows.append(Condition(edition=edition, order=order, **values))
    Condition.objects.bulk_create(rows)


def clear(edition: Edition) -> None:
    edition.conditions.all().delete()


SHAPE = Shape(DOCUMENT, "条件表", {"conditions": Shape(CONDITION, "条件")})
register(Chapter(name="conditions", order=40, check=check, load=load, title="要素条件", shape=SHAPE, clear=clear))
