"""Hold an enterprise's facts against an edition: pure, no database, no clock, no number of any notice.

`evaluate` promises: every condition gets one status; a hard condition that is unmet or unprovable keeps its tier from
being reached; a soft one never does, and asks for an explanation instead; what is not declared is not held against
the enterprise where the edition says so. More facts that are true never lower a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from assessment.exact import decimal
from assessment.facts import Facts
from assessment.operators import Finding, Question, asks_person, judge
from assessment.vocabulary import COMMON, Scope, Status, Strength

DONE = (Status.MET, Status.NOT_APPLICABLE)


class UnknownTierError(ValueError):
    """The edition has no tier of this name."""


@dataclass(frozen=True)
class ConditionRule:
    """One condition as data, from a file or from a row."""

    code: str
    tier: str
    area_group: str
    text: str
    strength: str
    clause: str
    standing: str
    operator: str
    params: Mapping[str, Any] = field(default_factory=dict)
    scope: str = Scope.ALWAYS
    source: str = ""
    evidence: str = ""
    evidence_note: str = ""
    items: tuple[str, ...] = ()
    manual: bool = False
    fix: str = ""
    order: int = 0

    @property
    def hard(self) -> bool:
        return self.strength == Strength.HARD

    @property
    def asks_person(self) -> bool:
        """Whether a person answers it; otherwise the system computes it from other facts."""
        return asks_person(self.operator, self.params)


@dataclass(frozen=True)
class PlaceGroup:
    """Places a notice names together, for which it sets numbers of their own."""

    title: str
    codes: frozenset[str]


@dataclass(frozen=True)
class EditionRules:
    """The rules of one edition. `areas` and `tiers` map code to name in order; `segments` maps code to area or None."""

    code: str
    tiers: Mapping[str, str]
    areas: Mapping[str, str]
    segments: Mapping[str, str | None]
    segment_codes: Mapping[str, str]
    scenarios: Mapping[str, frozenset[str]]
    custom_scenarios: bool
    conditions: tuple[ConditionRule, ...]
    indicators: frozenset[str] = frozenset()
    accumulate: str = "none"
    places: Mapping[str, PlaceGroup] = field(default_factory=dict)

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(rule.code for rule in self.conditions)

    @cached_property
    def area_codes(self) -> dict[str, str]:
        """Every accepted spelling of an area, its code and its name, to the code."""
        return {**{code: code for code in self.areas}, **{name: code for code, name in self.areas.items()}}

    def allows_scenario(self, segment: str, name: str) -> bool:
        return self.custom_scenarios or name in self.scenarios.get(segment, frozenset())

    def coverage(self, facts: Facts) -> frozenset[str] | None:
        """Areas declared, and areas of the instances' segments; None while neither was stated."""
        if facts.areas is None and facts.scenario_instances is None:
            return None
        shown = {self.segments[one.segment] for one in facts.scenario_instances or ()}
        return frozenset(facts.areas or ()) | frozenset(area for area in shown if area)

    def binding(self, tier: str) -> tuple[ConditionRule, ...]:
        """The conditions a factory of this tier answers: the common ones, its own, lower ones if they accumulate."""
        if tier not in self._bound:
            self._bound[tier] = self._binding(tier)
        return self._bound[tier]

    @cached_property
    def _bound(self) -> dict[str, tuple[ConditionRule, ...]]:
        return {}

    def _binding(self, tier: str) -> tuple[ConditionRule, ...]:
        below = list(self.tiers)[: list(self.tiers).index(tier)]
        lower = {"none": [], "previous": below[-1:], "all": below}[self.accumulate]
        return tuple(rule for rule in self.conditions if rule.tier in (COMMON, tier, *lower))


@dataclass(frozen=True)
class Result:
    """The verdict on one condition. A soft condition that is not met asks for an explanation."""

    rule: ConditionRule
    status: Status
    reason: str = ""

    @property
    def blocks(self) -> bool:
        return self.rule.hard and self.status not in DONE

    @property
    def needs_explanation(self) -> bool:
        return not self.rule.hard and self.status not in DONE

    def as_json(self) -> dict[str, Any]:
        rule = self.rule
        return {
            "code": rule.code,
            "status": str(self.status),
            "strength": str(rule.strength),
            "clause": rule.clause,
            "source": rule.source,
            "standing": str(rule.standing),
            "tier": rule.tier,
            "reason": self.reason,
            "needs_explanation": self.needs_explanation,
        }


@dataclass(frozen=True)
class TierVerdict:
    """How a factory stands to one tier."""

    tier: str
    name: str
    results: tuple[Result, ...]

    @property
    def reached(self) -> bool:
        return not self.gaps

    @cached_property
    def gaps(self) -> tuple[Result, ...]:
        """Hard conditions unmet or unprovable: what keeps the tier from being reached."""
        return tuple(one for one in self.results if one.blocks)

    @cached_property
    def to_explain(self) -> tuple[Result, ...]:
        """Soft conditions not met: they do not block, and ask for an explanation."""
        return tuple(one for one in self.results if one.needs_explanation)

    @cached_property
    def applicable(self) -> tuple[Result, ...]:
        return tuple(one for one in self.results if one.status != Status.NOT_APPLICABLE)

    @property
    def met_count(self) -> int:
        return sum(one.status == Status.MET for one in self.applicable)


@dataclass(frozen=True)
class Verdict:
    """The whole answer: each tier's verdict, the highest tier reached, and what was computed on the way."""

    rules: EditionRules
    tiers: Mapping[str, TierVerdict]
    target: str | None
    coverage: tuple[str, ...] | None
    ai_share: Fraction | None
    ignored_flags: tuple[str, ...] = ()

    @property
    def tier(self) -> str | None:
        """The highest tier all of whose hard conditions are met, or None."""
        reached = [code for code, verdict in self.tiers.items() if verdict.reached]
        return reached[-1] if reached else None

    @property
    def met(self) -> bool | None:
        return self.tiers[self.target].reached if self.target else None

    def as_json(self) -> dict[str, Any]:
        """The contract's shape; `conditions` are those that bind the target."""
        tiers = {
            code: {"reached": one.reached, "hard_gaps": len(one.gaps), "to_explain": len(one.to_explain)}
            for code, one in self.tiers.items()
        }
        results = self.tiers[self.target].results if self.target else ()
        return {
            "edition": self.rules.code,
            "tier": self.tier,
            "target": self.target,
            "met": self.met,
            "coverage": None if self.coverage is None else list(self.coverage),
            "ai_share": None if self.ai_share is None else decimal(self.ai_share),
            "ai_share_fraction": None if self.ai_share is None else str(self.ai_share),
            "conditions": [one.as_json() for one in results],
            "tiers": tiers,
            "ignored_flags": list(self.ignored_flags),
        }


def evaluate(rules: EditionRules, facts: Facts, target: str | None = None) -> Verdict:
    """Judge `facts` by `rules`. Raises UnknownTierError for a target the edition does not have."""
    if target is not None and target not in rules.tiers:
        raise UnknownTierError(f"{rules.code}版没有层级“{target}”；可用的是 {'、'.join(rules.tiers)}")
    coverage = rules.coverage(facts)
    results = {rule.code: _judge(rule, facts, rules, coverage) for rule in rules.conditions}
    tiers = {
        tier: TierVerdict(tier, name, tuple(results[rule.code] for rule in rules.binding(tier)))
        for tier, name in rules.tiers.items()
    }
    covered = None if coverage is None else tuple(area for area in rules.areas if area in coverage)
    ignored = tuple(rule.code for rule in rules.conditions if rule.code in facts.flags and not rule.asks_person)
    return Verdict(rules, tiers, target, covered, facts.ai_share, ignored)


def evaluate_tier(rules: EditionRules, facts: Facts, tier: str) -> TierVerdict:
    """Judge only what binds `tier`. Raises KeyError for a tier the edition does not have."""
    coverage = rules.coverage(facts)
    results = tuple(_judge(rule, facts, rules, coverage) for rule in rules.binding(tier))
    return TierVerdict(tier, rules.tiers[tier], results)


def _judge(rule: ConditionRule, facts: Facts, rules: EditionRules, coverage: frozenset[str] | None) -> Result:
    """One condition. While nothing is declared, nothing is waived: not applicable needs a stated coverage."""
    if rule.scope == Scope.WHEN_AREA_DECLARED and coverage is not None and rule.area_group not in coverage:
        return Result(rule, Status.NOT_APPLICABLE, f"未覆盖{rules.areas[rule.area_group]}")
    finding: Finding = judge(Question(rule, facts, rules), rule.operator, rule.params)
    return Result(rule, finding.status, finding.reason)
