"""Rules about tables."""

from __future__ import annotations

from collections.abc import Iterator

from declarations.checks.case import Answer, Case
from declarations.checks.fields import MISSING, unreadable
from declarations.content.completeness import is_required
from declarations.content.description import Column
from declarations.content.values import is_blank
from declarations.vocabulary import Kind
from smartfactory.problems import Problem


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
    for one, number, column, value in _cells(case):
        if column.required and is_blank(value):
            yield one.problem(f"{one.label}第 {number} 行{MISSING}填写{column.label}")


def cells_readable(case: Case) -> Iterator[Problem]:
    for one, number, column, value in _cells(case):
        if is_blank(value):
            continue
        if message := unreadable(column.kind, value, column.params):
            yield one.problem(f"{one.label}第 {number} 行的{column.label}{message}", clause="")
        elif column.options and value not in {option.value for option in column.options}:
            yield one.problem(f"{one.label}第 {number} 行的{column.label}不在可选项里。请重新选择", clause="")


def _cells(case: Case) -> Iterator[tuple[Answer, int, Column, object]]:
    for one in case.of_kind(Kind.TABLE):
        for number, row in enumerate(one.value or [], 1):
            for column in one.field.columns:
                yield one, number, column, row.get(column.key)
