"""Rules that hold parts of a declaration against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from declarations.checks.case import Answer, Case
from declarations.content.values import number
from declarations.vocabulary import Kind
from smartfactory.problems import WARNING, Problem

# Two descriptions whose first sentences agree this far are probably one, copied.
COPIED = 120


def _named(case: Case, key: str) -> list[Answer]:
    return [one for one in case.answers if one.field.per_instance and one.field.key == key]


def instance_names_unique(case: Case) -> Iterator[Problem]:
    """No two instances of a declaration bear the same name."""
    names = _named(case, "name")
    often = Counter(str(one.value).strip() for one in names if one.value)
    for one in names:
        if one.value and often[str(one.value).strip()] > 1:
            yield one.problem(f"{one.label}与另一个场景重复。请改成不同的名称")


def scenario_in_its_segment(case: Case) -> Iterator[Problem]:
    """The scenario belongs to the segment in the catalogue, unless the edition lets scenarios be named freely."""
    for one in case.of_kind(Kind.SCENARIO):
        known = case.description.scenarios.get(str(one.beside.get("segment")), ())
        if one.value and not case.description.custom_scenarios and one.value not in known:
            yield one.problem(f"{one.label}“{one.value}”不属于所选环节。请重新选择")


def descriptions_differ(case: Case) -> Iterator[Problem]:
    """Instances describe different things; a long common beginning is pointed out."""
    seen: dict[str, Answer] = {}
    for one in _named(case, "description"):
        start = "".join(str(one.value or "").split())[:COPIED]
        if len(start) == COPIED and start in seen:
            yield one.problem(f"{one.label}与{seen[start].label}开头大段相同。请核对", level=WARNING, clause="")
        seen.setdefault(start, one)


def growth_matches_finances(case: Case) -> Iterator[Problem]:
    """Sales growth and the revenues of the last two years point the same way; a contradiction is only pointed out."""
    revenues = _revenues(case)
    for one, key in case.with_rule("growth"):
        growth = number(((one.value or {}).get(str(key)) or {}).get("value"))
        if growth is not None and len(revenues) > 1 and growth * (revenues[-1] - revenues[-2]) < 0:
            yield one.problem(f"第 {key} 项指标与近两年营业收入的增减方向相反。请核对", level=WARNING, clause="")


def _revenues(case: Case) -> list[Decimal]:
    """Revenues in the order of their years."""
    rows = case.values("applicant").get("finances") or []
    pairs = [(number(row.get("year")), number(row.get("revenue"))) for row in rows]
    return [revenue for _, revenue in sorted(pair for pair in pairs if None not in pair)]
