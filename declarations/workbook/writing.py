"""The workbook as it is handed out: what is filled in already, with drop-downs, ready to be completed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from declarations import content
from declarations.vocabulary import Kind
from declarations.workbook import since
from declarations.workbook.plans import Plan, plans, shown
from smartfactory import documents

if TYPE_CHECKING:
    from declarations.models import Declaration

SPARE_ROWS = 5


def template(declaration: Declaration) -> bytes:
    """Every long table of the declaration as it stands, a worksheet each, with the versions it was made from."""
    versions = since.stamp(declaration)
    return filled(content.payload(declaration)["sections"], content.describe(declaration.track), versions)


def filled(sections: Mapping[str, Mapping[str, Any]], description: content.Description, versions: str = "") -> bytes:
    """The workbook of a form with the answers of a payload's sections in it."""
    return documents.write_xlsx(
        _sheet(one, description, sections.get(one.section, {}).get(one.field.key), versions)
        for one in plans(description)
    )


def _sheet(plan: Plan, description: content.Description, value: Any, versions: str) -> documents.Sheet:
    columns = [
        documents.Column(
            plan.title(one),
            max(10, one.width),
            choices=() if one.kind == Kind.MULTICHOICE else [each.label for each in one.options],
        )
        for one in plan.columns
    ]
    rows = [[shown(column, row.get(column.key)) for column in plan.columns] for row in _rows(plan, description, value)]
    if plan.kind != Kind.INDICATORS:
        rows += [[""] * len(columns)] * SPARE_ROWS
    properties = {"description": versions} if versions else {}
    return documents.Sheet(plan.name, columns, rows, above=[_hint(plan)], properties=properties)


def _rows(plan: Plan, description: content.Description, value: Any) -> Iterable[dict[str, Any]]:
    if plan.kind != Kind.INDICATORS:
        return value or []
    typed = value or {}
    asked = [one for one in description.indicators if not one.computed]
    return [{"number": one.number, "name": one.name, "unit": one.unit, **_typed(one, typed)} for one in asked]


def _typed(indicator: content.Indicator, typed: dict[str, dict]) -> dict[str, Any]:
    row = typed.get(indicator.number) or {}
    # A change is computed from before and after; only what is typed goes into the workbook.
    return {**row, "value": ""} if indicator.kind == "change" else row


def _hint(plan: Plan) -> str:
    unit = f"金额单位：{plan.field.unit}。" if plan.field.unit else ""
    more = {
        Kind.INSTANCES: "已有场景按系统编号对应，新增的场景留空系统编号；这里没有的场景保持不变。",
        Kind.INDICATORS: "变化类填建设前、建设后，其余填数值；系统计算的不在这里填。",
    }
    return f"带 * 的为必填。{unit}{more.get(plan.kind, '一行一条，多余的空行不用删。')}表头和工作表名不要改。"
