"""Values of each kind of field: how what was typed is stored, and how what is stored is shown.

Nothing typed is ever thrown away: what cannot be read as the kind asks stays as text, and checks.py says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from declarations.vocabulary import NUMBERS, Kind
from smartfactory import text

if TYPE_CHECKING:
    from declarations.content.description import Column, Field

_INTEGER = re.compile(r"[+-]?[0-9]{1,12}\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})\Z")
_LONG = re.compile(r"[+-]?0*([0-9]+)(?:\.[0-9]*)?\Z")
# The largest whole number (True) and the largest decimal (False) that a field holds, as the patterns above have it.
LARGEST = {True: 10**12 - 1, False: 10**15 - 1}
# A sign, fifteen digits, the point and six places.
LONGEST = 23
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})日?|月)?\Z")
_SEPARATORS = re.compile(r"[\s,，]")
YES, NO = "yes", "no"
# A table nobody could read is refused in words by its own limit; this only bounds what one request can make us store.
MOST_ROWS = 400


def token(value: Any) -> str:
    """A value as rules in data write it: yes, no, or the text itself."""
    if isinstance(value, bool):
        return YES if value else NO
    return "" if value is None else str(value)


def is_blank(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def clean(field: Field | Column, raw: Any) -> Any:
    """What to store for what was typed into `field`."""
    if field.kind == Kind.TABLE:
        return _clean_table(field, raw)
    if field.kind == Kind.INDICATORS:
        return _clean_indicators(raw)
    if field.kind == Kind.MULTICHOICE:
        chosen = {str(one) for one in raw} if isinstance(raw, list | tuple) else set()
        return [option.value for option in field.options if option.value in chosen]
    return _clean_scalar(field.kind, text.clean("" if raw is None else str(raw)), getattr(field, "unit", ""))


def _clean_scalar(kind: str, raw: str, unit: str = "") -> Any:
    if kind == Kind.TEXTAREA:
        return raw.strip("\n ").rstrip()
    raw = re.sub(r"\s+", " ", raw).strip()
    if kind in NUMBERS:
        return _clean_number(kind, raw, unit)
    if kind in (Kind.DATE, Kind.MONTH):
        return _clean_date(kind, raw)
    if kind == Kind.BOOL:
        return {"yes": True, "no": False, "True": True, "False": False}.get(raw)
    if kind in (Kind.CREDIT_CODE, Kind.PHONE, Kind.EMAIL):
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", raw))
        # Without the space that held them apart, a letter and a mark may have become one.
        return unicodedata.normalize("NFKC", compact.upper() if kind == Kind.CREDIT_CODE else compact)
    return raw


def _clean_number(kind: str, raw: str, unit: str = "") -> int | str:
    """An integer as int, a decimal as text without needless zeros; anything else stays as typed.

    The unit the question asks for may be written behind the number; any other would change what the number says.
    """
    compact = _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw)).removesuffix(unicodedata.normalize("NFKC", unit))
    if kind == Kind.INT:
        return int(compact) if _INTEGER.match(compact) else raw
    return plain(Decimal(compact)) if _NUMBER.match(compact) else raw


def _clean_date(kind: str, raw: str) -> str:
    found = _DATE.match(unicodedata.normalize("NFKC", raw))
    if not found or (kind == Kind.DATE) != bool(found[3]):
        return raw
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    try:
        stored = date(year, month, day).isoformat()
    except ValueError:
        return raw
    return stored if kind == Kind.DATE else stored[:7]


def _clean_table(field: Field | Column, raw: Any) -> list[dict[str, Any]]:
    """Rows in order without the blank ones; keys the form does not have are left out."""
    found = []
    for row in list(raw if isinstance(raw, list) else [])[:MOST_ROWS]:
        values = (
            {column.key: clean(column, row.get(column.key)) for column in field.columns}
            if isinstance(row, dict)
            else {}
        )
        if any(not is_blank(value) for value in values.values()):
            found.append(values)
    return found


def _clean_indicators(raw: Any) -> dict[str, dict[str, Any]]:
    """By number: before, after, value, na, note; indicators nobody touched are left out."""
    found = {}
    for number, row in (raw if isinstance(raw, dict) else {}).items():
        if not isinstance(row, dict) or not re.fullmatch(r"[0-9]{1,3}", str(number)):
            continue
        values = {
            key: _clean_number(Kind.DECIMAL, re.sub(r"\s+", " ", text.clean(str(row.get(key) or ""))).strip())
            for key in ("before", "after", "value")
        }
        values["na"] = row.get("na") in (True, "1", "on", YES)
        values["note"] = re.sub(r"\s+", " ", text.clean(str(row.get("note") or ""))).strip()
        if any(values.values()):
            found[str(number)] = values
    return found


def number(value: Any) -> Decimal | None:
    """The stored value as a number, or None if it is not one."""
    return None if value is None or value == "" or isinstance(value, bool) else _read(str(value))


# One page reads the same few hundred numbers many times: each rule asks for what it compares.
@lru_cache(maxsize=4096)
def _parsed(compact: str) -> Decimal | None:
    return Decimal(compact) if _NUMBER.match(compact) else None


def _read(words: str) -> Decimal | None:
    """Only what is short enough for a number is remembered, however long the texts are that are asked about."""
    return _parsed(words) if len(words) <= LONGEST else None


def written_digits(words: str) -> int:
    """How many digits before the point a number written in figures has; 0 for anything else."""
    found = _LONG.match(_SEPARATORS.sub("", unicodedata.normalize("NFKC", words)))
    return len(found[1]) if found else 0


def plain(value: Decimal) -> str:
    """A decimal without exponent and needless zeros: 12600, 0.5, -3.25."""
    shortest = value.normalize()
    return f"{shortest:f}" if shortest else "0"


def change(before: Decimal, after: Decimal, *, decreasing: bool) -> str | None:
    """The relative change in percent to two places; None where the base is zero, for then there is no percentage."""
    if before == 0:
        return None
    difference = before - after if decreasing else after - before
    return plain((difference / abs(before) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP))


def month_of(value: Any) -> str:
    """The stored date or month as YYYY-MM, empty if it is neither."""
    return str(value)[:7] if re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", str(value or "")) else ""


def shown(field: Field | Column, value: Any) -> str:
    """The value of a plain field as people read it."""
    if is_blank(value):
        return ""
    if field.kind == Kind.BOOL or isinstance(value, bool):
        return "是" if value is True else "否" if value is False else str(value)
    if field.kind in (Kind.CHOICE, Kind.MULTICHOICE):
        return _labels(field, value if isinstance(value, list) else [value])
    if field.kind == Kind.DATE and re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        year, month, day = str(value).split("-")
        return f"{year}年{int(month)}月{int(day)}日"
    if field.kind == Kind.MONTH and re.fullmatch(r"\d{4}-\d{2}", str(value)):
        year, month = str(value).split("-")
        return f"{year}年{int(month)}月"
    if field.kind in NUMBERS:
        return _shown_number(field, value)
    return str(value)


def _shown_number(field: Field | Column, value: Any) -> str:
    found = number(value)
    if found is None:
        return str(value)
    # A year is an integer without separators; amounts are grouped in threes.
    grouped = f"{found:,f}" if field.kind == Kind.MONEY else plain(found)
    unit = getattr(field, "unit", "")
    return f"{grouped} {unit}" if unit else grouped


def _labels(field: Field | Column, values: Iterable[str]) -> str:
    labels = {option.value: option.label for option in field.options}
    return "；".join(labels.get(str(one), str(one)) for one in values)
