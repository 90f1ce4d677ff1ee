"""Check and load the versions of the maturity standard from fixtures/maturity/."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from assessment import maturity_wording
from assessment.chapters.registry import Context, Defect
from assessment.chapters.schema import Rule, Schema, check_row, check_rows, many, mapping, one_of, text, whole
from assessment.loader import Refused
from assessment.maturity import Standard
from assessment.models import MaturityStandard
from assessment.vocabulary import Standing
from assessment.yaml_nodes import ListNode, MapNode, UnreadableError, plain, read
from smartfactory.canonical import canonical_json, sha256

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "maturity"
WHOLE = 100
DOCUMENT: Schema = {
    "code": text(max_length=20),
    "title": text(max_length=120),
    "active": Rule(bool),
    "standing": one_of(Standing.values),
    "scale": many(),
    "satisfied_at": Rule(Decimal),
    "stop_at_first_unsatisfied": Rule(bool),
    "types": many(),
    "bands": many(),
    "tree": many(),
    **maturity_wording.KEYS,
}
TYPE: Schema = {"code": text(), "name": text()}
BAND: Schema = {"level": whole(), "name": text(), "lower": Rule(Decimal)}
NODE: Schema = {
    "code": text(),
    "name": text(),
    "weight": mapping(),
    "placeholder": many(required=False),
    "children": many(required=False),
    "cut": Rule(bool, required=False),
    "requirements": many(required=False),
}


def load_all(folder: Path = FOLDER) -> list[tuple[MaturityStandard, str]]:
    """Load every version in `folder`. Raises loader.Refused when one has an error."""
    checked = [(path, read_standard(path)) for path in sorted(folder.glob("*.yaml"))]
    active = [path for path, data in checked if data["active"]]
    if len(active) > 1:
        names = "、".join(path.name for path in active)
        raise Refused([Defect(f"{folder.name}/{active[-1].name}", 1, f"只能启用一个版本，现在启用了 {names}")])
    with transaction.atomic():
        MaturityStandard.objects.exclude(code__in=[data["code"] for _, data in checked]).update(active=False)
        return [_store(data) for _, data in sorted(checked, key=lambda one: one[1]["active"])]


def read_standard(path: Path) -> dict[str, Any]:
    """The checked definition in one file, as plain data. Raises loader.Refused."""
    name = f"{path.parent.name}/{path.name}"
    ctx = Context(name, {})
    try:
        doc = read(path, name)
        check(doc, ctx)
    except UnreadableError as error:
        ctx.defects.extend(Defect(name, line, message) for line, message in error.problems)
    if ctx.defects:
        raise Refused(sorted(ctx.defects))
    return plain(doc)


def check(doc: Any, ctx: Context) -> None:
    """Report every error of a definition; only a version with complete weights may be active."""
    if not check_row(ctx, doc, DOCUMENT, "成熟度标准"):
        return
    for row in check_rows(ctx, doc, "types", TYPE, "制造类型"):
        ctx.add("type", row, "code")
    _check_bands(ctx, check_rows(ctx, doc, "bands", BAND, "档位"))
    _check_siblings(ctx, doc, "tree", active=doc["active"])
    if not ctx.defects:
        maturity_wording.check(doc, ctx)


def _check_bands(ctx: Context, bands: list[MapNode]) -> None:
    """Bands rise without overlapping, and levels count up one by one from nought."""
    for order, row in enumerate(bands):
        if row["level"] != order:
            ctx.error(row, f"档位应从 0 起逐级写，这里应是 {order}，现在是 {row['level']}", "level")
        if order and row["lower"] <= bands[order - 1]["lower"]:
            ctx.error(row, f"档位重叠：{row['level']} 级的下限 {row['lower']} 不高于前一档", "lower")
    if bands and bands[0]["lower"] != 0:
        ctx.error(bands[0], "第一档的下限应是 0，否则有得分落不到任何一档", "lower")


def _check_siblings(ctx: Context, parent: MapNode, key: str, *, active: bool) -> None:
    rows = check_rows(ctx, parent, key, NODE, "节点")
    for row in rows:
        ctx.add("node", row, "code")
        _check_node(ctx, row)
        if row.get("children"):
            _check_siblings(ctx, row, "children", active=active)
    _check_sums(ctx, parent, key, rows, active=active)


def _check_node(ctx: Context, row: MapNode) -> None:
    for kind, weight in row["weight"].items():
        if kind not in ctx.codes["type"]:
            ctx.error(row["weight"], f"制造类型“{kind}”没有定义", kind)
        if isinstance(weight, bool) or not isinstance(weight, int | Decimal) or not 0 < weight <= WHOLE:
            ctx.error(row["weight"], f"权重应是大于 0、不超过 {WHOLE} 的数，现在是“{weight}”", kind)
    for count in row.get("requirements") or ():
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            ctx.error(row, f"要求条数应是不小于 0 的整数，现在是“{count}”", "requirements")


def _check_sums(ctx: Context, parent: MapNode, key: str, rows: list[MapNode], *, active: bool) -> None:
    """Siblings share one hundred. An inactive version may leave weights out, but not state them wrongly."""
    for kind in sorted(ctx.codes["type"]):
        weights = [row["weight"][kind] for row in rows if kind in row["weight"]]
        if not all(isinstance(weight, int | Decimal) for weight in weights):
            continue
        stated = len(weights) == len(rows)
        needed = active and (key == "tree" or kind in parent["weight"])
        if (stated or needed) and sum(weights) != WHOLE:
            where = parent.get("name", "") if key == "children" else "顶层"
            ctx.error(_place(parent, key), f"{where}各节点的{kind}权重合计是 {sum(weights)}，应是 {WHOLE}")


def _place(parent: MapNode, key: str) -> ListNode | MapNode:
    return parent[key] if isinstance(parent[key], ListNode) else parent


def _store(data: dict[str, Any]) -> tuple[MaturityStandard, str]:
    digest = sha256(canonical_json(data))
    present = MaturityStandard.objects.filter(code=data["code"]).first()
    if present and present.digest == digest:
        return present, "unchanged"
    values = {key: data[key] for key in ("title", "active", "standing")}
    made, created = MaturityStandard.objects.update_or_create(
        code=data["code"], defaults={**values, "definition": data, "digest": digest}
    )
    return made, "created" if created else "replaced"


def active() -> Standard:
    """The version in force: the loaded one, or the one in the files before anything is loaded."""
    row = MaturityStandard.objects.filter(active=True).first()
    if row is not None:
        return Standard.from_definition(row.definition)
    return from_files()


def from_files(folder: Path = FOLDER) -> Standard:
    """The active version straight from the files."""
    for path in sorted(folder.glob("*.yaml")):
        data = read_standard(path)
        if data["active"]:
            return Standard.from_definition(data)
    raise Refused([Defect(folder.name, 1, "没有启用的成熟度标准")])
