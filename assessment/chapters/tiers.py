"""tiers.yaml: the ladder, what each tier focuses on, and which tier it presupposes."""

from __future__ import annotations

from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, check_source, many, one_of, text
from assessment.models import Edition, TierRule
from assessment.vocabulary import TARGET_CODES
from assessment.yaml_nodes import MapNode, plain

ACCUMULATE = ("none", "previous", "all")
DOCUMENT: Schema = {"accumulate": one_of(ACCUMULATE), "tiers": many()}
TIER: Schema = {
    "tier": one_of(TARGET_CODES),
    "name": text(max_length=20),
    "focus": text(),
    "decided_by": text(required=False, max_length=120),
    "requires": many(required=False),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    check_row(ctx, doc, DOCUMENT, "层级表")
    rows = check_rows(ctx, doc, "tiers", TIER, "层级")
    for row in rows:
        ctx.add("tier", row, "tier")
        check_source(ctx, row)
    for row in rows:
        if row.get("requires"):
            ctx.known("tier", row, "requires", "前置层级")
    _check_cycles(ctx, {row["tier"]: row for row in rows})


def _check_cycles(ctx: Context, rows: dict[str, MapNode]) -> None:
    """Following prerequisites from any tier must never lead back to it."""
    for tier, row in rows.items():
        if tier in _reachable(tier, rows):
            ctx.error(row, f"前置层级成环：{row['name']}最终以自己为前置", "requires")


def _reachable(tier: str, rows: dict[str, MapNode]) -> set[str]:
    found: set[str] = set()
    queue = [tier]
    while queue:
        for one in (rows.get(queue.pop()) or {}).get("requires") or ():
            if isinstance(one, str) and one not in found:
                found.add(one)
                queue.append(one)
    return found


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    edition.accumulate = str(doc["accumulate"])
    edition.save(update_fields=["accumulate"])
    rows = [
        TierRule(edition=edition, order=order, **{**plain(row), "requires": plain(row.get("requires") or [])})
        for order, row in enumerate(doc["tiers"], 1)
    ]
    TierRule.objects.bulk_create(rows)


def clear(edition: Edition) -> None:
    edition.tiers.all().delete()


SHAPE = Shape(DOCUMENT, "层级表", {"tiers": Shape(TIER, "层级")})
register(Chapter(name="tiers", order=20, check=check, load=load, title="层级", shape=SHAPE, clear=clear))
