"""What one value can be at all, wherever it stands: in a question, in a cell of a table or of a workbook.

Each function says what to do about a value, in words that follow the name of the question or the cell; nothing where
the value may be true. Bounds come from the form (`params`); only what no notice decides is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from declarations.content.values import is_blank, month_of, number
from declarations.vocabulary import NUMBERS, Kind
from smartfactory import credit_code
from smartfactory.problems import ERROR

DATES = (Kind.DATE, Kind.MONTH)
# Years a date of a form can lie in; a form that asks for more says so.
FIRST_YEAR, LAST_YEAR = 1900, 2100
Finding = tuple[str, str, str]


def findings(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[Finding]:
    """(message, level, clause) for everything that cannot be about a value that can be read."""
    if is_blank(value):
        return
    if kind == Kind.CREDIT_CODE:
        for found in credit_code.check(str(value)):
            yield found.message.removeprefix("统一社会信用代码"), found.level, found.clause
    for message in (*_number(kind, value, params, today), *_date(kind, value, params, today)):
        yield message, ERROR, ""


def _number(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[str]:
    found = number(value) if kind in NUMBERS else None
    if found is None:
        return
    if years := params.get("years"):
        if found not in [Decimal(year) for year in years]:
            yield f"应是 {'、'.join(str(year) for year in years)} 年中的一年，现在是 {value}。请填通知要的年度"
        return
    if "min" in params and found < Decimal(params["min"]):
        yield f"不能小于 {params['min']}，现在是 {value}。请核对"
    if "max" in params and found > Decimal(params["max"]):
        yield f"不能大于 {params['max']}，现在是 {value}。请核对"
    if "not_after" in params and found > today.year:
        yield f"晚于今年，现在是 {value}。请核对"
    if "digits" in params and -found.as_tuple().exponent > params["digits"]:
        yield f"最多 {params['digits']} 位小数，现在是 {value}"


def _date(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[str]:
    if kind not in DATES or not month_of(value):
        return
    year = int(str(value)[:4])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        yield f"是 {value}，年份不对。请核对"
    elif "not_after" in params and str(value) > today.isoformat()[: len(str(value))]:
        yield f"晚于今天，现在是 {value}。请核对"
