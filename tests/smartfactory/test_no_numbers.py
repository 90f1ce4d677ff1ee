"""Code knows operators, data knows numbers: nothing that a notice decides stands in Python.

Without a list of exceptions: the words of the policy come from the fixtures themselves, and wherever one of them, or a
phrase that sets a limit, meets a number in one expression, that is a finding.
"""

import ast
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from assessment.vocabulary import Tier

ROOT = Path(settings.BASE_DIR)
FLOORS = ("smartfactory", "assessment", "declarations", "recommendations")
# Invented data for showing and measuring is no policy.
INVENTED = {"demo", "demo.py", "seed_load.py", "migrations"}
# Not 0 and 1, and not what only concerns writing itself: digits, characters, megabytes.
NUMBER = r"(?![01](?!\d))\d+(\.\d+)?(?![\d.]|\s*(位|字|MB|秒|分钟))"
LIMIT = re.compile(
    rf"(不超过|不少于|不低于|不高于|不多于|至少|最多|大于|小于|达到|高于|低于|≥|≤|>=|<=)\s*{NUMBER}|"
    r"\d+(\.\d+)?\s*(%|％|个以上|项以上|级及以上|家以上|分以上)"
)
CLAUSE = re.compile(r"^[一二三四五六七八九十]+（[一二三四五六七八九十]+）\d*$|^第[一二三四五六七八九十百\d]+条$")


def sources():
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if not INVENTED & set(path.parts):
                yield path


def authorities():
    found = yaml.safe_load((ROOT / "fixtures/authorities/national.yaml").read_text(encoding="utf-8"))
    rows = found["authorities"] if isinstance(found, dict) else found
    return {str(row[key]) for row in rows for key in ("code", "name", "short_name") if row.get(key)}


def tracks():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "fixtures/editions").glob("*/campaign.yaml")]
    return {code for text in texts for code in re.findall(r"code:\s*[\"']?(\d{4}-[a-z-]+)", text)}


@pytest.fixture(scope="module")
def words():
    """Tiers, tracks, editions and authorities: what a notice gives numbers to."""
    return set(Tier.values) | {str(one) for one in Tier.labels} | tracks() | authorities()


def constants(node, kind):
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and type(one.value) is kind]


def expressions(tree):
    """The smallest pieces in which a word may be given a number: comparisons, entries of a table, calls, assignments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from (ast.Tuple([key, value], ast.Load(), lineno=node.lineno) for key, value in _pairs(node))
        elif isinstance(node, ast.Compare | ast.Call | ast.Tuple | ast.BoolOp | ast.IfExp):
            yield node


def _pairs(node):
    return [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key is not None]


def numbers(node):
    """Numbers that could be a limit: 0 and 1 count and step."""
    return [one for one in constants(node, int) + constants(node, float) if one not in (0, 1)]


def test_the_words_are_really_there(words):
    assert {"EXCELLENCE", "2024-excellence"} <= words
    assert len(words) > 60


def test_no_tier_track_or_authority_meets_a_number(words):
    wrong = []
    for path in sources():
        for node in expressions(ast.parse(path.read_text(encoding="utf-8"))):
            if len(list(ast.walk(node))) < 25 and words & set(constants(node, str)) and numbers(node):
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def texts(tree):
    """Every text that is not a docstring."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        id(one.body[0].value)
        for one in ast.walk(tree)
        if isinstance(one, owners) and ast.get_docstring(one, clean=False)
    }
    return [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in docs
    ]


@pytest.mark.parametrize("pattern", [LIMIT, CLAUSE], ids=["limits", "clauses"])
def test_no_text_states_a_limit_or_a_clause_of_a_notice(pattern):
    wrong = [
        f"{path.relative_to(ROOT)}:{one.lineno} {one.value!r}"
        for path in sources()
        for one in texts(ast.parse(path.read_text(encoding="utf-8")))
        if pattern.search(one.value)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_search_finds_what_it_is_for(words):
    guilty = ast.parse(
        'LIMITS = {"2024-excellence": 20}\nif tier == "EXCELLENCE" and score > 85: pass\ntext = "不超过 20 个"'
    )
    found = [node for node in expressions(guilty) if words & set(constants(node, str)) and numbers(node)]
    assert len(found) >= 2
    assert [one.value for one in texts(guilty) if LIMIT.search(one.value)] == ["不超过 20 个"]
