"""quotas.yaml: how many each kind of unit may recommend on each track."""

from __future__ import annotations

import itertools
from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import (
    CITED,
    Schema,
    check_row,
    check_rows,
    check_source,
    flag,
    many,
    one_of,
    text,
    whole,
)
from assessment.citing import cite
from assessment.models import Edition
from assessment.vocabulary import Strength
from assessment.yaml_nodes import plain
from assessment.yaml_nodes import rows as mappings
from declarations.models import Track
from recommendations import authorities
from recommendations.models import LocalQuota, QuotaExemption, QuotaRule
from smartfactory.models import Authority, AuthorityKind

DOCUMENT: Schema = {"quotas": many(), "caps": many(required=False), "exemptions": many(required=False)}
RULE: Schema = {
    "track": text(),
    "kind": one_of(AuthorityKind.values),
    "limit": whole(required=False, nullable=True),
    "unlimited": flag(),
    "strength": one_of(Strength.values),
    "criterion": text(required=False, max_length=40),
    "low": whole(required=False, nullable=True),
    "high": whole(required=False, nullable=True),
    "via": one_of(("parent", "province"), required=False),
    "basis": text(max_length=200),
    **CITED,
}
# What a unit allows those below it: all of a kind, or one by name.
CAP: Schema = {
    "track": text(),
    "within": text(),
    "kind": one_of(AuthorityKind.values),
    "unit": text(required=False),
    "limit": whole(),
    "strength": one_of(Strength.values),
    "basis": text(max_length=200),
    **CITED,
}
EXEMPTION: Schema = {"track": text(), "key": text(max_length=20), "text": text(max_length=120), **CITED}


def check(doc: Any, ctx: Context) -> None:
    if not check_row(ctx, doc, DOCUMENT, "名额"):
        return
    ctx.codes["authority"] |= authorities.codes()
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in check_rows(ctx, doc, "quotas", RULE, "名额"):
        check_source(ctx, row)
        if ctx.known("track", row, "track", "申报类别"):
            groups.setdefault((row["track"], row["kind"]), []).append(row)
        if row.get("via") and row.get("limit") is not None:
            ctx.error(row, "由别的单位代为推荐（via）的，不能再写 limit", "limit")
        if row.get("unlimited") and (row.get("via") or row.get("limit") is not None or row.get("criterion")):
            ctx.error(row, "写了 unlimited（不设名额）的，不能再写 limit、via、criterion", "unlimited")
    for rows in groups.values():
        _check_group(ctx, rows)
    _check_places(ctx, doc)


def _check_places(ctx: Context, doc: Any) -> None:
    """Caps and the region name units that are registered; a unit gets one number from one authority."""
    head = ctx.documents.get("edition") or {}
    for key in ("region", "excluded"):
        if head.get(key):
            ctx.known("authority", head, key, "单位")
    for row in mappings(head.get("places")):
        if isinstance(row.get("units"), list):
            ctx.known("authority", row, "units", "单位")
    seen: set[tuple[Any, ...]] = set()
    for row in check_rows(ctx, doc, "caps", CAP, "下级名额") if "caps" in doc else ():
        _check_cited(ctx, row)
        for key in ("within", "unit"):
            if row.get(key):
                ctx.known("authority", row, key, "单位")
        place = (row["track"], row["within"], row["kind"], row.get("unit"))
        if place in seen:
            ctx.error(row, "同一单位的下级名额写了两次", "kind")
        seen.add(place)
    for row in check_rows(ctx, doc, "exemptions", EXEMPTION, "不占名额的情形") if "exemptions" in doc else ():
        _check_cited(ctx, row)


def _check_cited(ctx: Context, row: Any) -> None:
    check_source(ctx, row)
    ctx.known("track", row, "track", "申报类别")


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
    doc = plain(doc)
    tracks = {one.code: one for one in Track.objects.filter(campaign__edition=edition)}
    for order, row in enumerate(doc["quotas"], 1):
        values = {key: value for key, value in row.items() if value is not None}
        QuotaRule.objects.create(order=order, **values | {"track": tracks[row["track"]]})
    for row in doc.get("caps", []):
        _load_cap(edition, row | {"track": tracks[row["track"]]})
    for order, row in enumerate(doc.get("exemptions", []), 1):
        QuotaExemption.objects.create(order=order, **row | {"track": tracks[row["track"]]})


def _load_cap(edition: Edition, row: dict[str, Any]) -> None:
    units = {one.code: one for one in Authority.objects.filter(code__in=[row["within"], row.get("unit")])}
    parent, unit = units[row.pop("within")], units.get(row.pop("unit", None))
    row["clause"] = cite(edition, row["source"], row["clause"])
    LocalQuota.objects.create(parent=parent, authority=unit, **row)


def clear(edition: Edition) -> None:
    """Also the caps the edition itself sets; what a unit set by its own decision stays."""
    for model in (QuotaRule, QuotaExemption):
        model.objects.filter(track__campaign__edition=edition).delete()
    rows = edition.source.get("quotas", {}).get("caps", [])
    for row in rows:
        LocalQuota.objects.filter(
            track__code=row["track"],
            parent__code=row["within"],
            kind=row["kind"],
            authority__code=row.get("unit") or None,
        ).delete()


SHAPE = Shape(
    DOCUMENT,
    "名额",
    {
        "quotas": Shape(RULE, "名额规则"),
        "caps": Shape(CAP, "下级名额"),
        "exemptions": Shape(EXEMPTION, "不占名额的情形"),
    },
)
register(Chapter(name="quotas", order=80, check=check, load=load, title="推荐名额", shape=SHAPE, clear=clear))
