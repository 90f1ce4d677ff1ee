"""Every rule of every edition against facts below, at and above it; hard and soft; and what must hold for any facts."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment import rules as pure
from assessment.facts import Facts, parse
from assessment.rules import ConditionRule, evaluate
from assessment.vocabulary import COMMON, Scope, Status, Strength
from tests.assessment.editions import (
    EDITIONS,
    EMPTY,
    TIERS,
    binding,
    case,
    conditions,
    instances,
    named,
    perfect,
    rules,
)

ORDER = {Status.UNMET: 0, Status.UNPROVABLE: 1, Status.NOT_APPLICABLE: 2, Status.MET: 2}


def status(code, rule, facts):
    verdict = evaluate(rules(code), facts)
    tier = TIERS[0] if rule.tier == COMMON else rule.tier
    return next(one.status for one in verdict.tiers[tier].results if one.rule.code == rule.code)


def facts(code, **changes):
    return parse({**perfect(code), **changes}, rules(code))


@pytest.mark.parametrize("pair", conditions(operator="maturity_at_least"), ids=case)
def test_maturity_below_at_and_above(pair):
    code, rule = pair
    level = rule.params["level"]
    found = {stated: status(code, rule, facts(code, maturity_level=stated)) for stated in range(6)}
    assert {stated for stated, one in found.items() if one == Status.MET} == set(range(level, 6))
    assert {stated for stated, one in found.items() if one == Status.UNMET} == set(range(level))
    assert status(code, rule, facts(code, maturity_level=None)) == Status.UNPROVABLE


@pytest.mark.parametrize("pair", conditions(operator="ai_share_at_least"), ids=case)
def test_ai_share_below_at_and_above(pair):
    code, rule = pair
    floor = Fraction(str(rule.params["percent"])) / 100
    segment = next(iter(rules(code).segments))
    for total in (1, 3, 7, 50, 100, 999):
        least = -(-floor * total // 1)
        for ai in {0, int(least) - 1, int(least), int(least) + 1, total} - {-1}:
            if ai > total:
                continue
            stated = replace(facts(code), scenario_instances=instances(ai, total, segment))
            wanted = Status.MET if Fraction(ai, total) >= floor else Status.UNMET
            assert status(code, rule, stated) == wanted, (ai, total)


@pytest.mark.parametrize("pair", conditions(operator="ai_share_at_least"), ids=case)
def test_ai_share_that_cannot_be_computed_is_unprovable(pair):
    code, rule = pair
    segment = next(iter(rules(code).segments))
    unanswered = [{"segment": segment, "name": "实例", "uses_ai": None}]
    for given_ in (None, [], unanswered):
        assert status(code, rule, facts(code, scenario_instances=given_)) == Status.UNPROVABLE


@pytest.mark.parametrize("pair", conditions(operator="built_by"), ids=case)
def test_building_finished_before_in_and_after_the_month(pair):
    code, rule = pair
    month = named(rule.operator, rule.params)["built_by"]["month"]
    year, number = map(int, month.split("-"))
    before, after = f"{year}-{number - 1:02d}", f"{year}-{number + 1:02d}"
    for stated, wanted in (
        (before, Status.MET),
        (month, Status.MET),
        (f"{month}-30", Status.MET),
        (after, Status.UNMET),
    ):
        assert status(code, rule, facts(code, built_until=stated)) == wanted, stated
    assert status(code, rule, facts(code, built_until=None)) == Status.MET, "the person's own answer stands in"
    assert status(code, rule, facts(code, built_until=None, flags={})) == Status.UNPROVABLE


@pytest.mark.parametrize("pair", conditions(operator="coverage_includes"), ids=case)
def test_coverage_needs_every_named_area(pair):
    code, rule = pair
    wanted = rule.params["areas"]
    bare = {"scenario_instances": None}
    assert status(code, rule, facts(code, areas=wanted, **bare)) == Status.MET
    assert status(code, rule, facts(code, areas=list(rules(code).areas), **bare)) == Status.MET
    for missing in wanted:
        assert status(code, rule, facts(code, areas=[one for one in wanted if one != missing], **bare)) == Status.UNMET
    assert status(code, rule, facts(code, areas=None, **bare)) == Status.UNPROVABLE
    assert status(code, rule, facts(code, areas=[], **bare)) == Status.UNMET


@pytest.mark.parametrize("pair", conditions(operator="prior_tier"), ids=case)
def test_prior_title_must_be_held(pair):
    code, rule = pair
    wanted = TIERS.index(rule.params["tier"])
    for position, tier in enumerate(TIERS):
        expected = Status.MET if position >= wanted else Status.UNMET
        assert status(code, rule, facts(code, prior_tiers=[tier])) == expected
    assert status(code, rule, facts(code, prior_tiers=[])) == Status.UNMET
    assert status(code, rule, facts(code, prior_tiers=None)) == Status.UNPROVABLE


@pytest.mark.parametrize("pair", conditions(operator="branch_allowed_for_industry"), ids=case)
def test_a_branch_only_in_the_named_industries(pair):
    code, rule = pair
    allowed = named(rule.operator, rule.params)["branch_allowed_for_industry"]["industries"]
    assert status(code, rule, facts(code, is_branch=False, industry=None)) == Status.MET
    for industry in allowed:
        assert status(code, rule, facts(code, is_branch=True, industry=industry)) == Status.MET
        assert status(code, rule, facts(code, is_branch=True, industry=industry[1:])) == Status.MET
    assert status(code, rule, facts(code, is_branch=True, industry="C3311")) == Status.UNMET
    unknown = facts(code, is_branch=True, industry=None, flags={})
    assert status(code, rule, unknown) == Status.UNPROVABLE


@pytest.mark.parametrize("pair", conditions(operator="flag"), ids=case)
def test_a_person_answers_yes_no_or_not_yet(pair):
    code, rule = pair
    for answer, wanted in ((True, Status.MET), (False, Status.UNMET), (None, Status.UNPROVABLE)):
        flags = {**perfect(code)["flags"], rule.code: answer}
        assert status(code, rule, facts(code, flags=flags)) == wanted
    del flags[rule.code]
    assert status(code, rule, facts(code, flags=flags)) == Status.UNPROVABLE


@pytest.mark.parametrize("code", EDITIONS)
@pytest.mark.parametrize("tier", TIERS)
def test_one_hard_condition_keeps_a_tier_from_being_reached_and_a_soft_one_never(code, tier):
    for rule in binding(code, tier):
        if rule.operator != "flag":
            continue
        for answer in (False, None):
            flags = {**perfect(code)["flags"], rule.code: answer}
            verdict = evaluate(rules(code), facts(code, flags=flags), tier)
            assert verdict.met is (rule.strength == Strength.SOFT), rule.code
            listed = verdict.tiers[tier].gaps if rule.hard else verdict.tiers[tier].to_explain
            assert [one.rule.code for one in listed] == [rule.code]


@pytest.mark.parametrize("code", EDITIONS)
def test_perfect_facts_reach_the_highest_tier_and_leave_nothing_to_explain(code):
    verdict = evaluate(rules(code), facts(code), TIERS[-1])
    assert (verdict.tier, verdict.met) == (TIERS[-1], True)
    assert all(not one.gaps and not one.to_explain for one in verdict.tiers.values())


@pytest.mark.parametrize("code", EDITIONS)
def test_nothing_said_is_nothing_proved(code):
    verdict = evaluate(rules(code), EMPTY, TIERS[0])
    assert (verdict.tier, verdict.met, verdict.coverage, verdict.ai_share) == (None, False, None, None)
    statuses = {one.status for tier in verdict.tiers.values() for one in tier.results}
    assert statuses == {Status.UNPROVABLE}


@pytest.mark.parametrize("pair", [pair for pair in conditions() if pair[1].scope == Scope.WHEN_AREA_DECLARED], ids=case)
def test_an_area_that_is_not_declared_is_not_held_against_the_enterprise(pair):
    code, rule = pair
    others = [area for area in rules(code).areas if area != rule.area_group]
    flags = {**perfect(code)["flags"], rule.code: False}
    apart = facts(code, flags=flags, areas=others, scenario_instances=None)
    assert status(code, rule, apart) == Status.NOT_APPLICABLE
    assert status(code, rule, facts(code, flags=flags)) == Status.UNMET


def test_coverage_comes_from_declared_areas_and_from_instances():
    found = rules("2024")
    shown = parse(
        {"scenario_instances": [{"segment": "质量管控", "name": "甲"}, {"segment": "supply-chain", "name": "乙"}]},
        found,
    )
    assert evaluate(found, shown).coverage == ("OPS", "BIZ")
    assert evaluate(found, parse({"areas": ["工厂建设"]}, found)).coverage == ("FAC",)
    assert evaluate(found, parse({"areas": []}, found)).coverage == ()


def test_innovation_across_segments_does_not_count_as_coverage_but_counts_as_an_instance():
    found = rules("2024")
    one = {"segment": "多环节模式创新", "name": "甲", "uses_ai": True}
    verdict = evaluate(found, parse({"scenario_instances": [one, {**one, "name": "乙", "uses_ai": False}]}, found))
    assert (verdict.coverage, verdict.ai_share) == ((), Fraction(1, 2))


def test_the_tier_reached_is_the_highest_one_even_when_a_lower_one_has_gaps():
    flags = {**perfect("2024")["flags"], "2024-ADV-OPS-02": False}
    verdict = evaluate(rules("2024"), facts("2024", flags=flags), "ADVANCED")
    assert (verdict.tier, verdict.met) == ("PIONEER", False)


@pytest.mark.parametrize(("accumulate", "reached"), [("none", "PIONEER"), ("previous", "PIONEER"), ("all", "BASIC")])
def test_accumulation_is_a_switch_of_the_edition(accumulate, reached):
    flags = {**perfect("2024")["flags"], "2024-ADV-OPS-02": False}
    found = replace(rules("2024"), accumulate=accumulate)
    verdict = evaluate(found, facts("2024", flags=flags), "ADVANCED")
    assert verdict.tier == reached
    assert verdict.tiers["EXCELLENCE"].reached is (accumulate == "none")


def test_the_2024_prerequisite_is_soft_and_the_2025_one_hard():
    for code, met in (("2024", True), ("2025", False)):
        verdict = evaluate(rules(code), facts(code, prior_tiers=[]), "EXCELLENCE")
        assert verdict.met is met
    explain = evaluate(rules("2024"), facts("2024", prior_tiers=[]), "EXCELLENCE").tiers["EXCELLENCE"].to_explain
    assert [one.rule.code for one in explain] == ["2024-EXC-PRE-01"]


def test_a_flag_on_a_computed_condition_changes_nothing_and_is_named():
    flags = {**perfect("2024")["flags"], "2024-EXC-MAT-01": True}
    verdict = evaluate(rules("2024"), facts("2024", flags=flags, maturity_level=1), "EXCELLENCE")
    assert verdict.met is False
    assert verdict.ignored_flags == ("2024-EXC-MAT-01",)


def test_an_unknown_target_is_refused_by_name():
    with pytest.raises(pure.UnknownTierError, match="PLATINUM"):
        evaluate(rules("2024"), EMPTY, "PLATINUM")


def made(operator, params, **changes):
    values = {
        "code": "X",
        "tier": COMMON,
        "area_group": "GEN",
        "text": "",
        "strength": "hard",
        "clause": "",
        "standing": "",
    }
    return ConditionRule(**{**values, "operator": operator, "params": params, **changes})


@pytest.mark.parametrize(
    ("answers", "every", "some"),
    [
        ((True, True), Status.MET, Status.MET),
        ((True, None), Status.UNPROVABLE, Status.MET),
        ((True, False), Status.UNMET, Status.MET),
        ((None, False), Status.UNMET, Status.UNPROVABLE),
        ((None, None), Status.UNPROVABLE, Status.UNPROVABLE),
        ((False, False), Status.UNMET, Status.UNMET),
    ],
)
def test_all_flags_and_any_flags(answers, every, some):
    stated = Facts(flags=dict(zip("ab", answers, strict=True)))
    for operator, wanted in (("all_flags", every), ("any_flags", some)):
        found = replace(rules("2024"), conditions=(made(operator, {"codes": ["a", "b"]}),))
        assert evaluate(found, stated).tiers["BASIC"].results[0].status == wanted


@st.composite
def any_facts(draw, code):
    edition = rules(code)
    one = st.fixed_dictionaries(
        {"segment": st.sampled_from(sorted(edition.segments)), "uses_ai": st.sampled_from([True, False, None])}
    )
    optional = {
        "flags": st.dictionaries(st.sampled_from(sorted(edition.codes)), st.sampled_from([True, False, None])),
        "maturity_level": st.none() | st.integers(0, 5),
        "prior_tiers": st.none() | st.lists(st.sampled_from(TIERS)),
        "areas": st.none() | st.lists(st.sampled_from(sorted(edition.areas))),
        "scenario_instances": st.none() | st.lists(one, max_size=6),
        "industry": st.sampled_from([None, "C3311", "C2511", "0700"]),
        "is_branch": st.sampled_from([None, True, False]),
        "built_until": st.sampled_from([None, "2019-05", "2024-11", "2025-08"]),
    }
    return draw(st.fixed_dictionaries({}, optional=optional))


@pytest.mark.parametrize("code", EDITIONS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_facts_get_a_verdict_that_reads_back(code, data):
    stated = data.draw(any_facts(code))
    edition = rules(code)
    read = parse(stated, edition)
    verdict = evaluate(edition, read, data.draw(st.sampled_from(TIERS)))
    answer = verdict.as_json()
    assert {one["status"] for one in answer["conditions"]} <= set(Status.values)
    blocking = [
        one for one in answer["conditions"] if one["strength"] == "hard" and one["status"] in ("unmet", "unprovable")
    ]
    assert answer["met"] is (not blocking)
    assert parse(read.as_json(), edition) == read


@pytest.mark.parametrize("code", EDITIONS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_more_truth_never_lowers_a_verdict(code, data):
    """A flag turned to yes, a level or a title more: no status worsens, no tier is lost."""
    edition, stated = rules(code), data.draw(any_facts(code))
    better = dict(stated)
    kind = data.draw(st.sampled_from(["flags", "maturity_level", "prior_tiers"]))
    if kind == "flags":
        better["flags"] = {**(stated.get("flags") or {}), data.draw(st.sampled_from(sorted(edition.codes))): True}
    elif kind == "maturity_level":
        better[kind] = min(5, (stated.get(kind) or 0) + 1)
    else:
        better[kind] = [*(stated.get(kind) or []), data.draw(st.sampled_from(TIERS))]
    before, after = (evaluate(edition, parse(one, edition)) for one in (stated, better))
    for tier, verdict in before.tiers.items():
        was, now = ({one.rule.code: one.status for one in v.results} for v in (verdict, after.tiers[tier]))
        if kind == "flags" or stated.get(kind) is not None:
            assert all(ORDER[now[one]] >= ORDER[was[one]] for one in was)
        assert after.tiers[tier].reached or not verdict.reached
