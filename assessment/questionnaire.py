"""The questions of a self-assessment as pages: which parts there are, what each asks, how far each has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.facts import Facts
from assessment.rules import ConditionRule, EditionRules
from assessment.vocabulary import COMMON, ConditionGroup

FACTS, COVERAGE, INDICATORS = "facts", "coverage", "indicators"
ANSWERS = {"yes": True, "no": False, "open": None}
# What the facts part asks; a fact that was not stated is None.
STATED_FACTS = ("maturity_level", "prior_tiers", "is_branch", "built_until")
COMMON_NAME = "各级通用"


@dataclass(frozen=True)
class Part:
    """One page of questions."""

    key: str
    title: str
    about: str
    answered: int = 0
    total: int = 0

    @property
    def done(self) -> bool:
        return self.answered == self.total

    @property
    def state(self) -> str:
        if self.done:
            return "已作答"
        return "作答中" if self.answered else "未开始"

    @property
    def tone(self) -> str:
        return "done" if self.done else "todo" if self.answered else ""


@dataclass(frozen=True)
class Block:
    """The questions of one tier inside a part."""

    tier: str
    name: str
    rules: tuple[ConditionRule, ...]


def group_names(rules: EditionRules) -> dict[str, str]:
    """Every group's name: the edition's areas, and the groups outside them."""
    return {**dict(ConditionGroup.choices), **rules.areas}


def questions(rules: EditionRules, group: str | None = None) -> list[ConditionRule]:
    """The conditions a person answers, of one group or of all."""
    return [one for one in rules.conditions if one.asks_person and group in (None, one.area_group)]


def groups(rules: EditionRules) -> list[str]:
    """Groups with questions: what binds every tier first, then the areas, then the rest."""
    asked = {one.area_group for one in questions(rules)}
    order = [ConditionGroup.GENERAL, *rules.areas, ConditionGroup.EFFECT, *ConditionGroup.values]
    return [group for group in dict.fromkeys(str(one) for one in order) if group in asked]


def blocks(rules: EditionRules, group: str) -> list[Block]:
    """The group's questions by tier, lowest first; the common ones stand before."""
    names = {COMMON: COMMON_NAME, **rules.tiers}
    found = questions(rules, group)
    return [
        Block(tier, name, chosen)
        for tier, name in names.items()
        if (chosen := tuple(one for one in found if one.tier == tier))
    ]


def parts(rules: EditionRules, facts: Facts, indicators: int) -> list[Part]:
    """Every part with how much of it is answered. `indicators` is how many a person fills in."""
    names = group_names(rules)
    answers = facts.flags
    found = [
        Part(FACTS, "本厂情况", "成熟度等级、已获评层级、申报主体、建成时间", _stated(facts), len(STATED_FACTS)),
        Part(COVERAGE, "环节与场景", "覆盖的环节、各环节的场景实例数、人工智能应用", _covered(facts), 1),
    ]
    for group in groups(rules):
        asked = questions(rules, group)
        done = sum(answers.get(one.code) is not None for one in asked)
        found.append(Part(group, names.get(group, group), _about(asked, rules), done, len(asked)))
    if indicators:
        filled = sum(any(value is not None for value in one.values()) for one in facts.indicators.values())
        found.append(Part(INDICATORS, "关键绩效指标", "没有数值门槛，可以不填", min(filled, indicators), indicators))
    return found


def _stated(facts: Facts) -> int:
    return sum(getattr(facts, name) is not None for name in STATED_FACTS)


def _covered(facts: Facts) -> int:
    return int(facts.areas is not None or facts.scenario_instances is not None)


def _about(asked: Iterable[ConditionRule], rules: EditionRules) -> str:
    tiers = {one.tier for one in asked}
    if tiers == {COMMON}:
        return "四个层级都适用"
    return "、".join(name for tier, name in rules.tiers.items() if tier in tiers) + "的条件，一次答完"


def read_answers(rules: EditionRules, group: str, data: Mapping[str, str]) -> dict[str, bool | None]:
    """The answers a posted page holds for the questions of `group`; what is not there stays as it was."""
    found: dict[str, bool | None] = {}
    for rule in questions(rules, group):
        said = data.get(f"flag-{rule.code}")
        if said in ANSWERS:
            found[rule.code] = ANSWERS[said]
    return found


def next_part(found: list[Part], key: str) -> Part | None:
    """The part after `key`, None after the last."""
    keys = [one.key for one in found]
    place = keys.index(key) + 1
    return found[place] if place < len(keys) else None


def computed_rules(rules: EditionRules, *operators: str) -> list[ConditionRule]:
    """The conditions the system works out with one of these operators: what a fact will be held against."""
    return [one for one in rules.conditions if _operators(one.operator, one.params) & set(operators)]


def _operators(operator: str, params: Mapping[str, Any]) -> set[str]:
    found = {operator, str(params.get("operator", ""))}
    for part in params.get("parts") or ():
        found |= _operators(part["operator"], part.get("params") or {})
    return found
