"""The editions that come with the program: what the papers say about their size, sources and standing."""

import functools
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from assessment import loader
from assessment.vocabulary import COMMON, Standing, Tier
from tests.assessment.editions import EDITIONS, TIERS, case, conditions, rules

CATALOGUES = {"2024": (15, 14, 1), "2025": (8, 8, 40)}
PYTHON = Path(__file__).parents[2]
NOTICE_NUMBER = re.compile(r"〔\d{4}〕|\d{2,3}号|第[一二三四五六七八九十\d]+条|T/CAMS|附件\d")


@functools.cache
def chapter(code, name):
    return yaml.safe_load((loader.EDITIONS / code / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", EDITIONS)
def test_the_files_are_without_error(code):
    assert loader.read_edition(loader.EDITIONS / code).defects == []


def test_the_2024_edition_is_whole():
    found = Counter(rule.tier for rule in rules("2024").conditions)
    assert found == {COMMON: 15, Tier.BASIC: 23, Tier.ADVANCED: 26, Tier.EXCELLENCE: 41, Tier.PIONEER: 27}
    assert {rule.standing for rule in rules("2024").conditions} == {Standing.OFFICIAL}


def test_the_soft_conditions_of_2024_are_the_ones_the_notice_words_softly():
    soft = {rule.code.removeprefix("2024-") for rule in rules("2024").conditions if not rule.hard}
    assert soft == {
        "EXC-PRE-01", "EXC-COV-01", "EXC-FAC-05", "EXC-PMG-07", "EXC-BIZ-06", "EXC-EFF-04",
        "PIO-FAC-04", "PIO-RND-01", "PIO-PMG-01", "PIO-PMG-02", "PIO-BIZ-01", "PIO-BIZ-03", "PIO-BIZ-04",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "tier", "level"), [(code, *pair) for code in EDITIONS for pair in zip(TIERS, (2, 2, 3, 4), strict=True)]
)
def test_maturity_floors(code, tier, level):
    found = [
        rule.params["level"]
        for rule in rules(code).conditions
        if rule.tier == tier and rule.operator == "maturity_at_least"
    ]
    assert found == [level]


@pytest.mark.parametrize("code", EDITIONS)
def test_coverage_floors(code):
    found = {
        rule.tier: (set(rule.params["areas"]), rule.strength)
        for rule in rules(code).conditions
        if rule.operator == "coverage_includes"
    }
    whole = set(rules(code).areas)
    assert found == {
        "BASIC": ({"OPS"}, "hard"),
        "ADVANCED": ({"OPS", "PMG", "BIZ"}, "hard"),
        "EXCELLENCE": (whole, "soft"),
        "PIONEER": (whole, "hard"),
    }


@pytest.mark.parametrize("code", EDITIONS)
def test_catalogue_sizes_and_the_area_each_segment_counts_for(code):
    segments, counting, scenarios = CATALOGUES[code]
    found = rules(code)
    assert len(found.segments) == segments
    assert sum(area is not None for area in found.segments.values()) == counting
    assert len(chapter(code, "catalogue")["scenarios"]) == scenarios
    assert set(found.segments.values()) - {None} == set(found.areas)


def test_ai_share_is_asked_only_in_2025_and_only_of_the_two_upper_tiers():
    found = [
        (code, rule.tier, rule.params["percent"], rule.standing)
        for code, rule in conditions(operator="ai_share_at_least")
    ]
    assert found == [("2025", "EXCELLENCE", 20, "secondary"), ("2025", "PIONEER", 60, "secondary")]


def test_the_2025_standing_says_what_is_attested():
    official = [rule for rule in rules("2025").conditions if rule.standing == Standing.OFFICIAL]
    assert {rule.source for rule in official} == {"notice-251"}
    assert {rule.tier for rule in official} == {"ADVANCED", "EXCELLENCE", "PIONEER"}
    assert all(
        rule.source.startswith("http") for rule in rules("2025").conditions if rule.standing == Standing.SECONDARY
    )


def test_every_2024_building_condition_is_the_unverified_draft_of_2025():
    now = {rule.code.removeprefix("2025-"): rule for rule in rules("2025").conditions}
    for rule in rules("2024").conditions:
        name = rule.code.removeprefix("2024-")
        if rule.area_group in rules("2024").areas or rule.area_group == "GEN":
            copy = now[name]
            assert (copy.text, copy.strength, copy.scope, copy.standing) == (
                rule.text,
                rule.strength,
                rule.scope,
                "unverified",
            )


@pytest.mark.parametrize("code", EDITIONS)
def test_twenty_indicators_and_none_with_a_threshold(code):
    found = chapter(code, "indicators")["indicators"]
    assert [one["number"] for one in found] == list(range(1, 21))
    assert Counter(one["group"] for one in found) == {
        "能力提升类": 4, "价值效益类": 2, "生产运营效率类": 9, "可持续发展类": 4, "推广应用类": 1,
    }  # fmt: skip
    assert {(one.get("lower"), one.get("upper")) for one in found} <= {
        ("0", "100"),
        ("0", None),
        (None, "100"),
        (None, None),
    }


@functools.cache
def places(code):
    """Every section.field of the edition's forms, and the sections a whole area of conditions points at."""
    sections = [section for form in chapter(code, "form")["forms"] for section in form["sections"]]
    return {"scenarios"} | {f"{one['key']}.{field['key']}" for one in sections for field in one["fields"]}


@pytest.mark.parametrize("pair", conditions(), ids=case)
def test_every_condition_names_a_place_of_the_form_where_it_is_fixed(pair):
    code, rule = pair
    assert rule.fix in places(code)


def test_no_notice_number_and_no_clause_stands_in_python():
    guilty = [
        f"{path.relative_to(PYTHON)}:{number}: {line.strip()}"
        for app in ("smartfactory", "assessment", "declarations", "recommendations")
        for path in sorted((PYTHON / app).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if NOTICE_NUMBER.search(line)
    ]
    assert guilty == []
