"""The template library: each tag and filter says the state in words."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from smartfactory import icons
from smartfactory.problems import Problem
from smartfactory.templatetags import yan


def render(text, **context):
    return Template("{% load yan %}" + text).render(Context(context))


def test_an_icon_is_hidden_and_an_unknown_one_is_a_mistake():
    assert 'aria-hidden="true"' in yan.icon("check")
    with pytest.raises(KeyError):
        yan.icon("unicorn")


@pytest.mark.parametrize(
    ("used", "limit", "filled", "empty", "beyond", "words"),
    [
        (0, 20, 0, 20, 0, "还没有推荐项目"),
        (17, 20, 17, 3, 0, "还可推荐 3 项"),
        (20, 20, 20, 0, 0, "名额已满"),
        (22, 20, 20, 0, 2, "超出 2 项"),
        (1, 0, 0, 0, 1, "超出 1 项"),
        (0, 0, 0, 0, 0, "名额已满"),
    ],
)
def test_every_place_of_a_quota_is_a_cell(used, limit, filled, empty, beyond, words):
    html = render("{% quota_meter used limit %}", used=used, limit=limit)
    assert [html.count(f'class="{name}"') for name in "feo"] == [filled, empty, beyond]
    assert words in html
    assert 'role="img"' in html


def test_an_unknown_quota_has_no_cells():
    html = render("{% quota_meter used limit %}", used=3, limit=None)
    assert "上限未公布" in html
    assert "<svg" not in html


def test_dots_say_their_number():
    html = render("{% dots met total %}", met=22, total=28)
    assert html.count('class="y"') == 22
    assert html.count('class="n"') == 6
    assert "满足 22 项，共 28 项" in html
    assert icons.dots(0, 0)


@pytest.mark.parametrize(("tier", "reached"), [("BASIC", 1), ("EXCELLENCE", 3), ("PIONEER", 4), ("nothing", 0)])
def test_the_mark_of_a_tier(tier, reached):
    assert icons.tier_mark(tier).count('class="y"') == reached


@pytest.mark.parametrize(
    ("standing", "words"), [("official", ""), ("secondary", "〔转引〕"), ("unverified", "〔未核实〕")]
)
def test_a_clause_says_how_well_it_is_attested(standing, words):
    html = yan.clause("《通知》二（一）2", "/policy/2024/#x", standing)
    assert "《通知》二（一）2" in html
    assert words in html
    assert ("〔" in html) == bool(words)
    assert yan.clause("") == ""


def test_a_clause_is_escaped():
    assert "<b>" not in yan.clause("<b>", "javascript:\"'")


def test_status_words_come_from_the_row():
    row = SimpleNamespace(status="returned", get_status_display=lambda: "已退回")
    assert 'class="yan-tag fix"' in yan.status_tag(row)
    assert "已退回" in yan.status_tag(row)
    own = SimpleNamespace(status="sealed", status_word="已封存", status_tone="sealed")
    assert "已封存" in yan.status_tag(own)
    assert "请改正" in yan.status_tag(row, "请改正")


@pytest.mark.parametrize(
    ("left", "number", "unit", "state"),
    [
        (timedelta(days=16, hours=1), 16, "天", ""),
        (timedelta(days=3), 3, "天", "near"),
        (timedelta(hours=5, minutes=1), 5, "小时", "near"),
        (timedelta(minutes=20, seconds=5), 20, "分钟", "near"),
        (timedelta(seconds=-1), 0, "", "past"),
    ],
)
def test_what_is_left_until_a_deadline(time_machine, left, number, unit, state):
    time_machine.move_to(datetime(2024, 11, 19, 4, 0, tzinfo=UTC), tick=False)
    assert yan.countdown(timezone.now() + left) == yan.Countdown(number, unit, state)


@pytest.fixture
def time_machine():
    import time_machine

    moved = []

    class Mover:
        def move_to(self, when, tick):
            traveller = time_machine.travel(when, tick=tick)
            traveller.start()
            moved.append(traveller)

    yield Mover()
    for traveller in moved:
        traveller.stop()


def test_dates_as_people_write_them(time_machine):
    time_machine.move_to(datetime(2024, 11, 19, 4, 0, tzinfo=UTC), tick=False)
    assert yan.cn_date(date(2024, 11, 22)) == "11月22日（周五）"
    assert yan.cn_date(date(2023, 1, 1)) == "2023年1月1日（周日）"
    assert yan.cn_datetime(datetime(2024, 11, 22, 15, 59, 59, tzinfo=UTC)) == "11月22日 23:59"
    assert yan.cn_full_date(datetime(2024, 12, 31, 16, 0, tzinfo=UTC)) == "2025年1月1日"
    assert yan.cn_date(None) == yan.cn_datetime(None) == yan.cn_time(None) == yan.cn_full_date(None) == ""


def test_small_filters():
    assert yan.chars("一 二\n三") == 3
    assert yan.grouped("7f3a92c1d05e88ab00") == "7F3A 92C1 D05E 88AB"
    assert yan.mask_phone("100-0000-0019") == "100****0019"
    assert yan.mask_phone("12") == "****"
    assert yan.item({"a": 1}, "a") == 1
    assert yan.item(None, "a") is None


def test_a_query_keeps_the_rest():
    request = RequestFactory().get("/x/", {"q": "孪生", "page": "2", "tier": ""})
    assert yan.with_query({"request": request}, page=3) == "?q=%E5%AD%AA%E7%94%9F&page=3"


def test_the_error_slip_links_each_problem_to_its_place_and_cites_its_clause():
    problems = [
        Problem("场景描述超出 126 字，请删减", fix_url="#id_x", clause="248号通知 二（五）", standing="secondary"),
        Problem("另一处"),
    ]
    html = render('{% include "partials/error_slip.html" %}', problems=problems)
    assert '<a href="#id_x">场景描述超出 126 字，请删减</a>' in html
    assert "248号通知 二（五）" in html
    assert "〔转引〕" in html
    assert "有 2 处要改正" in html
    assert 'role="alert"' in html
    assert render('{% include "partials/error_slip.html" %}', problems=[]).strip() == ""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("saved", "已保存"), ("saving", "正在保存"), ("dirty", "有未保存的修改"), ("offline", "网络断开"),
        ("conflict", "也改了这一部分"), ("sealed", "已封存，只读"),
    ],
)  # fmt: skip
def test_the_saved_state_is_said(state, words):
    assert words in render('{% include "partials/save_state.html" %}', state=state, at=timezone.now(), by="周敏")


def test_a_deadline_shows_number_day_and_clause():
    cited = "《通知》二（二）1"
    deadline = SimpleNamespace(
        at=timezone.now() + timedelta(days=10), clause="二（二）1", cited=cited, standing="official"
    )
    html = render('{% include "partials/deadline.html" with title="线上申报截止" %}', deadline=deadline)
    assert "线上申报截止" in html
    assert cited in html
    past = SimpleNamespace(at=timezone.now() - timedelta(days=1), clause="", standing="official")
    assert "已截止" in render('{% include "partials/deadline.html" %}', deadline=past)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "排队"),
        ("running", "正在生成"),
        ("ready", "已生成"),
        ("failed", "再生成一次"),
        ("cancelled", "已停止"),
    ],
)
def test_a_job_says_where_it_is(state, words):
    over = state in {"ready", "failed", "cancelled"}
    job = SimpleNamespace(public_id="f" * 32, state=state, is_over=over, done=3, total=9, note="", result_name="x.pdf")
    html = render(
        '{% include "partials/job.html" with poll_url="/p/" retry_url="/r/" download_url="/d/" what="申报书" %}',
        job=job,
    )
    assert words in html
    assert ("hx-get" in html) is not over
