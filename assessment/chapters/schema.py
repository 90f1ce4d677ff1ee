"""The shape of a row, declared once: allowed keys, types, required or not, closed vocabularies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assessment.chapters.registry import Context
from assessment.vocabulary import Standing
from assessment.yaml_nodes import MapNode

_WORDS = {str: "文字", int: "整数", bool: "true 或 false", list: "列表", dict: "一组键值", Decimal: "数"}


@dataclass(frozen=True)
class Rule:
    """What one key of a row may hold."""

    kind: type = str
    required: bool = True
    choices: tuple[str, ...] = ()
    max_length: int = 0
    nullable: bool = False
    # Of whole numbers: they count things, and have to fit a column.
    most: int = 10**9

    def fault(self, value: Any) -> str:
        """What is wrong with `value`, or nothing."""
        if value is None:
            return "" if self.nullable or not self.required else "不能为空"
        if not _is(value, self.kind):
            return f"应是{_WORDS[self.kind]}，现在是“{value}”"
        if self.kind is int and not 0 <= value <= self.most:
            return f"应是 0 到 {self.most} 的整数，现在是“{value}”"
        if self.choices and value not in self.choices:
            return f"只能是 {'、'.join(self.choices)}，现在是“{value}”"
        if self.required and self.kind is str and not value.strip():
            return "不能为空"
        if self.max_length and isinstance(value, str) and len(value) > self.max_length:
            return f"最多 {self.max_length} 个字，现在 {len(value)} 个"
        return ""


Schema = Mapping[str, Rule]


def _is(value: Any, kind: type) -> bool:
    if kind is Decimal:
        return isinstance(value, Decimal | int) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def text(*, required: bool = True, max_length: int = 0) -> Rule:
    return Rule(str, required, max_length=max_length)


def one_of(choices: Iterable[str], *, required: bool = True) -> Rule:
    return Rule(str, required, choices=tuple(choices))


def whole(*, required: bool = True, nullable: bool = False, most: int = 32767) -> Rule:
    return Rule(int, required, nullable=nullable, most=most)


def flag() -> Rule:
    return Rule(bool, required=False)


def many(*, required: bool = True) -> Rule:
    return Rule(list, required)


def mapping(*, required: bool = True) -> Rule:
    return Rule(dict, required)


CITED: Schema = {
    "clause": text(max_length=60),
    "standing": one_of(Standing.values),
    "source": text(max_length=200),
}


def check_row(ctx: Context, row: Any, schema: Schema, what: str) -> bool:
    """Whether `row` is a mapping of exactly this shape; every fault is reported with `what` it concerns."""
    if not isinstance(row, MapNode):
        ctx.error(row, f"{what}应是一组键值")
        return False
    before = len(ctx.defects)
    for key in row:
        if key not in schema:
            ctx.error(row, f"{what}里不认识“{key}”；可用的是 {'、'.join(schema)}", key)
    for key, rule in schema.items():
        if key not in row:
            if rule.required:
                ctx.error(row, f"{what}缺少“{key}”")
        elif fault := rule.fault(row[key]):
            ctx.error(row, f"{what}的“{key}”{fault}", key)
    return len(ctx.defects) == before


def check_rows(ctx: Context, doc: Any, key: str, schema: Schema, what: str) -> list[MapNode]:
    """The rows of the list `doc[key]` that have the shape; the others are reported."""
    found = doc.get(key) if isinstance(doc, MapNode) else None
    if not isinstance(found, list):
        ctx.error(doc, f"缺少列表“{key}”", key)
        return []
    good = []
    for index, row in enumerate(found):
        if not isinstance(row, MapNode):
            ctx.error(found, f"{what}应是一组键值", index)
        elif check_row(ctx, row, schema, what):
            good.append(row)
    return good


def check_source(ctx: Context, row: MapNode) -> None:
    """An official rule cites a registered document; a second-hand one may cite a web address instead."""
    source, standing = row.get("source", ""), row.get("standing")
    if source in ctx.codes["document"]:
        return
    if standing == Standing.OFFICIAL:
        message = f"“source”写的“{source}”不在 edition.yaml 的 documents 里；标为原文的条目必须指向已登记的文件"
        ctx.error(row, message, "source")
    elif source and not source.startswith(("http://", "https://")):
        ctx.error(row, f"“source”应是已登记的文件或网址，现在是“{source}”", "source")
