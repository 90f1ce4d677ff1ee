"""The maturity pre-assessment: questionnaires page by page, the arithmetic over HTTP, rounds, cutting, colleagues."""

from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.maturing import printing, service
from assessment.maturing.book import Book
from assessment.maturing.concluding import show
from assessment.maturing.judging import Answer
from assessment.maturing.paper import Paper
from assessment.models import MaturityAttempt, MaturityStandard, SubdomainAnswers
from smartfactory import workflow
from smartfactory.documents import page_count
from smartfactory.models import AuditEntry, Role
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.assessment import maturing as make
from tests.assessment.maturing import address, fields
from tests.factories.organisations import make_enterprise, make_member

ROLES = [Role.PREPARER, Role.SIGNATORY, Role.READER]


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
def attempt(enterprise, person):
    return service.start(enterprise, make.standard(), "discrete", person)


def said(response):
    return response.content.decode()


def finish(client, attempt):
    attempt.refresh_from_db()
    return client.post(address("finish", attempt), {"version": attempt.version}, follow=True)


class TestWholeAttempts:
    @pytest.mark.parametrize(
        ("name", "kind", "words"),
        [
            ("maturity-process", "process", "二级（规范级），2.50 分"),
            ("maturity-discrete", "discrete", "三级（集成级），3.50 分"),
            ("maturity-discrete-cut", "discrete", "三级（集成级），3.57 分"),
        ],
    )
    def test_the_worked_examples_page_by_page(self, client, enterprise, name, kind, words):
        asked = {"enterprise": enterprise.pk, "standard": make.standard().pk, "kind": kind}
        client.post(reverse("maturity_start"), asked)
        attempt = MaturityAttempt.objects.get()
        make.post_example(client, attempt, name)
        page = said(finish(client, attempt))
        expected = make.example(name)
        attempt.refresh_from_db()
        assert attempt.result["fractions"]["total"] == str(Fraction(expected["total"]))
        assert attempt.level == expected["level"]
        assert f"预评结果：{words}" in page
        levels = attempt.result["fractions"]["levels"]
        assert {level: levels[level] for level in expected["fractions"] if level in levels} == {
            level: value for level, value in expected["fractions"].items() if level in levels
        }
        assert "未核实" in page
        assert "不是评估结果" in page

    def test_the_stop_rule_is_explained(self, client, attempt):
        make.post_example(client, attempt, "maturity-discrete")
        page = said(finish(client, attempt))
        assert "一级 1.00、二级 0.97、三级 0.82 达到 0.80，算满足，各计 1 分" in page
        assert "四级 0.50，没有达到 0.80，计入这一分数后停止，五级不再计分" in page
        assert "S = 1 + 1 + 1 + 0.50 = 3.50" in page
        assert "若不停止，S 是 4.02，会落在四级" in page
        assert "21018163/6000000" in page

    def test_cutting_spreads_the_weight_and_says_why(self, client, attempt):
        make.post_example(client, attempt, "maturity-discrete-cut")
        page = said(finish(client, attempt))
        assert "物流裁剪：本厂没有这项业务" in page
        assert "14.94%" in page  # 13/87 of what is left

    @pytest.mark.parametrize(("kind", "count"), [("discrete", 20), ("process", 18)])
    def test_each_type_has_its_own_sub_domains(self, client, enterprise, person, kind, count):
        attempt = service.start(enterprise, make.standard(), kind, person)
        assert attempt.answers.count() == count
        assert said(client.get(address("detail", attempt))).count('class="no"') == count
        expected = 200 if kind == "discrete" else 404
        assert client.get(address("part", attempt, "M13")).status_code == expected

    def test_higher_levels_may_stay_open_once_one_is_missed(self, client, attempt, person):
        make.all_answered(attempt, person, level_marks={2: "0.5"})
        rows = {
            row.pk: {key: mark for key, mark in row.marks.items() if key[0] in "12"} for row in attempt.answers.all()
        }
        for pk, marks in rows.items():
            SubdomainAnswers.objects.filter(pk=pk).update(marks=marks)
        assert "预评结果：一级（规划级），1.50 分" in said(finish(client, attempt))

    def test_an_open_requirement_keeps_the_round_open(self, client, attempt, person):
        make.all_answered(attempt, person)
        SubdomainAnswers.objects.filter(attempt=attempt, code="P1").update(marks={"1.1": "1"})
        answer = finish(client, attempt)
        assert answer.status_code == 422
        assert "“组织战略”一级还有 1 条没有答" in said(answer)
        with pytest.raises(Blocked):
            workflow.fire(attempt, "finish", actor=person, version=attempt.version)

    def test_what_is_missing_is_ordered_by_what_it_adds(self, client, attempt, person):
        make.all_answered(attempt, person, level_marks={3: "0.5"})
        attempt.refresh_from_db()
        judged = service.judged(attempt)
        assert sum(judged.gains(3).values()) == 1
        page = said(client.get(address("result", attempt)))
        assert "到三级还缺什么" in page
        assert address("part", attempt, "M11") + "#q-3.1" in page

    def test_a_finished_round_keeps_its_standard(self, client, enterprise, person):
        attempt = make.finished(enterprise, person)
        row = make.standard()
        row.definition["satisfied_at"] = "0.99"
        row.definition["wording"] = []
        row.save()
        page = said(client.get(address("result", attempt)))
        assert "达到 0.80" in page
        assert "五级（引领级），5.00 分" in page

    def test_figures_are_never_rounded_up(self):
        assert (show(Fraction("0.7999")), show(Fraction(4, 5)), show(None)) == ("0.79", "0.80", "—")

    def test_the_report_says_what_the_page_says(self, client, attempt):
        make.post_example(client, attempt, "maturity-discrete-cut")
        finish(client, attempt)
        answer = client.get(address("paper", attempt))
        assert answer.headers["Content-Type"] == "application/pdf"
        assert page_count(answer.content) >= 3
        paper = Paper(MaturityAttempt.objects.get(pk=attempt.pk), attempt.created_by)
        text, page, it = printing.rendered(paper).html, said(client.get(address("result", attempt))), paper.conclusion
        told = [it.title, it.stop_words, it.sum_words, it.free, *(one.formula for one in it.levels)]
        told += [f"{one.requirement.text}" for one in it.missing] + [
            one.said for one in it.bands if "<" not in one.said
        ]
        assert [words for words in told if words not in text or words not in page] == []
        assert "不代替评估机构或平台的结果" in text
        assert "〔未核实〕" in text


class TestPages:
    def test_nothing_yet(self, client):
        page = said(client.get(reverse("maturity_list")))
        assert "还没有做过预评" in page
        assert "还没有登记" in page

    def test_a_version_without_weights_cannot_be_chosen(self, client, enterprise, person):
        page = said(client.get(reverse("maturity_start")))
        assert "GB/T 39117-2020）〔未核实〕" in page
        assert "修订草案（2024 稿，未发布）：有的权重没有见到" in page
        draft = MaturityStandard.objects.get(code="2024-draft")
        posted = {"enterprise": enterprise.pk, "standard": draft.pk, "kind": "process"}
        assert client.post(reverse("maturity_start"), posted).status_code == 422
        with pytest.raises(NotAllowed):
            service.start(enterprise, draft, "process", person)

    @pytest.mark.parametrize("posted", [{}, {"kind": "handmade"}, {"kind": "process", "standard": "0"}])
    def test_a_start_with_something_missing_is_refused_with_words(self, client, enterprise, posted):
        answer = client.post(reverse("maturity_start"), {"enterprise": enterprise.pk, **posted})
        assert answer.status_code == 422
        assert not MaturityAttempt.objects.exists()

    def test_nobody_starts_for_another_enterprise(self, client):
        posted = {"enterprise": make_enterprise().pk, "standard": make.standard().pk, "kind": "process"}
        assert client.post(reverse("maturity_start"), posted).status_code == 422
        assert not MaturityAttempt.objects.exists()

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("state", ["draft", "finished"])
    def test_members_read_writers_write(self, client_for, enterprise, person, role, state):
        attempt = (
            make.finished(enterprise, person)
            if state == "finished"
            else service.start(enterprise, make.standard(), "discrete", person)
        )
        client = client_for(make_member(role, enterprise=enterprise))
        page = said(client.get(address("part", attempt, "P1")))
        writes = role != Role.READER and state == "draft"
        assert ("保存并答下一个子域" in page) == writes
        client.post(address("part", attempt, "P1"), fields(attempt, "P1", {"1.1": "0.5"}))
        stored = SubdomainAnswers.objects.get(attempt=attempt, code="P1").marks.get("1.1")
        assert (stored == "0.5") == writes
        names = ("result", "compare", "paper")
        assert {client.get(address(name, attempt)).status_code for name in names} == {200}
        again = client.post(address("again", attempt))
        assert again.status_code == (404 if role == Role.READER else 302)

    def test_strangers_find_nothing(self, client_for, attempt):
        stranger = client_for(make_member(Role.PREPARER, enterprise=make_enterprise()))
        names = ("detail", "result", "compare", "paper")
        pages = [stranger.get(address(name, attempt)) for name in names]
        acts = [stranger.post(address(name, attempt), {"version": 1}) for name in ("finish", "drop", "again")]
        pages += [stranger.get(address("part", attempt, "P1")), *acts]
        assert {one.status_code for one in pages} == {404}
        assert stranger.get(reverse("maturity_detail", args=["0" * 32])).status_code == 404

    def test_answers_are_kept_per_page_with_one_entry_each(self, client, attempt):
        posted = fields(attempt, "P1", {"1.1": "1", "1.2": "0.8"}, **{"note-1.1": "发展规划（2025）", "stay": "1"})
        answer = client.post(address("part", attempt, "P1"), posted, follow=True)
        assert "“组织战略”已保存" in said(answer)
        row = SubdomainAnswers.objects.get(attempt=attempt, code="P1")
        assert (row.marks, row.notes, row.version) == ({"1.1": "1", "1.2": "0.8"}, {"1.1": "发展规划（2025）"}, 2)
        assert AuditEntry.objects.filter(act="maturityattempt.save").count() == 1
        page = said(client.get(address("part", attempt, "P1")))
        assert "发展规划（2025）" in page

    def test_the_next_page_is_the_next_open_sub_domain(self, client, attempt):
        answer = client.post(address("part", attempt, "P1"), fields(attempt, "P1"))
        assert answer.url == address("part", attempt, "P2")

    @pytest.mark.parametrize(
        ("marks", "more", "words"),
        [
            ({"9.1": "1"}, {}, "里没有第 9.1 条要求"),
            ({"1.1": "0.7"}, {}, "一级第 1 条的答案只能是全部满足、大部分满足、部分满足、不满足"),
            ({"1.1": "满分"}, {}, "答案只能是"),
            ({}, {"note-1.1": "证" * 201}, "依据超出 1 字"),
            ({}, {"cut": "1", "cut_reason": "没有"}, "“组织战略”不可裁剪"),
        ],
    )
    def test_what_does_not_belong_is_refused_and_the_text_kept(self, client, attempt, marks, more, words):
        posted = fields(attempt, "P1", marks, **{"note-1.2": "写了半天的依据"}, **more)
        answer = client.post(address("part", attempt, "P1"), posted)
        assert answer.status_code == 422
        assert words in said(answer)
        assert "写了半天的依据" in said(answer)
        assert SubdomainAnswers.objects.get(attempt=attempt, code="P1").version == 1

    def test_cutting_wants_a_reason(self, client, attempt):
        answer = client.post(address("part", attempt, "M10"), fields(attempt, "M10", cut="1", cut_reason=" "))
        assert answer.status_code == 422
        assert "裁剪要写明理由" in said(answer)
        client.post(address("part", attempt, "M10"), fields(attempt, "M10", cut="1", cut_reason="产品由客户自提"))
        assert "已裁剪" in said(client.get(address("detail", attempt)))

    def test_a_round_that_is_dropped_is_not_listed(self, client, attempt):
        client.post(address("drop", attempt), {"version": attempt.version})
        assert "还没有做过预评" in said(client.get(reverse("maturity_list")))

    @pytest.mark.parametrize("name", ["list", "home"])
    def test_the_number_of_queries_does_not_grow(self, client, enterprise, person, name):
        url = reverse("maturity_list") if name == "list" else reverse("home")
        counts = []
        for many in (1, 3, 6):
            while MaturityAttempt.objects.count() < many:
                make.finished(enterprise, person)
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url)
            counts.append(len(queries))
        assert len(set(counts)) == 1

    def test_the_questionnaire_costs_a_fixed_number_of_queries(self, client, attempt, person):
        counts = []
        client.get(address("part", attempt, "M5"))
        for done in (False, True):
            if done:
                make.all_answered(attempt, person)
            with CaptureQueriesContext(connection) as queries:
                client.get(address("part", attempt, "M5"))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestColleagues:
    def test_a_stale_page_keeps_both_texts(self, client, attempt, person, enterprise):
        posted = fields(attempt, "P1", {"1.1": "0.5"}, **{"note-1.1": "我写的依据"})
        other = make_member(Role.SIGNATORY, enterprise=enterprise)
        service.save(attempt, "P1", Answer({"1.1": "1"}, {"1.1": "同事写的依据"}), 1, other)
        answer = client.post(address("part", attempt, "P1"), posted)
        page = said(answer)
        assert answer.status_code == 409
        assert "同事刚保存过“组织战略”" in page
        assert "同事保存的是：<b>全部满足</b>" in page
        assert "同事写的依据：同事写的依据" in page
        assert 'value="我写的依据"' in page
        again = client.post(address("part", attempt, "P1"), posted | {"version": 2})
        assert again.status_code == 302
        assert SubdomainAnswers.objects.get(attempt=attempt, code="P1").marks == {"1.1": "0.5"}

    def test_two_sub_domains_do_not_disturb_each_other(self, client, attempt, person):
        first, second = fields(attempt, "P1", {"1.1": "1"}), fields(attempt, "P2", {"1.1": "1"})
        assert client.post(address("part", attempt, "P1"), first).status_code == 302
        assert client.post(address("part", attempt, "P2"), second).status_code == 302

    def test_nobody_ends_a_round_over_a_colleagues_answers(self, client, attempt, person):
        attempt = make.all_answered(attempt, person)
        seen = attempt.version
        service.save(attempt, "P1", Answer(service.judged(attempt).answer("P1").marks), 1, person)
        answer = client.post(address("finish", attempt), {"version": seen}, follow=True)
        assert "同事刚刚保存过这次预评" in said(answer)
        attempt.refresh_from_db()
        assert attempt.status == "draft"

    def test_nothing_is_saved_into_a_round_that_has_ended(self, enterprise, person):
        attempt = make.finished(enterprise, person)
        with pytest.raises(StaleState):
            service.save(attempt, "P1", Answer(), 1, person)

    def test_strangers_cannot_save(self, attempt):
        stranger = make_member(Role.PREPARER, enterprise=make_enterprise())
        with pytest.raises(NotAllowed):
            service.save(attempt, "P1", Answer(), 1, stranger)


class TestRounds:
    def test_again_copies_the_answers_and_compares(self, client, enterprise, person):
        first = make.finished(enterprise, person, level_marks={3: "0.5"})
        client.post(address("again", first))
        second = MaturityAttempt.objects.get(previous=first)
        assert second.answers.get(code="P1").marks == first.answers.get(code="P1").marks
        marks = {**second.answers.get(code="P1").marks, "3.1": "1"}
        client.post(address("part", second, "P1"), fields(second, "P1", marks))
        finish(client, second)
        page = said(client.get(address("compare", second)))
        assert "第 1 次到第 2 次" in page
        assert "共 1 条" in page
        assert "<del>部分满足</del>" in page
        assert "<ins>全部满足</ins>" in page
        assert "升 0.25" in page  # strategy at level three: half of it from 0.5 to 1
        assert "第 1 次" in said(client.get(reverse("maturity_list")))

    def test_again_at_a_requirement(self, client, enterprise, person):
        first = make.finished(enterprise, person)
        answer = client.post(address("again", first), {"at": "P1 3.1"})
        second = MaturityAttempt.objects.get(previous=first)
        assert answer.url == address("part", second, "P1") + "#q-3.1"

    def test_an_answer_to_a_requirement_that_now_reads_otherwise_is_not_carried(self, enterprise, person):
        first = make.finished(enterprise, person)
        row = make.standard()
        wording = next(one for one in row.definition["wording"] if (one["subdomain"], one["level"]) == ("P1", 1))
        wording["texts"][0] = "换了说法"
        row.save()
        first.refresh_from_db()
        second = service.again(MaturityAttempt.objects.get(pk=first.pk), person)
        assert "1.1" not in second.answers.get(code="P1").marks
        assert "1.2" in second.answers.get(code="P1").marks

    def test_other_types_and_factories_are_not_compared(self, client, enterprise, person):
        make.finished(enterprise, person, kind="process")
        make.finished(enterprise, person, factory="二厂")
        now = make.finished(enterprise, person)
        assert "没有可以对照的上一次" in said(client.get(address("compare", now)))

    def test_ending_is_recorded_once(self, enterprise, person):
        attempt = make.finished(enterprise, person)
        workflow.fire(attempt, "finish", actor=person, version=attempt.version)
        assert AuditEntry.objects.filter(act="maturityattempt.finish").count() == 1


def test_every_requirement_of_the_standard_has_words(db):
    for kind in ("process", "discrete"):
        book = Book(make.standard().definition, kind)
        for code, leaf in book.subdomains.items():
            assert [len(book.at(code, level)) for level in book.standard.levels] == list(leaf.requirements)
