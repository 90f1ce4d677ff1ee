"""The change report: 2024 to 2025 is the model; what only the edition's own code changes is no change."""

import pytest
from django.urls import reverse

from assessment import changes
from assessment.models import Edition
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(policy):
    sources = dict(Edition.objects.values_list("code", "source"))
    return changes.compare(sources["2024"], sources["2025"])


def named(report, word, kind):
    return [one for one in report.changes if (one.word, one.kind) == (word, kind)]


def test_what_2025_changed_in_the_quotas_and_dates(report):
    by_unit = {(one.before.get("kind"), one.after.get("limit")): one for one in named(report, "名额规则", "changed")}
    first = by_unit[("province", 40)]
    assert ("名额", "20", "40") in {(one.label, one.before, one.after) for one in first.differences}
    stage = next(one for one in named(report, "截止时间", "changed") if one.after["stage"] == "enterprise")
    assert next((one.before[:10], one.after[:10]) for one in stage.differences) == ("2024-11-22", "2025-07-18")


def test_soft_became_hard_and_says_so_with_both_texts(report):
    prior = next(one for one in named(report, "条件", "changed") if one.title == "已获评先进级智能工厂")
    assert ("强弱", "原则上", "必须") in {(one.label, one.before, one.after) for one in prior.differences}
    assert {one.label for one in prior.differences} >= {"核实程度"} or prior.before["standing"] == prior.after[
        "standing"
    ]


def test_added_and_removed(report):
    added = {one.title for one in named(report, "条件", "added")}
    assert "应用人工智能的场景实例占比不低于 20%" in added
    tracks = {one.title for one in named(report, "申报类别", "added")}
    assert "2025年度领航级智能工厂" in tracks
    assert "尚未获评先进级的说明" in {one.title for one in named(report, "字段", "removed")}


def test_a_code_that_means_another_rule_now_is_not_a_change_of_it(report):
    assert not [
        one for one in named(report, "条件", "changed")
        if one.before["text"] == "智能制造水平在国内领先" and "现场核查" in one.after["text"]
    ]  # fmt: skip


def test_an_edition_compared_with_itself_says_nothing(policy):
    for source in Edition.objects.values_list("source", flat=True):
        assert changes.compare(source, source).changes == []


def test_a_clone_differs_only_in_how_sure_it_is_and_in_its_name(desk, draft):
    response = desk.client.get(reverse("policy_draft_changes", args=[draft.public_id]))
    report = response.context["report"]
    assert {one.word for one in report.changes if one.kind == "changed"} == {"版次", "年度行动", "申报类别"}
    assert {label for one in report.changes if one.kind == "cited" for label in (d.label for d in one.differences)} <= {
        "核实程度", "算法的核实程度", "字数的核实程度",
    }  # fmt: skip
    assert not [one for one in report.changes if one.kind in ("added", "removed")]
    desk.save(draft, "quotas", "quotas.0", limit="45")
    page = said(desk.client.get(reverse("policy_draft_changes", args=[draft.public_id])))
    assert "<del>40</del>" in page
    assert "<ins>45</ins>" in page


def test_anybody_compares_published_editions_and_nobody_drafts(client, policy):
    page = client.get(reverse("policy_compare"), {"from": "2024", "to": "2025"})
    assert "应用人工智能的场景实例占比不低于 20%" in said(page)
    assert client.get(reverse("policy_compare"), {"from": "2024", "to": "2099"}).status_code == 404
    assert client.get(reverse("policy_compare")).status_code == 200
