"""manage.py evaluate and manage.py maturity as the contract promises them."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.assessment.editions import perfect

DATA = Path(__file__).parent / "data"
pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture
def written(tmp_path):
    def write(value):
        path = tmp_path / "input.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return write


def run(name, *arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def evaluate(path, *, edition="2024", target="EXCELLENCE"):
    out, err = run("evaluate", "--edition", edition, "--target", target, "--facts", path, "--json")
    return json.loads(out), err


def refused(name, *arguments):
    with pytest.raises(CommandError) as caught:
        run(name, *arguments)
    assert caught.value.returncode == 2
    return str(caught.value)


@pytest.mark.parametrize("edition", ["2024", "2025"])
def test_evaluate_answers_in_the_shape_of_the_contract(written, edition):
    answer, err = evaluate(written(perfect(edition)), edition=edition)
    assert {"tier", "target", "met", "coverage", "ai_share", "conditions"} <= set(answer)
    assert (answer["tier"], answer["target"], answer["met"]) == ("PIONEER", "EXCELLENCE", True)
    assert answer["coverage"] == ["FAC", "RND", "OPS", "PMG", "BIZ"]
    assert answer["ai_share"] == "1"
    for one in answer["conditions"]:
        assert {"code", "status", "strength", "clause", "standing"} <= set(one)
    assert err == ""


def test_evaluate_names_each_unmet_condition_with_its_clause(written):
    facts = {**perfect("2024"), "maturity_level": 2, "prior_tiers": []}
    answer, _ = evaluate(written(facts))
    unmet = {
        one["code"]: (one["status"], one["strength"], one["clause"])
        for one in answer["conditions"]
        if one["status"] != "met"
    }
    assert unmet == {
        "2024-EXC-MAT-01": ("unmet", "hard", "一.5"),
        "2024-EXC-PRE-01": ("unmet", "soft", "二（一）2"),
    }
    assert (answer["met"], answer["tier"]) == (False, "ADVANCED")


def test_the_ai_share_is_exact(written):
    one = {"segment": "生产作业", "name": "甲", "uses_ai": True}
    instances = [one, {**one, "uses_ai": False}, {**one, "uses_ai": False}]
    answer, _ = evaluate(written({**perfect("2025"), "scenario_instances": instances}), edition="2025")
    assert (answer["ai_share"], answer["ai_share_fraction"]) == ("0.333333333333", "1/3")


def test_a_flag_the_system_does_not_use_is_told(written):
    answer, err = evaluate(written({"flags": {"2024-EXC-MAT-01": True}}))
    assert answer["ignored_flags"] == ["2024-EXC-MAT-01"]
    assert "2024-EXC-MAT-01" in err


def test_evaluate_for_people(written):
    path = written({**perfect("2024"), "maturity_level": 2})
    out, _ = run("evaluate", "--edition", "2024", "--target", "EXCELLENCE", "--facts", path)
    assert "达到：先进级；目标卓越级：不满足" in out
    assert "[须满足] 2024-EXC-MAT-01 一.5" in out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"flagz": {}}, "“flagz”"),
        ({"flags": {"2024-EXC-FOO-01": True}}, "“2024-EXC-FOO-01”"),
        ("{", "不是合格的 JSON"),
        ("[]", "JSON 对象"),
        ('{"flags": {}, "flags": {}}', "写了两次"),
    ],
)
def test_bad_facts_end_with_two_and_name_the_file_and_the_key(written, content, words):
    path = written(content)
    message = refused("evaluate", "--edition", "2024", "--target", "BASIC", "--facts", path)
    assert words in message
    assert "input.json" in message


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--edition", "1999", "--target", "BASIC"], "没有版次“1999”；已装载的是"),
        (["--edition", "2024", "--target", "GOLD"], "没有层级“GOLD”；可用的是 BASIC"),
    ],
)
def test_an_unknown_edition_or_tier_is_named(written, arguments, words):
    assert words in refused("evaluate", *arguments, "--facts", written({}))


def test_a_missing_file_is_named(tmp_path):
    assert "nowhere.json" in refused("maturity", "--scores", str(tmp_path / "nowhere.json"))


@pytest.mark.parametrize("name", ["maturity-process", "maturity-discrete", "maturity-discrete-cut"])
def test_maturity_answers_in_the_shape_of_the_contract(written, name):
    expected = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    out, _ = run("maturity", "--scores", written(expected["scores"]), "--json")
    answer = json.loads(out)
    assert {"levels", "total", "level", "satisfied", "standing"} <= set(answer)
    assert answer["level"] == expected["level"]
    for level, text in expected["levels"].items():
        assert Decimal(answer["levels"][level]).quantize(Decimal(text)) == Decimal(text)
        assert answer["fractions"]["levels"][level] == expected["fractions"][level]


def test_maturity_for_people_says_that_it_is_only_a_guide(written):
    out, _ = run("maturity", "--scores", written({"type": "process", "scores": {"P1": {"1": [1, 1]}}}))
    assert "仅供参考" in out
    assert "没有评分的要求：" in out


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({"type": "process", "cut": ["M5"], "scores": {"P1": {"1": [1]}}}, "“M5 生产作业”不可裁剪"),
        ({"type": "process", "scores": {"P1": {"1": [0.6]}}}, "“0.6”"),
        ({"type": "process", "scores": {"Q1": {"1": [1]}}}, "“Q1”"),
    ],
)
def test_bad_scores_end_with_two_and_name_the_node(written, scores, words):
    assert words in refused("maturity", "--scores", written(scores))
