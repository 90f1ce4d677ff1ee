"""Policy pages and self-assessment pages: what they show, what they save, what they refuse."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment import edition_rules, fixes, policy_sections, questionnaire
from assessment import self_assessment_service as service
from assessment.models import Condition, Edition, SelfAssessment
from assessment.vocabulary import COMMON, Tier
from smartfactory.models import Role
from tests.factories.organisations import make_enterprise, make_member


@pytest.fixture
def edition(db):
    return Edition.objects.get(code="2024")


@pytest.fixture
def enterprise(db):
    return make_enterprise(name="澜州精锻科技有限公司")


@pytest.fixture
def person(enterprise):
    return make_member(Role.PREPARER, enterprise=enterprise)


@pytest.fixture
def client(client_for, person):
    return client_for(person)


@pytest.fixture
def assessment(enterprise, edition, person):
    return service.start(enterprise, edition, person)


def said(response):
    return response.content.decode()


def address(name, assessment, *more):
    return reverse(f"assessment_{name}", args=[assessment.public_id, *more])


def all_yes(edition, tiers=(COMMON, *Tier.values)):
    """Answers that reach every tier in `tiers`."""
    rules = edition_rules.from_edition(edition)
    return {
        "flags": {one.code: one.tier in tiers for one in questionnaire.questions(rules)},
        "maturity_level": 4,
        "prior_tiers": ["ADVANCED"],
        "areas": list(rules.areas),
        "is_branch": False,
        "built_until": "2024-06",
    }


def answered(assessment, person, **more):
    return service.save(assessment, all_yes(assessment.edition, **more), assessment.version, person)


class TestPolicyPages:
    def test_anybody_reads_the_rules(self, django_client):
        page = said(django_client.get(reverse("policy_index")))
        assert "2024年度智能工厂梯度培育行动" in page
        assert "工信厅联通装函〔2024〕399号" in page
        assert "未见原文" in page

    @pytest.fixture
    def django_client(self, db):
        from django.test import Client

        return Client()

    @pytest.mark.parametrize("code", ["2024", "2025"])
    def test_every_rule_is_there_with_clause_strength_and_standing(self, django_client, db, code):
        page = said(django_client.get(reverse("policy_edition", args=[code])))
        for rule in Condition.objects.filter(edition__code=code):
            row = page[page.index(f'id="{rule.code}"') :]
            row = row[: row.index("</tr>")]
            assert rule.clause in row
            assert ("必须" if rule.strength == "hard" else "原则上") in row
            assert {"official": "原文", "secondary": "转引", "unverified": "未核实"}[rule.standing] in row

    def test_indicators_have_no_threshold(self, django_client, db):
        page = said(django_client.get(reverse("policy_edition", args=["2024"])))
        assert "没有任何一项规定数值门槛" in page
        assert "关键设备数控化率" in page

    @pytest.mark.parametrize(
        ("query", "check"),
        [
            ({"q": "数字孪生"}, lambda one: "数字孪生" in one.text),
            ({"tier": "PIONEER"}, lambda one: one.tier == "PIONEER"),
            ({"group": "OPS"}, lambda one: one.area_group == "OPS"),
            ({"strength": "soft"}, lambda one: one.strength == "soft"),
            ({"tier": "BASIC", "group": "COV"}, lambda one: (one.tier, one.area_group) == ("BASIC", "COV")),
        ],
    )
    def test_rules_are_found(self, django_client, edition, query, check):
        response = django_client.get(reverse("policy_edition", args=["2024"]), query)
        shown = {
            one.code for group in response.context["page"].groups for tier in group.tiers for one in tier.conditions
        }
        assert shown == {one.code for one in edition.conditions.all() if check(one)}
        assert shown
        assert f"找到 {len(shown)} 条" in said(response)

    @pytest.mark.parametrize("query", [{"q": "没有这样的条件"}, {"tier": "NOWHERE"}, {"q": "\x00%_'\""}])
    def test_nothing_found_leads_back_to_all(self, django_client, edition, query):
        response = django_client.get(reverse("policy_edition", args=["2024"]), query)
        assert response.status_code == 200
        assert "没有找到这样的条件" in said(response)

    def test_an_unknown_edition_is_not_found(self, django_client, db):
        assert django_client.get(reverse("policy_edition", args=["1999"])).status_code == 404

    def test_higher_floors_add_sections(self, django_client, edition, monkeypatch):
        monkeypatch.setattr(policy_sections, "_sections", {})
        policy_sections.register(
            policy_sections.Section(
                "caps", "推荐名额", "partials/slip.html", lambda one: {"code": one.code} if one.code == "2024" else None
            )
        )
        assert "推荐名额" in said(django_client.get(reverse("policy_edition", args=["2024"])))
        assert "推荐名额" not in said(django_client.get(reverse("policy_edition", args=["2025"])))

    def test_the_number_of_queries_is_fixed(self, django_client, edition, monkeypatch):
        monkeypatch.setattr(policy_sections, "_sections", {})
        counts = set()
        for query in ({"q": "没有"}, {"group": "COV"}, {}):
            with CaptureQueriesContext(connection) as queries:
                django_client.get(reverse("policy_edition", args=["2024"]), query)
            counts.add(len(queries))
        assert len(counts) == 1
        assert counts.pop() <= 9


class TestList:
    def test_the_first_time_says_what_it_is_for(self, client):
        page = said(client.get(reverse("assessment_list")))
        assert "还没有做过自评" in page
        assert "不是认定结论" in page

    def test_starting_leads_to_the_parts(self, client, enterprise, edition):
        response = client.post(
            reverse("assessment_start"), {"enterprise": enterprise.pk, "edition": edition.pk, "target": "EXCELLENCE"}
        )
        made = SelfAssessment.objects.get()
        assert response["Location"] == address("detail", made)
        page = said(client.get(response["Location"]))
        assert "接着答：本厂情况" in page
        assert "0 / 128 项" not in page or made.edition.code == "2024"

    def test_a_foreign_enterprise_cannot_be_chosen(self, client, edition):
        other = make_enterprise()
        response = client.post(
            reverse("assessment_start"), {"enterprise": other.pk, "edition": edition.pk, "target": "EXCELLENCE"}
        )
        assert response.status_code == 422
        assert not SelfAssessment.objects.exists()

    @pytest.mark.parametrize("data", [{}, {"edition": "x", "target": "HIGHEST"}, {"edition": "999999", "target": ""}])
    def test_a_bad_start_is_answered_in_words(self, client, data):
        response = client.post(reverse("assessment_start"), data)
        assert response.status_code == 422
        assert "还不能开始自评" in said(response)

    def test_a_reader_sees_and_cannot_start(self, client_for, enterprise, assessment):
        reader = client_for(make_member(Role.READER, enterprise=enterprise))
        assert "第 1 次" in said(reader.get(reverse("assessment_list")))
        assert "开始自评</button>" not in said(reader.get(reverse("assessment_list")))
        assert reader.post(reverse("assessment_start"), {}).status_code == 404

    def test_the_number_of_queries_does_not_grow(self, client, enterprise, edition, person):
        client.get(reverse("assessment_list"))
        counts = []
        for more in (1, 2, 27):
            for _ in range(more):
                service.start(enterprise, edition, person)
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse("assessment_list"))
            counts.append(len(queries))
        assert counts[0] == counts[1] == counts[2]


class TestQuestions:
    @pytest.mark.parametrize(
        "key", ["facts", "coverage", "GEN", "FAC", "RND", "OPS", "PMG", "BIZ", "EFF", "APP", "indicators"]
    )
    def test_every_part_opens_and_saves_empty(self, client, assessment, key):
        url = address("part", assessment, key)
        assert client.get(url).status_code == 200
        response = client.post(url, {"version": assessment.version, "target": "EXCELLENCE"})
        assert response.status_code == 302

    def test_one_page_asks_every_tier_and_names_the_clause(self, client, assessment, edition):
        page = said(client.get(address("part", assessment, "OPS")))
        for rule in edition.conditions.filter(area_group="OPS", operator="flag"):
            assert f'name="flag-{rule.code}"' in page
            assert rule.text in page
            assert f"#{rule.code}" in page
        for name in ("基础级", "先进级", "卓越级", "领航级"):
            assert name in page

    def test_hard_and_soft_are_told_apart(self, client, assessment):
        page = said(client.get(address("part", assessment, "FAC")))
        assert "<b>必须</b>" in page
        assert "<b>原则上</b>" in page

    def test_answers_are_kept_and_shown(self, client, assessment):
        url = address("part", assessment, "OPS")
        data = {
            "version": 1,
            "flag-2024-BAS-OPS-01": "yes",
            "flag-2024-BAS-OPS-02": "no",
            "flag-2024-BAS-OPS-03": "open",
        }
        assert client.post(url, data)["Location"] == address("part", assessment, "PMG")
        assessment.refresh_from_db()
        assert assessment.facts["flags"] == {
            "2024-BAS-OPS-01": True, "2024-BAS-OPS-02": False, "2024-BAS-OPS-03": None,
        }  # fmt: skip
        page = said(client.get(url))
        assert 'id="a-2024-BAS-OPS-01-yes" value="yes" checked' in page
        assert 'id="a-2024-BAS-OPS-02-no" value="no" checked' in page

    def test_a_part_touches_only_its_own_questions(self, client, assessment):
        client.post(
            address("part", assessment, "OPS"), {"version": 1, "flag-2024-BAS-RND-01": "yes", "flag-NOPE": "yes"}
        )
        assessment.refresh_from_db()
        assert assessment.facts["flags"] == {}

    def test_staying_leads_back_to_the_parts(self, client, assessment):
        response = client.post(address("part", assessment, "OPS"), {"version": 1, "stay": "1"})
        assert response["Location"] == address("detail", assessment)

    def test_the_last_part_leads_back_to_the_parts(self, client, assessment):
        response = client.post(address("part", assessment, "indicators"), {"version": 1})
        assert response["Location"] == address("detail", assessment)

    def test_facts_are_kept_with_their_source(self, client, assessment):
        data = {
            "version": 1, "target": "PIONEER", "maturity_level": "3", "maturity_source": "云泽评估中心 2024-017",
            "maturity_date": "2024-10-08", "prior_tiers": ["ADVANCED"], "is_branch": "no", "industry": "c3311",
            "built_until": "2024-06",
        }  # fmt: skip
        assert client.post(address("part", assessment, "facts"), data).status_code == 302
        assessment.refresh_from_db()
        facts = assessment.facts
        assert (facts["maturity_level"], facts["prior_tiers"], facts["is_branch"]) == (3, ["ADVANCED"], False)
        assert (facts["industry"], facts["built_until"], assessment.target) == ("C3311", "2024-06", "PIONEER")
        assert (assessment.maturity_source, f"{assessment.maturity_date}") == ("云泽评估中心 2024-017", "2024-10-08")
        page = said(client.get(address("part", assessment, "facts")))
        assert 'value="2024-10-08"' in page
        assert 'value="云泽评估中心 2024-017"' in page

    def test_none_and_not_said_are_different(self, client, assessment):
        data = {"version": 1, "target": "EXCELLENCE", "prior_tiers": ["none"]}
        client.post(address("part", assessment, "facts"), data)
        assessment.refresh_from_db()
        assert assessment.facts["prior_tiers"] == []
        client.post(address("part", assessment, "facts"), {"version": 2, "target": "EXCELLENCE"})
        assessment.refresh_from_db()
        assert assessment.facts["prior_tiers"] is None

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("industry", "钢铁", "行业代码是一个字母加 2 到 4 位数字"),
            ("built_until", "去年", "请写成年-月"),
            ("built_until", "2024-13", "请写成年-月"),
            ("maturity_date", "十月", "请写成年-月-日"),
            ("maturity_level", "9", "9"),
            ("target", "HIGHEST", "HIGHEST"),
        ],
    )
    def test_a_bad_fact_is_answered_at_its_field_and_the_rest_is_kept(self, client, assessment, field, value, words):
        data = {"version": 1, "target": "EXCELLENCE", "maturity_source": "写了一半的来源", field: value}
        response = client.post(address("part", assessment, "facts"), data)
        assert response.status_code == 422
        assert words in said(response)
        assert "写了一半的来源" in said(response)
        assert "yan-slip fix" in said(response)
        assessment.refresh_from_db()
        assert assessment.version == 1

    def test_instances_are_counted_per_segment(self, client, assessment):
        data = {"version": 1, "areas": ["OPS", "NOPE"], "count-quality-control": "3", "ai-quality-control": "2"}
        assert client.post(address("part", assessment, "coverage"), data).status_code == 302
        assessment.refresh_from_db()
        shown = assessment.facts["scenario_instances"]
        assert [one["uses_ai"] for one in shown] == [True, True, False]
        assert {one["segment"] for one in shown} == {"quality-control"}
        assert assessment.facts["areas"] == ["OPS"]

    def test_described_instances_survive_an_unchanged_count(self, client, assessment, person):
        named = [{"segment": "quality-control", "scenario": "", "name": "智能在线检测", "uses_ai": True}]
        service.save(assessment, {"scenario_instances": named}, 1, person)
        client.post(
            address("part", assessment, "coverage"),
            {"version": 2, "count-quality-control": "1", "ai-quality-control": "1"},
        )
        assessment.refresh_from_db()
        assert assessment.facts["scenario_instances"] == named

    @pytest.mark.parametrize(
        ("count", "ai", "words"),
        [
            ("-1", "", "请填 0 到 200 的整数"),
            ("many", "", "请填 0 到 200 的整数"),
            ("99999", "", "请填"),
            ("1", "2", "多于实例总数"),
        ],
    )
    def test_a_bad_count_is_answered_and_kept(self, client, assessment, count, ai, words):
        data = {"version": 1, "count-quality-control": count, "ai-quality-control": ai}
        response = client.post(address("part", assessment, "coverage"), data)
        assert response.status_code == 422
        assert words in said(response)
        assert f'value="{count}"' in said(response)

    def test_indicators_are_kept_exactly(self, client, assessment):
        data = {"version": 1, "before-1": "61.20", "after-1": "86.5"}
        assert client.post(address("part", assessment, "indicators"), data).status_code == 302
        assessment.refresh_from_db()
        assert assessment.facts["indicators"]["1"] == {"before": "61.20", "after": "86.5"}

    @pytest.mark.parametrize(
        ("value", "words"), [("很高", "应是数"), ("120", "应在 0 到 100 之间"), ("NaN", "应是数"), ("1e99", "应")]
    )
    def test_an_impossible_indicator_is_questioned(self, client, assessment, value, words):
        response = client.post(address("part", assessment, "indicators"), {"version": 1, "after-1": value})
        assert response.status_code == 422
        assert words in said(response)

    def test_somebody_saved_in_between(self, client, assessment, person):
        service.save(assessment, {"flags": {"2024-BAS-OPS-01": False}}, 1, person)
        url = address("part", assessment, "OPS")
        response = client.post(url, {"version": 1, "flag-2024-BAS-OPS-01": "yes"})
        assert response.status_code == 409
        page = said(response)
        assert "刚被别人保存过" in page
        assert 'id="a-2024-BAS-OPS-01-yes" value="yes" checked' in page
        assert 'name="version" value="2"' in page
        assert client.post(url, {"version": 2, "flag-2024-BAS-OPS-01": "yes"}).status_code == 302

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
    def test_a_broken_version_changes_nothing(self, client, assessment, version):
        response = client.post(address("part", assessment, "OPS"), {"version": version, "flag-2024-BAS-OPS-01": "yes"})
        assert response.status_code == 409

    def test_a_part_that_does_not_exist(self, client, assessment):
        assert client.get(address("part", assessment, "NOWHERE")).status_code == 404


class TestConclusion:
    def test_the_ladder_the_radar_and_the_gaps(self, client, assessment, person):
        answered(assessment, person, tiers=(COMMON, "BASIC", "ADVANCED"))
        page = said(client.get(address("result", assessment)))
        gaps = len(service.verdict(assessment).tiers["EXCELLENCE"].gaps)
        assert f"自评达到先进级，距卓越级还差 {gaps} 项" in page
        assert 'class="here" aria-current="true"><h2>先进级' in page
        assert 'class="goal"' in page
        assert "雷达图：工厂建设 0/" in page
        assert page.count("修改答案") >= gaps
        assert "不是认定结论" in page

    def test_the_target_is_reached(self, client, assessment, person):
        answered(assessment, person)
        page = said(client.get(address("result", assessment)))
        assert "<h1>自评达到领航级</h1>" in page
        assert "必须条件都满足了" in page

    def test_nothing_is_answered_yet(self, client, assessment):
        page = said(client.get(address("result", assessment)))
        assert "自评还没有达到任何层级" in page
        assert "去作答" in page

    def test_each_gap_leads_to_the_page_where_it_is_answered(self, client, assessment):
        sheet = client.get(address("result", assessment)).context["sheet"]
        for gap in [*sheet.conclusion.gaps, *sheet.conclusion.to_explain]:
            response = client.get(gap.place.url)
            assert response.status_code == 200
            if gap.rule.asks_person:
                assert f'id="q-{gap.rule.code}"' in said(response)

    def test_a_higher_floor_knows_better_where_a_gap_is_closed(self, client, assessment, person, monkeypatch):
        monkeypatch.setattr(fixes, "_finders", [lambda one: lambda fix: fixes.Place(f"/there/#{fix}", "到申报书补齐")])
        answered(assessment, person, tiers=(COMMON, "BASIC", "ADVANCED"))
        page = said(client.get(address("result", assessment)))
        assert "到申报书补齐" in page
        assert "/there/#scenarios" in page

    def test_finishing_closes_the_round(self, client, assessment, person):
        answered(assessment, person)
        client.post(address("finish", assessment), {"version": assessment.version})
        assessment.refresh_from_db()
        assert assessment.finished_at
        assert "自评达到领航级" in said(client.get(address("detail", assessment)))
        response = client.post(
            address("part", assessment, "OPS"), {"version": assessment.version, "flag-2024-BAS-OPS-01": "no"}
        )
        assert response["Location"] == address("result", assessment)
        assert client.post(address("finish", assessment), {"version": 1}).status_code == 302

    def test_finishing_what_somebody_changed_is_refused_in_words(self, client, assessment, person):
        answered(assessment, person)
        response = client.post(address("finish", assessment), {"version": 1}, follow=True)
        assert "请刷新后再改" in said(response)
        assessment.refresh_from_db()
        assert assessment.finished_at is None

    def test_again_begins_with_the_old_answers(self, client, assessment, person):
        answered(assessment, person)
        service.finish(assessment, assessment.version, person)
        response = client.post(address("again", assessment))
        made = SelfAssessment.objects.get(round=2)
        assert response["Location"] == address("detail", made)
        assert made.facts["flags"] == assessment.facts["flags"]

    def test_a_gap_of_a_finished_round_is_answered_in_the_next_one(self, client, assessment, person):
        service.finish(assessment, assessment.version, person)
        sheet = client.get(address("result", assessment)).context["sheet"]
        gap = next(one for one in sheet.conclusion.gaps if one.rule.asks_person)
        assert (gap.place.url, gap.place.opens) == (address("again", assessment), gap.rule.code)
        assert f'name="at" value="{gap.rule.code}"' in said(client.get(address("result", assessment)))
        response = client.post(gap.place.url, {"at": gap.rule.code})
        page, _, question = response["Location"].partition("#")
        assert (page, question) == (
            address("part", SelfAssessment.objects.get(round=2), gap.rule.area_group),
            f"q-{gap.rule.code}",
        )
        assert f'id="{question}"' in said(client.get(page))

    def test_the_queries_do_not_grow_with_the_answers(self, client, assessment, person):
        client.get(address("result", assessment))
        counts = []
        for save in (None, (COMMON, "BASIC"), (COMMON, *Tier.values)):
            if save:
                answered(assessment, person, tiers=save)
            with CaptureQueriesContext(connection) as queries:
                client.get(address("result", assessment))
            counts.append(len(queries))
        # Where gaps are closed is asked once, and only if there is an answered gap.
        assert max(counts) - min(counts) <= 1

    def test_the_report_says_what_the_page_says(self, client, assessment, person):
        answered(assessment, person, tiers=(COMMON, "BASIC", "ADVANCED"))
        response = client.get(address("report", assessment))
        assert response["Content-Type"] == "application/pdf"
        assert "attachment" in response["Content-Disposition"]
        text = pdf_text(response.content)
        sheet = client.get(address("result", assessment)).context["sheet"]
        assert squeeze(sheet.conclusion.title) in text
        for gap in sheet.conclusion.gaps:
            assert squeeze(gap.rule.text) in text
        assert "不是认定结论" in text
        assert "第1页共" in text


def squeeze(text):
    return "".join(text.split())


def pdf_text(content):
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    found = "".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return squeeze(found)


class TestAccess:
    @pytest.mark.parametrize("name", ["detail", "result", "report"])
    def test_a_foreign_assessment_is_like_a_missing_one(self, client_for, assessment, name):
        stranger = client_for(make_member(Role.PREPARER, enterprise=make_enterprise()))
        foreign = stranger.get(address(name, assessment))
        missing = stranger.get(reverse(f"assessment_{name}", args=["0" * 32]))
        assert foreign.status_code == missing.status_code == 404

    @pytest.mark.parametrize("name", ["finish", "again"])
    def test_a_stranger_cannot_act(self, client_for, assessment, name):
        stranger = client_for(make_member(Role.SIGNATORY, enterprise=make_enterprise()))
        assert stranger.post(address(name, assessment)).status_code == 404

    def test_officials_do_not_see_self_assessments(self, client_for, assessment):
        official = client_for(make_member(Role.OFFICIAL, authority=assessment.enterprise.authority))
        assert official.get(address("detail", assessment)).status_code == 404

    def test_a_reader_reads_and_does_not_write(self, client_for, assessment, enterprise):
        reader = client_for(make_member(Role.READER, enterprise=enterprise))
        assert reader.get(address("result", assessment)).status_code == 200
        assert reader.get(address("part", assessment, "OPS"))["Location"] == address("result", assessment)
        assert reader.post(address("finish", assessment)).status_code == 404

    def test_home_says_what_is_next(self, client, assessment, person):
        assert "接着做自评" in said(client.get("/"))
        answered(assessment, person)
        service.finish(assessment, assessment.version, person)
        assert "自评达到领航级" in said(client.get("/"))
