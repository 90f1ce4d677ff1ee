"""Rules that hold parts of a declaration against each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from declarations.checks.case import Answer, Case
from declarations.content.values import number, plain
from declarations.vocabulary import Kind
from smartfactory.problems import WARNING, Problem

# Two descriptions whose first sentences agree this far are probably one, copied.
COPIED = 120
# What the name of a copy ends with until somebody gives it one of its own.
COPY_MARK = re.compile(r"（副本[0-9]*）\Z")
# How the name of a measure says which way it went.
TREND = re.compile(r"(提升|提高|增长率?|下降|降低|缩短|减少)$")


def _named(case: Case, key: str) -> list[Answer]:
    return [one for one in case.answers if one.field.per_instance and one.field.key == key]


def instance_names_unique(case: Case) -> Iterator[Problem]:
    """No two instances of a declaration bear the same name."""
    names = _named(case, "name")
    often = Counter(str(one.value).strip() for one in names if one.value)
    for one in names:
        if one.value and often[str(one.value).strip()] > 1:
            yield one.problem(f"{one.label}与另一个场景重复。请改成不同的名称")


def instance_names_its_own(case: Case) -> Iterator[Problem]:
    """A copied instance was given a name; one that still bears the copy's mark is pointed out."""
    for one in _named(case, "name"):
        if mark := COPY_MARK.search(str(one.value or "").strip()):
            yield one.problem(f"{one.label}末尾还有“{mark[0]}”。请改成这个场景自己的名称", level=WARNING, clause="")


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
    """Sales growth is what the revenues of the last two years say; a difference is only pointed out."""
    revenues = _revenues(case)[-2:]
    if len(revenues) < 2 or not revenues[0]:
        return
    found = (revenues[1] - revenues[0]) * 100 / revenues[0]
    for one, key in case.with_rule("growth"):
        growth = number(((one.value or {}).get(str(key)) or {}).get("value"))
        if growth is not None and abs(growth - found) > 1:
            words = f"第 {key} 项指标写的是 {plain(growth)}%，按财务表近两年的营业收入算是 {found:.1f}%"
            contrary = "，增减方向相反" if growth * found < 0 else ""
            yield one.problem(f"{words}{contrary}。请核对", level=WARNING, clause="")


def results_point_the_indicators_way(case: Case) -> Iterator[Problem]:
    """What an instance measured under an indicator's name moves as the indicator says; otherwise it is pointed out."""
    for stated, falling in case.with_rule("decreasing"):
        better = {bare(one.name): one for one in case.description.indicators if one.kind == "change"}
        for one in (each for each in _named(case, "results") if each.value):
            for row, indicator in ((row, better.get(bare(str(row.get("name", ""))))) for row in one.value):
                if indicator and _contrary(row, (stated.value or {}).get(indicator.number), indicator.number, falling):
                    words = (
                        f"{one.label}里“{row['name']}”的变化与第 {indicator.number} 项指标“{indicator.name}”方向相反"
                    )
                    yield one.problem(f"{words}。请核对哪一个写错了", level=WARNING, clause="")


def bare(name: str) -> str:
    """The measure itself: "生产效率提升" and "生产效率（人均）" are both about 生产效率."""
    return TREND.sub("", re.sub(r"\s|[（(].*?[）)]", "", name))


def _contrary(row: Mapping[str, Any], said: Mapping[str, Any] | None, key: str, falling: Sequence[Any]) -> bool:
    before, after, change = number(row.get("before")), number(row.get("after")), number((said or {}).get("value"))
    if None in (before, after, change):
        return False
    gain = before - after if key in {str(one) for one in falling} else after - before
    return gain * change < 0


def _revenues(case: Case) -> list[Decimal]:
    """Revenues in the order of their years."""
    rows = case.values("applicant").get("finances") or []
    pairs = [(number(row.get("year")), number(row.get("revenue"))) for row in rows]
    return [revenue for _, revenue in sorted(pair for pair in pairs if None not in pair)]
