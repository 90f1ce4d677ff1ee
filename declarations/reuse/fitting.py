"""What was said for one form, as far as another form can take it, with words for what is left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from declarations import content
from declarations.content.values import is_blank, number
from declarations.vocabulary import Kind


@dataclass(frozen=True)
class Fitted:
    """The value that fits; `left`: what stays behind and why; `lacking`: what the form asks for and nobody said."""

    value: Any
    left: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return "；".join((*self.left, *self.lacking))


def fit(field: content.Field, value: Any) -> Fitted:
    """`value` for the question `field`: rows of years it does not ask for and choices it does not offer stay behind."""
    if field.kind == Kind.TABLE:
        return _table(field, value)
    if field.kind in (Kind.CHOICE, Kind.MULTICHOICE):
        return _chosen(field, value)
    return Fitted(content.clean(field, value))


def _chosen(field: content.Field, value: Any) -> Fitted:
    given = value if isinstance(value, list) else [value]
    offered = {one.value for one in field.options}
    gone = sum(not is_blank(one) and one not in offered for one in given)
    kept = [one for one in given if one in offered]
    taken = content.clean(field, kept if field.kind == Kind.MULTICHOICE else "".join(kept[:1]))
    return Fitted(taken, (f"有 {gone} 个选项这份申报书不再提供，不带入",) if gone else ())


def _table(field: content.Field, value: Any) -> Fitted:
    rows, left, lacking = content.clean(field, value), [], []
    for column in field.columns:
        if asked := [number(one) for one in column.params.get("years", ())]:
            gone = [row[column.key] for row in rows if _other_year(row[column.key], asked)]
            rows = [row for row in rows if not _other_year(row[column.key], asked)]
            wanted = "、".join(str(one) for one in asked)
            if gone:
                years = "、".join(str(one) for one in gone)
                left.append(f"{years} 年不带入，这份申报书要的是 {wanted} 年")
            lacking += _missing(asked, [number(row[column.key]) for row in rows])
        elif column.kind == Kind.CHOICE:
            rows, gone = _offered(column, rows)
            left += [f"{column.label}有 {gone} 格的选项不再提供，留空"] if gone else []
    return Fitted(rows, tuple(left), tuple(lacking) if rows else ())


def _other_year(value: Any, asked: list[Any]) -> bool:
    return not is_blank(value) and number(value) not in asked


def _missing(asked: list[Any], present: list[Any]) -> list[str]:
    years = "、".join(str(one) for one in asked if one not in present)
    return [f"还差 {years} 年，请补填"] if years else []


def _offered(column: content.Column, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The rows with choices the column does not offer left blank, and how many these were."""
    known = {one.value for one in column.options}
    gone = [row for row in rows if not is_blank(row[column.key]) and row[column.key] not in known]
    return [{**row, column.key: ""} if row in gone else row for row in rows], len(gone)
