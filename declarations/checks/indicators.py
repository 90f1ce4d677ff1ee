"""Rules about the key performance indicators. Bounds say what can be true at all; no indicator has a threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from declarations.checks.case import Answer, Case
from declarations.checks.fields import MISSING, unreadable
from declarations.content.description import Indicator
from declarations.content.payload import computed
from declarations.content.values import is_blank, number, plain
from declarations.vocabulary import Kind
from smartfactory.problems import WARNING, Problem

TOLERANCE = Decimal("0.01")
Entry = tuple[Answer, Indicator, Mapping[str, Any]]


def _entries(case: Case) -> Iterator[Entry]:
    for one in case.of_kind(Kind.INDICATORS):
        for indicator in case.description.indicators:
            yield one, indicator, (one.value or {}).get(indicator.number) or {}


def _named(indicator: Indicator) -> str:
    return f"第 {indicator.number} 项“{indicator.name}”"


def _at(one: Answer, indicator: Indicator, key: str, message: str, **more: Any) -> Problem:
    """A problem at one cell of an indicator; a change that cannot be is mended in what it is computed from."""
    key = "after" if indicator.kind == "change" and key == "value" else key
    return replace(one.problem(message, **more), cell=f"{one.field.key}-{indicator.number}-{key}")


def answered(case: Case) -> Iterator[Problem]:
    """Each indicator has its values, or is marked as not applicable with a reason."""
    for one, indicator, row in _entries(case):
        if row.get("na"):
            if not row.get("note"):
                yield _at(one, indicator, "note", f"{_named(indicator)}勾选了不适用，{MISSING}写原因")
        elif indicator.kind == "change":
            yield from _change_answered(one, indicator, row)
        elif is_blank(row.get("value")) and not indicator.computed:
            yield _at(one, indicator, "value", f"{MISSING}填写{_named(indicator)}。不适用的请勾选并写原因")


def _change_answered(one: Answer, indicator: Indicator, row: Mapping[str, Any]) -> Iterator[Problem]:
    before, after = row.get("before"), row.get("after")
    if is_blank(before) or is_blank(after):
        words = f"{MISSING}填写{_named(indicator)}建设前、建设后的值。不适用的请勾选并写原因"
        yield _at(one, indicator, "before" if is_blank(before) else "after", words)
    elif number(before) == 0 and not row.get("note"):
        words = f"{_named(indicator)}建设前为 0，算不出百分比。请在说明里写明基线来源"
        yield _at(one, indicator, "note", words, clause="")


def within_bounds(case: Case) -> Iterator[Problem]:
    """Values are numbers and lie within what a true value can be."""
    for one, indicator, row in _entries(case):
        if row.get("na"):
            continue
        for key, label in (("before", "建设前"), ("after", "建设后")) if indicator.kind == "change" else ():
            yield from _bounded(one, indicator, key, row.get(key), label)
        # A change is computed from its two bases: there is nothing to type.
        if indicator.kind != "change" or number(row.get("value")) is not None:
            yield from _bounded(one, indicator, "value", row.get("value"), "数值")


def _bounded(one: Answer, indicator: Indicator, key: str, value: Any, label: str) -> Iterator[Problem]:
    if message := unreadable(Kind.DECIMAL, value, {}) if not is_blank(value) else "":
        yield _at(one, indicator, key, f"{_named(indicator)}的{label}{message}", clause="")
    elif message := indicator.impossible(key, value):
        yield _at(one, indicator, key, f"{_named(indicator)}的{label}是 {value}，{message}。请核对", clause="")


def recomputed(case: Case) -> Iterator[Problem]:
    """What the system computes stands in the payload as it would be computed again."""
    for one in case.of_kind(Kind.INDICATORS):
        fresh = computed(case.description, one.field, one.value or {}, case.instances)
        for indicator in case.description.indicators:
            said, found = ((table.get(indicator.number) or {}).get("value") for table in (one.value or {}, fresh))
            if _differs(number(said), number(found)):
                yield one.problem(
                    f"{_named(indicator)}写的是 {said}，按前后值算是 {found}。请重新保存这一部分", clause=""
                )


def _differs(said: Decimal | None, found: Decimal | None) -> bool:
    if said is None or found is None:
        return False
    return abs(said - found) > TOLERANCE


def count_matches_list(case: Case) -> Iterator[Problem]:
    """The number of enterprises stated equals the rows of the list that names them."""
    stated = {indicator.number: row for _, indicator, row in _entries(case)}
    for one, key in case.with_rule("count_indicator"):
        value = number((stated.get(str(key)) or {}).get("value"))
        if value is not None and value != len(one.value or []):
            yield one.problem(
                f"{one.label}有 {len(one.value or [])} 家，第 {key} 项指标写的是 {plain(value)} 家。请改成一致",
                clause="",
            )


def models_match_instances(case: Case) -> Iterator[Problem]:
    """The number of decision models equals the sum over the instances; a difference is only pointed out."""
    for one, key in case.with_rule("sum_models"):
        value = number(((one.value or {}).get(str(key)) or {}).get("value"))
        total = sum(number(instance.get("models")) or 0 for instance in case.instances)
        if value is not None and value != total:
            yield one.problem(
                f"第 {key} 项指标写的是 {plain(value)} 个，各场景的智能决策模型数合计 {total} 个。请核对",
                level=WARNING,
                clause="",
            )


def rate_matches_equipment(case: Case) -> Iterator[Problem]:
    """The share of numerically controlled key equipment agrees with the list; a difference is only pointed out."""
    stated = {indicator.number: row for _, indicator, row in _entries(case)}
    for one, rule in case.with_rule("rate_indicator"):
        value = number((stated.get(str(rule["number"])) or {}).get("value"))
        rows = [row for row in one.value or [] if row.get(rule["of"]) == "yes"]
        total = sum(number(row.get(rule["count"])) or 0 for row in rows)
        if value is None or not total:
            continue
        share = sum(number(row.get(rule["count"])) or 0 for row in rows if row.get(rule["is"]) == "yes") * 100 / total
        if abs(share - value) > 1:
            yield one.problem(
                f"第 {rule['number']} 项指标写的是 {plain(value)}%，按{one.label}算是 {share:.1f}%。请核对",
                level=WARNING,
                clause="",
            )
