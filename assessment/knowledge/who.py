"""Who may apply: the conditions on the applicant, and the cases that need a word of their own."""

from __future__ import annotations

from dataclasses import dataclass

from assessment.knowledge import asks, citing, limits
from assessment.knowledge.library import Entry, Library
from assessment.models import Condition, TierRule
from assessment.vocabulary import COMMON, ConditionGroup

BRANCH_RULE = "branch_allowed_for_industry"
APPLICANT = (ConditionGroup.GENERAL, ConditionGroup.APPLICATION)


@dataclass(frozen=True)
class Branches:
    """For which industries the system takes a branch, and the proof the form asks of it."""

    condition: Condition
    industries: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    common: tuple[Condition, ...]
    tiers: tuple[tuple[TierRule, tuple[Condition, ...]], ...]
    cases: tuple[tuple[Entry, list[citing.Cited]], ...]
    branches: tuple[Branches, ...]
    proofs: tuple[limits.Limit, ...]


def page(rules: asks.Rules, library: Library) -> Page:
    editions = {rules.edition.code: rules.edition}
    if base := rules.edition.source["edition"].get("extends"):
        # What the extended edition says of applicants holds here as well, and is cited in the same words.
        editions[base] = rules.edition
    tiers = ((one, _about(rules, one.tier)) for one in rules.tiers)
    cases = ((one, citing.of_basis(one.basis, editions, library)) for one in library.subjects)
    return Page(
        common=_about(rules, COMMON),
        tiers=tuple(one for one in tiers if one[1]),
        cases=tuple(one for one in cases if one[1]),
        branches=tuple(_branches(rules)),
        proofs=tuple(_proofs(rules)),
    )


def _about(rules: asks.Rules, tier: str) -> tuple[Condition, ...]:
    return tuple(one for one in rules.conditions if one.tier == tier and one.area_group in APPLICANT)


def _branches(rules: asks.Rules) -> list[Branches]:
    """One line for each different list of industries."""
    found: dict[tuple[str, ...], Branches] = {}
    for one in rules.conditions:
        inner = one.params if one.operator == BRANCH_RULE else one.params.get("params") or {}
        if BRANCH_RULE in (one.operator, one.params.get("operator")):
            industries = tuple(inner["industries"])
            found.setdefault(industries, Branches(one, industries))
    return list(found.values())


def _proofs(rules: asks.Rules) -> list[limits.Limit]:
    """The files a form asks of a branch alone, each once."""
    wanted: dict[str, limits.Limit] = {}
    for track in asks.tracks(rules.edition):
        keys = {
            field["label"]
            for _, field in limits.fields(rules.edition, track["code"])
            if (field.get("params") or {}).get("required_when") == {"field": "entity_type", "equals": "branch"}
        }
        found = {one.label: one for one in limits.files(rules.edition, track["code"]) if one.label in keys}
        wanted = {**found, **wanted}
    return list(wanted.values())
