"""What one value can be at all, wherever it stands: in a question, in a cell of a table or of a workbook.

Each function says what to do about a value, in words that follow the name of the question or the cell; nothing where
the value may be true. Bounds come from the form (`params`); only what no notice decides is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from declarations.content.values import is_blank, month_of, number
from declarations.vocabulary import NUMBERS, Kind
from smartfactory import credit_code
from smartfactory.problems import ERROR

# Years a date of a form can lie in; a form that asks for more says so.
FIRST_YEAR, LAST_YEAR = 1900, 2100
Finding = tuple[str, str, str]


def findings(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterable[Finding]:
    """(message, level, clause) for everything that cannot be about a value that can be read."""
    judge = JUDGES.get(kind)
    return judge(kind, value, params, today) if judge and not is_blank(value) else ()


def _credit_code(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[Finding]:
    for found in credit_code.check(str(value)):
        yield found.message.removeprefix("统一社会信用代码"), found.level, found.clause


def _number(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[Finding]:
    found = number(value)
    if found is not None:
        yield from ((message, ERROR, "") for message in _bounds(found, value, params, today))


def _bounds(found: Decimal, value: Any, params: Mapping[str, Any], today: date) -> Iterator[str]:
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


def _date(kind: str, value: Any, params: Mapping[str, Any], today: date) -> Iterator[Finding]:
    if not month_of(value):
        return
    year = int(str(value)[:4])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        yield f"是 {value}，年份不对。请核对", ERROR, ""
    elif "not_after" in params and str(value) > today.isoformat()[: len(str(value))]:
        yield f"晚于今天，现在是 {value}。请核对", ERROR, ""


JUDGES = {Kind.CREDIT_CODE: _credit_code, Kind.DATE: _date, Kind.MONTH: _date, **dict.fromkeys(NUMBERS, _number)}
