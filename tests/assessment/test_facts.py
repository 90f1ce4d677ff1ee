"""The contract's facts JSON: what is refused, and that it is named."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment import strict_json
from assessment.facts import FactsError, parse
from tests.assessment.editions import perfect, rules

GOOD = {"segment": "生产作业", "scenario": "人机协同作业", "name": "甲", "uses_ai": True}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "JSON 对象"),
        ({"flagz": {}}, "不认识的键“flagz”"),
        ({"flags": {"2024-EXC-XXX-99": True}}, "2024-EXC-XXX-99"),
        ({"flags": {"2024-EXC-APP-04": "yes"}}, "“2024-EXC-APP-04”应是 true、false 或 null"),
        ({"flags": {"2024-EXC-APP-04": 1}}, "2024-EXC-APP-04"),
        ({"flags": ["2024-EXC-APP-04"]}, "“flags”应是"),
        ({"maturity_level": 6}, "“maturity_level”应是 0 到 5"),
        ({"maturity_level": "3"}, "“maturity_level”"),
        ({"maturity_level": True}, "“maturity_level”"),
        ({"maturity_level": Decimal("3.5")}, "“maturity_level”"),
        ({"maturity_level": -1}, "“maturity_level”"),
        ({"prior_tiers": ["GOLD"]}, "“GOLD”没有定义"),
        ({"prior_tiers": "ADVANCED"}, "“prior_tiers”应是列表"),
        ({"prior_tiers": [["ADVANCED"]]}, "没有定义"),
        ({"areas": ["XXX"]}, "“areas”里的“XXX”"),
        ({"scenario_instances": [{**GOOD, "segment": "不存在的环节"}]}, "“不存在的环节”不在2024版的场景目录里"),
        ({"scenario_instances": [{"name": "甲"}]}, "“segment”"),
        ({"scenario_instances": [{**GOOD, "ai": True}]}, "不认识的键“ai”"),
        ({"scenario_instances": [{**GOOD, "uses_ai": "是"}]}, "“uses_ai”"),
        ({"scenario_instances": [{**GOOD, "name": 5}]}, "“name”应是文字"),
        ({"scenario_instances": ["甲"]}, "第 1 个实例应是一个 JSON 对象"),
        ({"scenario_instances": {}}, "“scenario_instances”应是列表"),
        ({"indicators": {"21": {"before": 1}}}, "第“21”项指标"),
        ({"indicators": {"1": {"was": 1}}}, "只能有“before”和“after”"),
        ({"indicators": {"1": {"before": "很多"}}}, "“before”应是数"),
        ({"indicators": {"1": {"before": "9" * 40}}}, "“before”应是数"),
        ({"indicators": {"1": 5}}, "只能有"),
        ({"indicators": []}, "“indicators”应是"),
        ({"industry": "制造业"}, "“industry”"),
        ({"industry": 3311}, "“industry”"),
        ({"is_branch": "false"}, "“is_branch”"),
        ({"built_until": "2024-13"}, "“built_until”"),
        ({"built_until": "2024年6月"}, "“built_until”"),
        ({"built_until": "2024-06-31x"}, "“built_until”"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(data, words):
    with pytest.raises(FactsError, match=words):
        parse(data, rules("2024"))


def test_every_fault_is_named_at_once():
    with pytest.raises(FactsError) as caught:
        parse({"flagz": 1, "maturity_level": 9, "areas": ["Q"]}, rules("2024"))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("code", ["2024", "2025"])
def test_facts_survive_a_round_trip_through_json(code):
    read = parse(perfect(code), rules(code))
    assert parse(json.loads(json.dumps(read.as_json())), rules(code)) == read


def test_null_means_not_said():
    read = parse(dict.fromkeys(perfect("2024")), rules("2024"))
    assert read == parse({}, rules("2024"))


def test_a_condition_of_another_edition_is_unknown():
    with pytest.raises(FactsError, match="2025-EXC-AI-01"):
        parse({"flags": {"2025-EXC-AI-01": True}}, rules("2024"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "键“a”写了两次"),
        ('{"a": NaN}', "NaN"),
        ("{", "第 1 行第 2 列"),
        ("[" * 100_000, "嵌套太深|第 1 行"),
        ("1" * 5000, "limit|digits"),
        ('{"a": "\\ud800"}', "不成文字的字符"),
    ],
)
def test_json_is_read_strictly(text, words):
    with pytest.raises(strict_json.JsonError, match=words):
        strict_json.parse(text, "facts.json")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(perfect("2024"))) | st.text(max_size=5), ANYTHING, max_size=4))
def test_whatever_is_sent_is_read_or_refused_in_words(data):
    problems = []
    try:
        read = parse(data, rules("2024"))
    except FactsError as error:
        problems = error.problems
    assert all(problems)
    assert problems or parse(read.as_json(), rules("2024")) == read


def test_text_that_a_database_cannot_keep_is_cleaned():
    read = parse({"scenario_instances": [{**GOOD, "name": "甲\x00乙\u202e"}]}, rules("2024"))
    assert read.scenario_instances[0].name == "甲乙"


def test_decimals_are_kept_as_written():
    assert strict_json.parse("[0.1, 3]", "x") == [Decimal("0.1"), 3]
