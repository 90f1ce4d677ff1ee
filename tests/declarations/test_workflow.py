"""The machine of a declaration: every state with every role and every transition, and what the transitions write."""

import json

import pytest

from declarations.models import Declaration, ReturnItem
from declarations.vocabulary import Status
from declarations.workflow import TRANSITIONS, require, sealing
from smartfactory import workflow
from smartfactory.models import AuditEntry, Role
from smartfactory.problems import Problem
from tests.factories import declarations as made
from tests.factories.organisations import make_enterprise, make_member, make_tree, make_user

# Who may do what from where. Everything that is not listed is refused.
ALLOWED = {
    ("draft", "submit"): {"signatory"},
    ("returned", "submit"): {"signatory"},
    ("submitted", "withdraw"): {"preparer", "signatory"},
    ("submitted", "take_up"): {"official", "province"},
    ("in_review", "return_"): {"official", "province"},
    ("in_review", "qualify"): {"official", "province"},
    ("in_review", "reject"): {"official", "province"},
    ("in_review", "reserve"): {"official", "province"},
    ("qualified", "reopen"): {"official", "province"},
}
STATES = [str(one) for one in Status]


@pytest.fixture
def cast(policy):
    """One person for each relation to a declaration of an enterprise in 990101."""
    tree = make_tree()
    enterprise, stranger = make_enterprise(authority=tree["990101"]), make_enterprise(authority=tree["990102"])
    return enterprise, {
        "preparer": make_member(Role.PREPARER, enterprise=enterprise),
        "signatory": make_member(Role.SIGNATORY, enterprise=enterprise),
        "reader": make_member(Role.READER, enterprise=enterprise),
        "official": make_member(Role.OFFICIAL, authority=tree["990101"]),
        "province": make_member(Role.OFFICIAL, authority=tree["990000"]),
        "sealer": make_member(Role.SEALER, authority=tree["990101"]),
        "other city": make_member(Role.OFFICIAL, authority=tree["990102"]),
        "reviewer": make_member(Role.REVIEWER, authority=tree["ministry"]),
        "auditor": make_member(Role.AUDITOR, authority=tree["ministry"]),
        "other enterprise": make_member(Role.SIGNATORY, enterprise=stranger),
        "nobody": make_user(),
    }


@pytest.mark.parametrize("status", STATES)
def test_state_by_role(cast, status):
    enterprise, people = cast
    declaration = made.make_declaration(enterprise=enterprise)
    Declaration.objects.filter(pk=declaration.pk).update(status=status)
    declaration = Declaration.objects.get(pk=declaration.pk)
    offered = {
        step.name: {who for who, user in people.items() if step in workflow.available(declaration, user)}
        for step in TRANSITIONS
    }
    assert offered == {step.name: ALLOWED.get((status, step.name), set()) for step in TRANSITIONS}


def test_official_of_the_own_enterprise_may_not_judge(cast):
    enterprise, people = cast
    make_member(Role.READER, enterprise=enterprise, user=people["official"])
    declaration = made.make_declaration(status="submitted", enterprise=enterprise)
    assert workflow.available(declaration, people["official"]) == []


def test_group_of_a_central_enterprise_receives_its_own(policy):
    tree = make_tree()
    group = made.make_member(Role.OFFICIAL, authority=soe(tree))
    enterprise = make_enterprise(authority=tree["990101"], soe=soe(tree))
    declaration = made.make_declaration(status="submitted", enterprise=enterprise)
    assert [one.name for one in workflow.available(declaration, group)] == ["take_up"]


def soe(tree):
    from tests.factories.organisations import make_authority

    return make_authority("soe-yunze", kind="central_soe", parent=tree["ministry"], name="云泽装备集团有限公司")


@pytest.mark.parametrize("status", sorted(made.PATHS))
def test_every_status_is_reached_through_the_door(policy, status):
    declaration = made.make_declaration(status=status)
    assert declaration.status == status
    rows = AuditEntry.objects.filter(
        subject=f"declarations.declaration:{declaration.pk}", act__startswith="declaration."
    )
    acts = list(rows.values_list("act", flat=True))
    assert acts == [f"declaration.{one}" for one in ("start", "submit", *made.PATHS[status])]


@pytest.mark.parametrize("name", ["reject", "reserve"])
def test_acts_that_need_a_reason(policy, name):
    declaration = made.make_declaration(status="in_review")
    official = made.people_of(declaration)[2]
    with pytest.raises(workflow.Blocked, match="还没有写明理由"):
        workflow.fire(declaration, name, actor=official, version=declaration.version, note="  ")
    assert Declaration.objects.get(pk=declaration.pk).status == "in_review"


def test_recommendation_only_within_sealing(policy):
    declaration = made.make_declaration(status="qualified")
    official = made.people_of(declaration)[2]
    with pytest.raises(workflow.NotAllowed):
        workflow.fire(declaration, "recommend", actor=official, version=declaration.version, list="x")
    with sealing(), pytest.raises(workflow.NotAllowed):
        workflow.fire(declaration, "recommend", actor=official, version=declaration.version)
    with sealing():
        assert (
            workflow.fire(declaration, "recommend", actor=official, version=declaration.version, list="x").status
            == "recommended"
        )


def test_the_floor_above_may_hold_an_act_back(policy, monkeypatch):
    from declarations import workflow as machine

    monkeypatch.setattr(machine, "_required", {})
    require("qualify", lambda one: [Problem("还有两项没有勾选")])
    declaration = made.make_declaration(status="in_review")
    with pytest.raises(workflow.Blocked, match="还有两项没有勾选"):
        made.advance(declaration, "qualify")


def test_return_opens_only_what_it_names(policy):
    declaration = made.make_declaration(status="in_review")
    uid = declaration.latest_revision.content["sections"]["scenarios"]["instances"][0]["uid"]
    items = [
        {
            "section": "factory",
            "field": "summary",
            "message": "请写明数据",
            "reason_code": "incomplete",
            "clause": "附件3",
        },
        {"section": "scenarios", "field": f"{uid}.description", "message": "请删减"},
    ]
    declaration = made.advance(declaration, "return_", items=items)
    assert declaration.unlocked == ["factory.summary", f"scenarios.{uid}.description"]
    rows = list(ReturnItem.objects.order_by("number").values_list("number", "label", "reason_code", "clause"))
    assert rows == [
        (1, "项目简介", "incomplete", "附件3"),
        (2, "场景 1 柔性单元的工厂建设协同 · 场景描述", "other", ""),
    ]


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "还没有写退回意见"),
        ([{"section": "factory", "field": "summary", "message": " "}], "没有写内容"),
        ([{"section": "factory", "field": "nothing", "message": "改"}], "不在申报书里"),
    ],
)
def test_return_without_sound_items_is_refused(policy, items, words):
    declaration = made.make_declaration(status="in_review")
    with pytest.raises(workflow.Blocked, match=words):
        made.advance(declaration, "return_", items=items)
    assert Declaration.objects.get(pk=declaration.pk).status == "in_review"


def test_withdrawn_correction_stays_a_correction(policy):
    declaration = made.make_declaration(status="returned")
    declaration = made.submit(declaration)
    preparer = made.people_of(declaration)[0]
    names = [one.name for one in workflow.available(declaration, preparer)]
    assert names == ["withdraw_correction"]
    declaration = workflow.fire(declaration, names[0], actor=preparer, version=declaration.version)
    assert declaration.status == "returned"
    assert declaration.unlocked == ["factory.summary"]


def test_audit_names_content_and_no_person(policy):
    declaration = made.make_declaration(status="submitted")
    entry = AuditEntry.objects.get(act="declaration.submit")
    body = json.loads(entry.body)
    assert body["sha256"] == declaration.latest_revision.sha256
    assert "周敏" not in entry.body
    assert "10000000107" not in entry.body
