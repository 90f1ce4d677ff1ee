"""Which of several numbers a notice sets is the one for this enterprise: by what it answered, by where it stands.

The cases stand in the order of the data; the first that fits decides. What is not known yet is said, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assessment.facts import Facts
    from assessment.rules import ConditionRule, PlaceGroup

Params = Mapping[str, Any]
OPERATOR = "number_at_least"


@dataclass(frozen=True)
class Threshold:
    """The least a number may be, and for whom: the title of the case and of the group of places."""

    least: Decimal
    unit: str
    title: str = ""
    place: str = ""

    @property
    def amount(self) -> str:
        return f"{self.least:f} {self.unit}".strip()

    @property
    def words(self) -> str:
        whom = "，".join(one for one in (self.title, self.place) if one)
        return f"不少于 {self.amount}（{whom}）" if whom else f"不少于 {self.amount}"


class Unknown(Exception):
    """The text says what has to be known before a case can be chosen."""


def chosen(params: Params, facts: Facts, places: Mapping[str, PlaceGroup]) -> Threshold | None:
    """The number for these facts, None where no case fits. Raises Unknown."""
    for case in params["cases"]:
        if _answers_fit(case, facts) and _place_fits(case, facts, places):
            return _threshold(params, case, places)
    return None


def possible(params: Params, facts: Facts, places: Mapping[str, PlaceGroup]) -> list[Threshold]:
    """Every number that may still turn out to be the one: the place is known, some answers are not."""
    found, settled = [], set()
    for case in params["cases"]:
        when = case.get("when") or {}
        open_or_fits = all(facts.answers.get(key) in (None, value) for key, value in when.items())
        key = tuple(sorted(when.items()))
        if open_or_fits and key not in settled and _place_fits(case, facts, places):
            settled.add(key)
            found.append(_threshold(params, case, places))
    return found


def _answers_fit(case: Params, facts: Facts) -> bool:
    for key, value in (case.get("when") or {}).items():
        if facts.answers.get(key) is None:
            raise Unknown("还没有填写决定适用哪个数的那一项")
        if facts.answers[key] != value:
            return False
    return True


def _place_fits(case: Params, facts: Facts, places: Mapping[str, PlaceGroup]) -> bool:
    if not case.get("places"):
        return True
    if facts.places is None:
        raise Unknown("不知道企业在哪里，不能判断适用哪个数")
    return bool(places[case["places"]].codes.intersection(facts.places))


def _threshold(params: Params, case: Params, places: Mapping[str, PlaceGroup]) -> Threshold:
    group = places[case["places"]].title if case.get("places") else ""
    return Threshold(Decimal(str(case["least"])), params.get("unit", ""), case.get("title", ""), group)


def of_rule(rule: ConditionRule) -> Iterator[Params]:
    """The parameters of every comparison of this kind in a condition, however deep it stands."""
    yield from within(rule.operator, rule.params)


def within(operator: str, params: Params) -> Iterator[Params]:
    """The same for an operator with its parameters."""
    if operator == OPERATOR:
        yield params
    for part in params.get("parts") or ():
        yield from within(part["operator"], part.get("params") or {})
    if params.get("operator"):
        yield from within(params["operator"], params.get("params") or {})
