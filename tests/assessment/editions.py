"""The editions under fixtures/, read once from their files: the pure tests need no database."""

import functools

from assessment import edition_rules, loader
from assessment.facts import Facts, Instance
from assessment.vocabulary import COMMON, Tier

EDITIONS = ("2024", "2025")
TIERS = tuple(Tier.values)


@functools.cache
def rules(code):
    return edition_rules.from_files(loader.EDITIONS / code)


def conditions(*, operator=None):
    """(edition, rule) of all editions, of one operator if asked; operators nested in another count as well."""
    return [
        (code, rule)
        for code in EDITIONS
        for rule in rules(code).conditions
        if operator is None or operator in named(rule.operator, rule.params)
    ]


def named(operator, params):
    """The operators in a condition with the parameters of each."""
    found = {operator: params}
    for part in [params, *params.get("parts", [])]:
        if "operator" in part:
            found.update(named(part["operator"], part.get("params") or {}))
    return found


def case(pair):
    return pair[1].code


def perfect(code):
    """Facts with which every condition of the edition is met."""
    edition = rules(code)
    segment = next(iter(edition.segments))
    return {
        "flags": {rule.code: True for rule in edition.conditions if rule.asks_person},
        "maturity_level": 5,
        "prior_tiers": list(TIERS),
        "areas": list(edition.areas),
        "scenario_instances": [{"segment": segment, "scenario": "", "name": "实例", "uses_ai": True}],
        "indicators": {"1": {"before": "80", "after": "92.5"}},
        "industry": "C3311",
        "is_branch": False,
        "built_until": "2020-01",
    }


def binding(code, tier):
    return [rule for rule in rules(code).conditions if rule.tier in (COMMON, tier)]


def instances(ai, total, segment):
    return tuple(Instance(segment, "", f"实例{n}", n < ai) for n in range(total))


EMPTY = Facts()
