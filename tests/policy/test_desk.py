"""The policy desk: clone, edit row by row, publish by two people; what is wrong is said at its row and never published."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.drafting import checking, documents
from assessment.models import Condition, Edition, EditionDraft
from assessment.yaml_nodes import plain
from declarations.models import Track
from recommendations.models import QuotaRule
from smartfactory.models import AuditEntry
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db


def band(desk, draft, low):
    return desk.row(draft, "quotas", "quotas", track="2026-excellence", kind="province", low=low)


def published(desk, other_desk, draft):
    assert desk.act(draft, "propose").status_code == 302
    response = other_desk.act(draft, "publish")
    assert response.status_code == 302, said(response)
    return Edition.objects.get(code=draft.code)


def test_a_clone_is_whole_free_of_error_and_wholly_unverified(draft):
    assert checking.faults(draft) == []
    found = {name: plain(doc) for name, doc in documents.read(draft).items()}
    assert {row["code"] for row in found["campaign"]["tracks"]} == {
        f"2026-{one}" for one in ("excellence", "pioneer", "advanced", "basic")
    }
    assert all(row["code"].startswith("2026-") for row in found["conditions"]["conditions"])
    for name, key in (("quotas", "quotas"), ("conditions", "conditions"), ("campaign", "deadlines")):
        assert {row["standing"] for row in found[name][key]} == {"unverified"}, name
    # A year that a rule names is no code, whatever it looks like.
    years = [row for form in found["form"]["forms"] for part in form["sections"] for row in part["fields"]]
    assert {
        one["params"]["min"] for row in years if row["key"] == "milestones" for one in row["columns"] if "params" in one
    } == {"2025"}
    # The papers themselves stay what they are, under their own titles.
    assert found["edition"]["documents"] == Edition.objects.get(code="2025").documents
    assert not Edition.objects.filter(code="2026").exists()


def test_every_edition_can_be_cloned(desk, ministry):
    for number, edition in enumerate(Edition.objects.order_by("code")):
        draft = desk.clone(code=f"20{31 + number}", base=edition.code)
        assert checking.faults(draft) == [], edition.code


def test_the_notice_that_orders_it_comes_first(desk):
    draft = desk.clone(number="工信厅联通装函〔2026〕1号", paper="关于开展2026年度行动的通知", issued="2026-06-19")
    assert documents.read(draft)["edition"]["documents"][0]["id"] == "notice-2026"


def test_a_row_is_changed_saved_and_recorded(desk, draft):
    path = band(desk, draft, 1)
    response = desk.save(draft, "quotas", path, limit="45", basis="第 1 至 10 位，不超过 45 个")
    assert response.status_code == 302
    assert documents.read(EditionDraft.objects.get(pk=draft.pk))["quotas"]["quotas"][0]["limit"] == 45
    entry = AuditEntry.objects.latest("pk")
    body = json.loads(entry.body)
    assert (entry.act, body["row"], body["version"]) == ("editiondraft.save", path, 2)


@pytest.mark.parametrize(
    ("chapter", "key", "wanted", "values", "words"),
    [
        ("quotas", "quotas", {"track": "2026-excellence", "low": 11}, {"low": "10"}, "和上一档重叠"),
        ("quotas", "quotas", {"track": "2026-excellence", "low": 11}, {"low": "13"}, "和上一档之间缺 11 到 12"),
        ("quotas", "quotas", {"track": "2026-excellence", "low": 11}, {"clause": ""}, "“条款”不能为空"),
        ("conditions", "conditions", {"code": "2026-COM-GEN-01"}, {"clause": ""}, "“条款”不能为空"),
        ("conditions", "conditions", {"code": "2026-COM-GEN-02"}, {"code": "2026-COM-GEN-01"}, "编码“2026-COM-GEN-01”重复"),
        ("conditions", "conditions", {"operator": "maturity_at_least"}, {"params": "level: 9"}, "应是 1 到 5 的整数"),
        ("conditions", "conditions", {"operator": "maturity_at_least"}, {"params": "grade: 3"}, "没有参数“grade”"),
        ("catalogue", "scenarios", {"number": 2}, {"name": "工厂数字化规划设计"}, "编码“工厂数字化规划设计”重复"),
        ("tiers", "tiers", {"tier": "ADVANCED"}, {"requires": "PIONEER"}, "前置层级成环"),
        ("tiers", "tiers", {"tier": "ADVANCED"}, {"requires": "GOLD"}, "前置层级“GOLD”没有定义"),
        ("campaign", "deadlines", {"stage": "enterprise"}, {"at": "2026-07-18"}, "要写时区"),
        ("documents", "checks", {"key": "subject"}, {"source": "notice-252"}, "“notice-252”"),
    ],
)  # fmt: skip
def test_what_the_loader_refuses_is_said_at_the_row_and_the_text_is_kept(
    desk, draft, chapter, key, wanted, values, words
):
    path = desk.row(draft, chapter, key, **wanted)
    if "source" in values:
        desk.save(draft, chapter, path, standing="official", **values)
    else:
        desk.save(draft, chapter, path, **values)
    response = desk.client.get(desk.page(draft, chapter, path))
    typed = {name: response.context["form"].initial[name] for name in values}
    assert typed == values
    whole = said(desk.detail(draft))
    assert words in whole, [one.message for one in checking.faults(draft)]
    assert any(words in one.message for one in checking.faults(draft) if one.path == path)
    assert words in said(response)
    refused = desk.act(draft, "propose")
    assert refused.status_code == 422
    assert words in said(refused)
    assert EditionDraft.objects.get(pk=draft.pk).status == "drafting"


def test_weights_that_do_not_add_up_are_named_at_their_list(desk, draft):
    path = desk.row(draft, "documents", "suggestions", track="2026-excellence")
    desk.save(draft, "documents", f"{path}.criteria.0", weight="7")
    faults = checking.faults(draft)
    assert [(one.chapter, one.path.split(".")[0]) for one in faults] == [("documents", "suggestions")]
    assert "权重之和应为 100" in faults[0].message


def test_what_cannot_be_read_at_all_is_not_saved_but_kept_on_the_page(desk, draft):
    path = band(desk, draft, 1)
    response = desk.save(draft, "quotas", path, limit="四十", basis="写到一半")
    assert response.status_code == 422
    assert "四十" in said(response)
    assert "写到一半" in said(response)
    assert draft.chapters.get(name="quotas").version == 1
    path = desk.row(draft, "conditions", "conditions", operator="maturity_at_least")
    response = desk.save(draft, "conditions", path, params="level: [1")
    assert response.status_code == 422
    assert "level: [1" in said(response)


def test_a_colleague_who_saved_in_between_loses_nothing(desk, other_desk, draft):
    path = band(desk, draft, 1)
    desk.save(draft, "quotas", path, limit="41")
    response = other_desk.save(draft, "quotas", path, version=1, limit="42")
    assert response.status_code == 409
    assert 'value="42"' in said(response)
    assert "名额</dt><dd>41" in said(response)
    assert documents.read(EditionDraft.objects.get(pk=draft.pk))["quotas"]["quotas"][0]["limit"] == 41


def test_rows_are_added_after_a_model_and_removed(desk, draft):
    path = band(desk, draft, 21)
    desk.save(draft, "quotas", path, high="25")
    add = reverse("policy_draft_add", args=[draft.public_id, "quotas", "quotas"])
    form = desk.client.get(add, {"like": path.split(".")[1]}).context["form"]
    values = {name: form.initial[name] for name in form.rules} | {
        "low": "26",
        "high": "",
        "limit": "10",
        "version": "2",
    }
    assert desk.client.post(add, values).status_code == 302
    assert checking.faults(EditionDraft.objects.get(pk=draft.pk)) == []
    made = band(desk, draft, 26)
    gone = reverse("policy_draft_remove", args=[draft.public_id, "quotas", made])
    assert "删去名额规则" in said(desk.client.get(gone))
    assert desk.client.post(gone, {"version": "2"}).status_code == 409
    assert desk.client.post(gone, {"version": "3"}).status_code == 302
    with pytest.raises(LookupError):
        band(desk, draft, 26)


def test_who_proposes_may_not_publish(desk, other_desk, draft):
    desk.save(draft, "quotas", band(desk, draft, 1), limit="45")
    desk.act(draft, "propose")
    assert desk.save(draft, "quotas", band(desk, draft, 1), limit="46").status_code == 409
    assert desk.act(draft, "publish").status_code == 403
    assert not Edition.objects.filter(code="2026").exists()
    assert other_desk.act(draft, "publish").status_code == 302
    edition = Edition.objects.get(code="2026")
    assert edition.is_published()
    assert QuotaRule.objects.get(track__code="2026-excellence", kind="province", low=1).limit == 45
    done = EditionDraft.objects.get(pk=draft.pk)
    assert (done.status, done.proposed_by, done.status_by) == ("published", done.created_by, done.status_by)
    assert AuditEntry.objects.filter(act="editiondraft.publish", outcome="ok").count() == 1
    assert other_desk.save(draft, "quotas", "quotas.0", limit="1").status_code == 409


def test_a_draft_returned_is_open_again(desk, other_desk, draft):
    desk.act(draft, "propose")
    other_desk.act(draft, "return", note="第二档写错了")
    draft.refresh_from_db()
    assert (draft.status, draft.proposed_by) == ("drafting", None)
    assert other_desk.act(draft, "propose").status_code == 302
    assert desk.act(draft, "publish").status_code == 302


def test_one_draft_of_a_code_at_a_time_and_none_of_an_edition_that_is_there(desk, draft):
    data = {"base": "2025", "code": "2026", "title": "又一份", "authority": "ministry"}
    assert "已经有一份草案" in said(desk.client.post(reverse("policy_clone"), data))
    assert "已经有版次" in said(desk.client.post(reverse("policy_clone"), data | {"code": "2024"}))
    assert "先写四位年份" in said(desk.client.post(reverse("policy_clone"), data | {"code": "新版"}))
    desk.act(draft, "discard")
    assert desk.client.post(reverse("policy_clone"), data).status_code == 302


def test_a_province_writes_for_itself_alone(province_desk, desk, first):
    draft = province_desk.clone(code="2026-yunze", authority="990000")
    head = documents.read(draft)["edition"]
    assert head["region"] == "990000"
    assert {row["like"] for row in documents.read(draft)["campaign"]["tracks"]} == set(
        Track.objects.filter(campaign__edition__code="2025").values_list("code", flat=True)
    )
    province_desk.save(draft, "edition", region="")
    assert any("只能适用于本地区" in one.message for one in checking.faults(draft))
    province_desk.save(draft, "edition", region="990000")
    province_desk.act(draft, "propose")
    # The ministry's officer is the second person where the province has only one.
    assert desk.act(draft, "publish").status_code == 302
    theirs = desk.clone(code="2027")
    assert province_desk.detail(theirs).status_code == 404
    assert province_desk.client.get(reverse("policy_amend", args=["2025"])).status_code == 404


def test_a_province_sets_its_cities_numbers_but_not_its_own(province_desk):
    draft = province_desk.clone(code="2026-yunze", authority="990000")
    path = province_desk.row(draft, "quotas", "quotas", track="2026-yunze-excellence", kind="province", low=1)
    province_desk.save(draft, "quotas", path, limit="99")
    assert any("本单位自己的名额由国家的通知定" in one.message for one in checking.faults(draft))
    province_desk.save(draft, "quotas", path, limit="40")
    add = reverse("policy_draft_add", args=[draft.public_id, "quotas", "caps"])
    values = {"track": "2026-yunze-excellence", "within": "990000", "kind": "city", "limit": "5", "strength": "soft",
              "basis": "各市原则上不超过 5 个", "clause": "二", "source": "notice-251", "standing": "unverified", "version": "3"}  # fmt: skip
    assert province_desk.client.post(add, values).status_code == 302
    assert checking.faults(draft) == []


def test_the_bare_year_is_the_nation_s(province_desk):
    draft = province_desk.clone(code="2026", authority="990000")
    assert any("留给国家的版次" in one.message for one in checking.faults(draft))


def test_an_edition_of_the_desk_is_the_edition_of_its_files(desk, other_desk, draft, tmp_path):
    """One truth: written out, the chapters of the draft load as the very same edition."""
    from assessment import loader

    edition = published(desk, other_desk, draft)
    folder = tmp_path / "2026"
    folder.mkdir()
    for one in EditionDraft.objects.get(pk=draft.pk).chapters.all():
        (folder / f"{one.name}.yaml").write_text(one.text, encoding="utf-8")
    assert loader.load(folder).outcome == "unchanged"
    assert Condition.objects.filter(edition=edition).count() == Condition.objects.filter(edition__code="2025").count()


def test_pages_cost_the_same_however_much_there_is(desk, draft):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.client.get(reverse("policy_desk")).status_code == 200
            assert desk.client.get(desk.page(draft, "conditions")).status_code == 200
            assert desk.detail(draft).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for code in ("2027", "2028"):
        desk.clone(code=code)
    assert cost() == before


def test_what_is_not_there_is_a_404(desk, draft):
    for chapter, path in (("quotas", "quotas.99"), ("quotas", "caps.0"), ("quotas", "quotas.x"), ("nothing", "a"),
                          ("quotas", "quotas"), ("form", "forms.0.sections.77"), ("quotas", "quotas.0.limit")):  # fmt: skip
        assert desk.client.get(desk.page(draft, chapter, path)).status_code == 404, path


def test_the_home_page_says_whose_turn_it_is(desk, other_desk, draft):
    assert "接着起草2026年度智能工厂梯度培育行动" in said(desk.client.get("/"))
    desk.act(draft, "propose")
    assert "等另一位政策管理员发布" in said(desk.client.get("/"))
    assert "复核并发布2026年度智能工厂梯度培育行动" in said(other_desk.client.get("/"))


@pytest.mark.parametrize(
    ("chapter", "path", "values"),
    [
        ("tiers", "tiers.1", {"requires": "甲\n乙"}),
        ("conditions", "conditions.0", {"params": "{a: {b: [1, {c: 2}]}}"}),
        ("conditions", "conditions.0", {"params": "- 1\n- {a: b}"}),
        ("conditions", "conditions.0", {"items": "{a: b}"}),
        ("form", "forms.0", {"tracks": ""}),
        ("form", "forms.0.sections.0.fields.0", {"options": "- 1\n- [2]", "columns": "- {width: x}", "params": "{sum_of: {a: 1}}"}),
        ("documents", "letters.0", {"paragraphs": ""}),
        ("campaign", "commitments.0", {"answers": "没有这一条"}),
    ],
)  # fmt: skip
def test_whatever_is_typed_the_desk_stays_open(desk, draft, chapter, path, values):
    assert desk.save(draft, chapter, path, **values).status_code in (302, 422)
    for page in (
        desk.page(draft, chapter, path),
        desk.page(draft, chapter),
        reverse("policy_draft", args=[draft.public_id]),
    ):
        assert desk.client.get(page).status_code == 200
    assert desk.act(draft, "propose").status_code in (302, 422)
