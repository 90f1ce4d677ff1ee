"""Every act that is recorded anywhere has a word, and rows are named by what they are."""

import ast
from pathlib import Path

from smartfactory import acts, audit, workflow
from tests.factories.declarations import make_declaration

FLOORS = ("smartfactory", "assessment", "declarations", "recommendations")


def recorded():
    """The acts written as a literal in a call of record() or refuse()."""
    for floor in FLOORS:
        for path in Path(floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("audit.record", "audit.refuse"):
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        yield first.value


def test_every_recorded_act_has_a_word():
    found = set(recorded())
    assert "declaration.start" in found
    assert {act for act in found if acts.word(act) == act} == set()


def test_transitions_are_named_by_their_labels():
    for machine in workflow._transitions.values():
        assert machine
    assert acts.word("declaration.submit") == "提交申报书"
    assert acts.word("recommendationlist.seal") != "recommendationlist.seal"


def test_rows_are_named_in_words_and_strangers_kept():
    asked = ["declarations.evidence:7", "test.thing:7", ""]
    assert acts.subjects(asked) == {
        "declarations.evidence:7": "佐证材料 7",
        "test.thing:7": "test.thing:7",
        "": "",
    }


def test_rows_are_called_what_people_call_them(policy, django_assert_num_queries):
    draft = make_declaration()
    preparer = draft.created_by
    with django_assert_num_queries(2):
        named = acts.subjects([audit.subject_of(draft), audit.subject_of(preparer), "declarations.declaration:0"])
    assert named[audit.subject_of(draft)] == f"申报书 {draft.number}"
    assert named[audit.subject_of(preparer)] == f"账号 {preparer.display}"
    assert named["declarations.declaration:0"] == "申报书 0"


def test_bodies_are_said_in_words():
    body = {"from": "in_review", "to": "qualified", "ranks": [1, 2], "version": 3, "exempt": True, "odd": None}
    assert acts.said("declarations.declaration:7", body) == [
        ("exempt", "是"),
        ("原来", "审核中"),
        ("odd", ""),
        ("名次", "1、2"),
        ("现在", "审核通过"),
        ("修改序号", "3"),
    ]
    assert acts.said("recommendations.recommendationlist:7", {"to": "sealed"}) == [("现在", "已封存")]
    assert acts.said("test.thing:7", {"to": "sealed", "items": {"number": 2}}) == [
        ("退回项", "编号 2"),
        ("现在", "sealed"),
    ]
