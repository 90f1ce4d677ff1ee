"""Rules about tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from declarations.checks.case import Answer, Case
from declarations.checks.fields import MISSING, unreadable
from declarations.checks.plausible import findings
from declarations.content.completeness import is_required
from declarations.content.description import Column
from declarations.content.values import is_blank, number
from declarations.vocabulary import Kind
from smartfactory import text
from smartfactory.problems import WARNING, Problem


def enough_rows(case: Case) -> Iterator[Problem]:
    """A required table has at least the rows it asks for."""
    for one in case.of_kind(Kind.TABLE):
        least = one.field.params.get("min_rows", 1)
        if is_required(one.field, one.beside) and len(one.value or []) < least:
            yield one.problem(f"{MISSING}填写{one.label}。请至少填 {least} 行")


def rows_within_limit(case: Case) -> Iterator[Problem]:
    for one in case.of_kind(Kind.TABLE):
        most = one.field.params.get("max_rows")
        if most and len(one.value or []) > most:
            yield one.problem(
                f"{one.label}有 {len(one.value)} 行，最多 {most} 行。请删去多余的",
                clause="平台要求",
                standing="unverified",
            )


def cells_answered(case: Case) -> Iterator[Problem]:
    """In every row that was begun, the required columns are filled."""
    for cell in case.cells:
        if cell.column.required and is_blank(cell.value):
            yield cell.problem(f"{MISSING}填写{cell.column.label}", named=False)


def cells_readable(case: Case) -> Iterator[Problem]:
    for cell in case.cells:
        if is_blank(cell.value):
            continue
        if message := unreadable(cell.column.kind, cell.value, cell.column.params):
            yield cell.problem(message, clause="")
        elif cell.column.options and all(cell.value != option.value for option in cell.column.options):
            yield cell.problem("不在可选项里。请重新选择", clause="")


def cells_within_length(case: Case) -> Iterator[Problem]:
    """The text of a cell keeps to its column's limit, counted without white space."""
    for cell in case.cells:
        if message := too_long(cell.column, cell.value):
            yield replace(cell.problem(message, clause="平台要求"), standing="unverified")


def too_long(column: Column, value: object) -> str:
    """By how much a text passes its column's limit, nothing if it does not."""
    limit = column.max_chars
    over = text.count_chars(value) - limit if limit and isinstance(value, str) and len(value) > limit else 0
    return f"超出 {over} 字。请删减到 {limit} 字以内" if over > 0 else ""


def cells_plausible(case: Case) -> Iterator[Problem]:
    """A cell is held to what its column allows, as a question of the same kind is."""
    for cell in case.cells:
        for message, level, clause in findings(cell.column.kind, cell.value, cell.column.params, case.today):
            yield cell.problem(message, level=level, clause=clause)


def cells_unique(case: Case) -> Iterator[Problem]:
    """Where the form says so, no value of a column stands in two rows."""
    seen: dict[tuple[str, str, str], int] = {}
    for cell in case.cells:
        if cell.column.params.get("unique") and not is_blank(cell.value):
            first = seen.setdefault((cell.answer.key, cell.column.key, str(cell.value)), cell.number)
            if first != cell.number:
                yield cell.problem(f"与第 {first} 行重复，都是 {cell.value}。请核对", clause="")


def years_told(case: Case) -> Iterator[Problem]:
    """A table that asks for certain years and was begun says something of each.

    Where a year is blank, wrong or given twice, that row is named already: the one that is missing may be meant.
    """
    for one in case.of_kind(Kind.TABLE):
        for column in one.field.columns:
            asked = [number(year) for year in column.params.get("years", ())]
            given = [number(row.get(column.key)) for row in one.value or []]
            if given and len(set(given)) == len(given) and set(given) < set(asked):
                yield _untold(one, [year for year in asked if year not in given])


def _untold(one: Answer, years: list[Decimal | None]) -> Problem:
    words = (
        f"{one.label}没有 {'、'.join(str(year) for year in years)} 年。请添一行补填；"
        "那一年企业还没有成立的不用补，不影响提交"
    )
    cited = {} if one.field.clause else {"clause": "平台要求", "standing": "unverified"}
    return one.problem(words, level=WARNING, **cited)
