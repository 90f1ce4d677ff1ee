"""quotas.yaml: how many each kind of unit may recommend on each track."""

from __future__ import annotations

import itertools
from typing import Any

from assessment.chapters.registry import Chapter, Context, register
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, check_source, many, one_of, text, whole
from assessment.models import Edition
from assessment.vocabulary import Strength
from assessment.yaml_nodes import plain
from declarations.models import Track
from recommendations import authorities
from recommendations.models import QuotaRule
from smartfactory.models import AuthorityKind

RULE: Schema = {
    "track": text(),
    "kind": one_of(AuthorityKind.values),
    "limit": whole(required=False, nullable=True),
    "strength": one_of(Strength.values),
    "criterion": text(required=False, max_length=40),
    "low": whole(required=False, nullable=True),
    "high": whole(required=False, nullable=True),
    "via": one_of(("parent", "province"), required=False),
    "basis": text(max_length=200),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    if not check_row(ctx, doc, {"quotas": many()}, "名额"):
        return
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in check_rows(ctx, doc, "quotas", RULE, "名额"):
        check_source(ctx, row)
        if ctx.known("track", row, "track", "申报类别"):
            groups.setdefault((row["track"], row["kind"]), []).append(row)
        if row.get("via") and row.get("limit") is not None:
            ctx.error(row, "由别的单位代为推荐（via）的，不能再写 limit", "limit")
    for rows in groups.values():
        _check_group(ctx, rows)


def _check_group(ctx: Context, rows: list[Any]) -> None:
    """One plain rule, or bands of one criterion that neither overlap nor leave a gap."""
    banded = [row for row in rows if row.get("criterion")]
    if not banded:
        for row in rows[1:]:
            ctx.error(row, "同一类别、同一类单位只能有一条不分档的名额规则", "kind")
        return
    for row in rows:
        if row.get("criterion") != banded[0]["criterion"]:
            ctx.error(row, "同一类别、同一类单位的各档要用同一个判据", "kind")
    banded.sort(key=lambda row: row.get("low") if row.get("low") is not None else -1)
    for before, after in itertools.pairwise(banded):
        if before.get("high") is None or after.get("low") is None or after["low"] <= before["high"]:
            ctx.error(after, "和上一档重叠", "low")
        elif after["low"] != before["high"] + 1:
            ctx.error(after, f"和上一档之间缺 {before['high'] + 1} 到 {after['low'] - 1}", "low")


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    authorities.load()
    tracks = {one.code: one for one in Track.objects.filter(campaign__edition=edition)}
    for order, row in enumerate(plain(doc)["quotas"], 1):
        values = {key: value for key, value in row.items() if value is not None}
        QuotaRule.objects.create(order=order, **values | {"track": tracks[row["track"]]})


register(Chapter(name="quotas", order=80, check=check, load=load))
