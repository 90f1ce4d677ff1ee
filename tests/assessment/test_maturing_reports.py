"""Results of assessors, which level stands, and what a self-assessment is offered."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessment import self_assessment_service as assessing
from assessment.maturing.known import EXTERNAL, OWN, known
from assessment.models import Edition, MaturityReport, SelfAssessment
from smartfactory.models import AuditEntry, Role
from tests.assessment import maturing as make
from tests.factories.declarations import PDF
from tests.factories.organisations import make_enterprise, make_member


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
def assessment(enterprise, person):
    return assessing.start(enterprise, Edition.objects.get(code="2024"), person)


def said(response):
    return response.content.decode()


def posted(enterprise, content=PDF, **more):
    return {
        "enterprise": enterprise.pk,
        "body": "智能制造评估评价公共服务平台",
        "number": "样例-0107",
        "level": "3",
        "score": "2.95",
        "assessed_on": "2025-10-08",
        "file": SimpleUploadedFile("报告.pdf", content, "application/pdf"),
    } | more


def record(client, enterprise, **more):
    answer = client.post(reverse("maturity_report_add"), posted(enterprise, **more))
    assert answer.status_code == 302, said(answer)
    return MaturityReport.objects.first()


def page_of(client, name, row, *more):
    return said(client.get(reverse(name, args=[row.public_id, *more])))


class TestRecording:
    def test_a_result_is_kept_with_its_report(self, client, enterprise):
        report = record(client, enterprise)
        page = page_of(client, "maturity_report", report)
        assert "三级，2.95 分" in page
        assert "样例-0107" in page
        assert "评估机构或平台的结果" in page
        answer = client.get(reverse("maturity_report_file", args=[report.public_id]))
        assert b"".join(answer.streaming_content) == PDF
        assert "attachment" in answer.headers["Content-Disposition"]
        assert AuditEntry.objects.filter(act="maturityreport.record").count() == 1

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"content": b"no report"}, "内容不是 PDF"),
            ({"body": " "}, "必填"),
            ({"level": "6"}, "6"),
            ({"level": ""}, "必填"),
            ({"score": "7"}, "5"),
            ({"assessed_on": "2025-13-01"}, "请写成年-月-日"),
            ({"assessed_on": "2999-01-01"}, "评估日期在今天以后"),
            ({"valid_until": "2020-01-01"}, "有效期在评估日期以前"),
            ({"file": ""}, "请选评估报告的文件"),
        ],
    )
    def test_what_cannot_be_is_refused_and_the_text_kept(self, client, enterprise, more, words):
        answer = client.post(reverse("maturity_report_add"), posted(enterprise, **more))
        assert answer.status_code == 422
        assert words in said(answer)
        assert "样例-0107" in said(answer)
        assert not MaturityReport.objects.exists()

    def test_nobody_records_for_another_enterprise(self, client, enterprise):
        assert client.post(reverse("maturity_report_add"), posted(make_enterprise())).status_code == 422

    def test_strangers_find_nothing(self, client, client_for, enterprise):
        report = record(client, enterprise)
        stranger = client_for(make_member(Role.SIGNATORY, enterprise=make_enterprise()))
        for name in ("maturity_report", "maturity_report_file"):
            assert stranger.get(reverse(name, args=[report.public_id])).status_code == 404
        url = reverse("maturity_report_withdraw", args=[report.public_id])
        assert stranger.post(url, {"version": 1, "reason": "试"}).status_code == 404

    def test_taking_down_wants_a_reason_and_keeps_the_row(self, client, enterprise):
        report = record(client, enterprise)
        url = reverse("maturity_report_withdraw", args=[report.public_id])
        assert client.post(url, {"version": 1}).status_code == 422
        client.post(url, {"version": 1, "reason": "等级录错"})
        assert "理由：等级录错" in page_of(client, "maturity_report", report)
        assert known(enterprise.pk) == []

    def test_a_result_that_ran_out_is_pointed_out_everywhere(self, client, enterprise):
        ended = timezone.localdate() - timedelta(days=1)
        report = record(client, enterprise, valid_until=ended.isoformat())
        words = f"有效期到 {ended:%Y-%m-%d}，已经过期"
        assert words in page_of(client, "maturity_report", report)
        assert words in said(client.get(reverse("maturity_list")))
        assert "成熟度评估结果已过有效期" in said(client.get(reverse("home")))


class TestWhichStands:
    def test_the_assessor_stands_above_the_own_round(self, client, enterprise, person):
        make.finished(enterprise, person)
        record(client, enterprise)
        assert [(one.kind, one.level) for one in known(enterprise.pk)] == [(EXTERNAL, 3), (OWN, 5)]
        page = said(client.get(reverse("maturity_list")))
        assert "现在可以写的等级：三级" in page
        assert page.index("评估机构或平台的结果") < page.index("本企业预评")

    def test_the_newest_by_date_stands(self, client, enterprise):
        record(client, enterprise, level="2", assessed_on="2025-11-01", number="新")
        record(client, enterprise, level="4", assessed_on="2023-11-01", number="旧")
        assert known(enterprise.pk)[0].level == 2

    def test_the_own_result_page_names_the_other(self, client, enterprise, person):
        attempt = make.finished(enterprise, person)
        record(client, enterprise)
        page = page_of(client, "maturity_result", attempt)
        assert "另有评估机构或平台的结果：三级，与这次预评不同" in page


class TestOffers:
    def test_nothing_known_nothing_offered(self, client, assessment):
        assert "maturity-offer" not in page_of(client, "assessment_part", assessment, "facts")

    def test_the_own_round_is_offered_as_what_it_is(self, client, enterprise, person, assessment):
        make.finished(enterprise, person, level_marks={3: "0"})
        page = page_of(client, "assessment_part", assessment, "facts")
        assert "成熟度等级可以用本企业预评" in page
        assert "仅供参考，不代替评估" in page
        client.post(reverse("assessment_maturity", args=[assessment.public_id]), {"version": 1, "kind": "own"})
        row = SelfAssessment.objects.get()
        assert row.facts["maturity_level"] == 2
        assert row.maturity_source.startswith("本企业预评：")

    def test_a_difference_is_pointed_out_and_nothing_overwritten(self, client, enterprise, person, assessment):
        assessing.save(assessment, {"maturity_level": 4}, assessment.version, person)
        record(client, enterprise)
        for page in (
            page_of(client, "assessment_part", assessment, "facts"),
            page_of(client, "assessment_result", assessment),
        ):
            assert "这里填的成熟度等级，与评估机构或平台的结果不同" in page
        assert SelfAssessment.objects.get().facts["maturity_level"] == 4

    def test_taking_over_states_the_source(self, client, enterprise, assessment):
        record(client, enterprise)
        url = reverse("assessment_maturity", args=[assessment.public_id])
        client.post(url, {"version": assessment.version, "kind": "external"})
        row = SelfAssessment.objects.get()
        assert (row.facts["maturity_level"], row.maturity_date) == (3, date(2025, 10, 8))
        assert "报告编号 样例-0107" in row.maturity_source
        assert "成熟度等级与评估机构或平台的结果一致" in page_of(client, "assessment_part", assessment, "facts")

    def test_a_stale_page_takes_nothing_over(self, client, enterprise, person, assessment):
        record(client, enterprise)
        assessing.save(assessment, {"is_branch": False}, assessment.version, person)
        url = reverse("assessment_maturity", args=[assessment.public_id])
        assert "没有填入" in said(client.post(url, {"version": 1, "kind": "external"}, follow=True))

    @pytest.mark.parametrize("kind", ["", "own", "somebody"])
    def test_what_is_not_known_cannot_be_taken_over(self, client, enterprise, assessment, kind):
        record(client, enterprise)
        url = reverse("assessment_maturity", args=[assessment.public_id])
        assert client.post(url, {"version": 1, "kind": kind}).status_code == 404

    def test_the_gap_leads_to_the_questionnaire(self, client, enterprise, person, assessment):
        assert reverse("maturity_list") + '">做成熟度预评，或登记评估结果' in page_of(
            client, "assessment_result", assessment
        )
        record(client, enterprise)
        assert "填入已有的成熟度结果" in page_of(client, "assessment_result", assessment)
