"""总览: the figures are those of the rows, each counted where it goes up, and every picture has its table."""

import datetime
import re

import pytest
from django.utils import timezone

from assessment import self_assessment_service as assessing
from assessment.models import Edition, SelfAssessment
from declarations.models import Deadline, Declaration, ScenarioInstance, Track
from recommendations import ranking
from recommendations.overview import charts, figures, mix, schedule, tiles, trend
from smartfactory import documents
from smartfactory.models import Authority, Role
from tests.factories import recommendations as make
from tests.factories.declarations import advance, make_declaration, people_of
from tests.factories.organisations import make_enterprise, make_member, make_tree

pytestmark = pytest.mark.django_db
TRACK = "2024-excellence"


def words(response):
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return "".join(re.sub(r"<[^>]+>", "", text).split())


@pytest.fixture
def official(province, client_for):
    return client_for(province.official)


@pytest.fixture
def track(policy):
    return Track.objects.select_related("campaign").get(code=TRACK)


def funnel(found):
    return {one.label: one.count for one in found.funnel}


def test_the_page_counts_what_is_there(official, province):
    declaration = make.qualified()
    make_declaration(status="submitted")
    page = words(official.get("/dashboard/"))
    for text in (
        "完成自评",
        "线上填报",
        "已提交",
        "已受理",
        "审核通过",
        "列入名单",
        "已推荐",
        "本年度日程",
        "等您处理",
    ):
        assert text in page
    assert "20个·各省（区、市）不超过20个" in page
    advance(declaration, "reopen")
    assert official.get("/dashboard/", {"track": "2025-pioneer"}).status_code == 200
    assert official.get("/dashboard/", {"track": "no", "unit": "no", "by": "no"}).status_code == 200


def test_only_tracks_that_are_for_the_unit(official):
    page = official.get("/dashboard/").content.decode()
    assert 'value="2024-excellence"' in page
    assert 'value="2024-hebei-excellence"' not in page


def test_nothing_has_words(official):
    assert "还没有收到申报书" in words(official.get("/dashboard/"))


def test_every_step_of_the_funnel(province, track):
    make_declaration(status="draft")
    make_declaration(status="submitted")
    make_declaration(status="returned")
    done = make.qualified()
    assessed = assessing.start(done.enterprise, Edition.objects.get(code="2024"), people_of(done)[0])
    SelfAssessment.objects.filter(pk=assessed.pk).update(finished_at=timezone.now())
    listed = make.open_list(province)
    ranking.add_entry(listed, done, actor=province.official)
    found = figures.overview(track, province.authority)
    assert funnel(found) == {
        "完成自评": 1, "线上填报": 4, "已提交": 3, "已受理": 2, "审核通过": 1, "列入名单": 1, "已推荐": 0,
    }  # fmt: skip
    assert [one.share for one in found.funnel] == [None, None, 75, 67, 50, 100, 0]
    (place,) = [one for one in found.places if one.received]
    assert (place.assessed, place.drafts, place.received, place.waiting, place.returned, place.passed) == (
        1, 1, 3, 1, 1, 1,
    )  # fmt: skip
    assert found.totals["received"] == 3


def test_what_goes_up_through_a_group_is_counted_there(province, official, track):
    make_declaration(status="qualified")
    group = Authority.objects.get(code="soe-yunze")
    make_declaration(status="qualified", enterprise=make_enterprise(authority=make_tree()["990102"], soe=group))
    found = figures.overview(track, province.authority)
    assert funnel(found)["已提交"] == 1
    assert (sum(place.received for place in found.places), found.elsewhere) == (1, 1)
    assert sum(one.count for one in found.industries) == 1
    assert funnel(figures.overview(track, group))["已提交"] == 1
    assert "本地区另有1份由所属中央企业审核" in words(official.get("/dashboard/"))


def test_segments_and_industries(province, track):
    first = make_declaration(status="submitted")
    names = dict(track.campaign.edition.segments.values_list("code", "name"))
    filed = {one.data["segment"] for one in ScenarioInstance.objects.filter(declaration=first)}
    found = figures.overview(track, province.authority)
    assert {one.label: one.count for one in found.segments} == {names[code]: 1 for code in filed}
    fresh = Declaration.objects.get(pk=first.pk)
    assert [(one.label, one.count) for one in found.industries] == [(f"{fresh.industry} {fresh.industry_name}", 1)]


def test_the_rest_is_one_bar():
    rows = mix._shares({f"行业{n:02}": 20 - n for n in range(15)})
    assert [one.label for one in rows[-2:]] == ["行业11", mix.OTHERS]
    assert rows[-1].count == 8 + 7 + 6
    assert rows[-1].width == 100, "even the rest is no longer than the longest bar"


def test_days_before_the_deadline(province, track):
    now = timezone.now()
    due = Deadline(track=track, at=now + datetime.timedelta(days=3))
    inside, outside = make_declaration(status="submitted"), make_declaration(status="submitted")
    Declaration.objects.filter(pk=outside.pk).update(submitted_at=now - datetime.timedelta(days=trend.DAYS + 1))
    Declaration.objects.filter(pk=inside.pk).update(submitted_at=now - datetime.timedelta(days=2))
    days = trend.submitted(track, province.authority, figures.line(province.authority), due).of(province.authority)
    assert days.counts == (0,) * 11 + (1, 0, 0)
    assert days.total == days.highest == 1
    assert [one.empty for one in days.bars] == [True] * 11 + [False, True, True]
    past = Deadline(track=track, at=now - datetime.timedelta(days=2))
    days = trend.submitted(track, province.authority, figures.line(province.authority), past).of(province.authority)
    assert days.counts[-1] == 1


def test_the_schedule_has_its_dates_in_order():
    now = datetime.datetime(2024, 11, 20, tzinfo=datetime.UTC)
    rows = [
        ("推荐单位", Deadline(at=datetime.datetime(2024, 11, 29, tzinfo=datetime.UTC))),
        ("企业", Deadline(at=datetime.datetime(2024, 11, 15, tzinfo=datetime.UTC))),
    ]
    line = schedule.line(rows, now)
    assert [(one.label, one.past) for one in line.marks] == [("企业", True), ("推荐单位", False)]
    places = [float(one.x) for one in line.marks]
    assert schedule.LEFT < places[0] < float(line.today) < places[1] < schedule.RIGHT
    assert "11月15日企业截止" in line.said
    assert schedule.line([], now) is None


def test_labels_that_would_meet_stand_in_two_rows():
    at = datetime.datetime(2024, 11, 15, tzinfo=datetime.UTC)
    line = schedule.line([(name, Deadline(at=at)) for name in "甲乙丙"], at)
    assert [one.low for one in line.marks] == [False, True, False]


@pytest.mark.parametrize("draw", [charts.steps, charts.ranked])
def test_a_chart_says_what_it_draws(draw):
    rows = [figures.Step("已提交", 4, None, 100), figures.Step("已受理", 1, 25, 25)]
    chart = draw(rows, "从自评到推荐")
    assert chart.said == "从自评到推荐：已提交 4，已受理 1"
    assert [one.count for one in chart.bars] == [4, 1]
    assert chart.bars[0].width == 4 * chart.bars[1].width + chart.bars[0].width % 4
    assert chart.height >= chart.bars[-1].y


def test_the_nation_in_tiles(policy, track, client_for):
    make_declaration(status="submitted")
    ministry = Authority.objects.get(code="ministry")
    grid = tiles.grid(track, ministry)
    having = {one.name: (one.count, one.shade) for one in grid.tiles if one.count}
    assert having == {Authority.objects.get(code="990000").short_name: (1, tiles.DARKEST)}
    assert len({(one.x, one.y) for one in grid.tiles}) == len(grid.tiles)
    assert {one.shade for one in grid.tiles if not one.count} == {0}
    looking = client_for(make_member(Role.OFFICIAL, authority=ministry))
    page = looking.get("/dashboard/", {"track": TRACK, "by": "passed"}).content.decode()
    assert "各推荐单位审核通过份数：都还没有" in page
    assert page.count('class="t0"') == len(grid.tiles)


def test_every_recommending_unit_has_a_tile_of_its_own(policy):
    named = Authority.objects.filter(kind__in=["province", "separately_planned_city", "xpcc"])
    assert set(named.values_list("code", flat=True)) <= set(tiles.places())
    assert len(set(tiles.places().values())) == len(tiles.places())


def test_a_planned_city_counts_for_itself(policy, track):
    dalian = Authority.objects.get(code="210200")
    make_declaration(status="submitted", enterprise=make_enterprise(authority=dalian))
    grid = tiles.grid(track, Authority.objects.get(code="ministry"))
    assert {one.name: one.count for one in grid.tiles if one.count} == {"大连": 1}


def test_the_workbook_says_what_the_page_says(official, province):
    make_declaration(status="submitted")
    answer = official.get("/dashboard/overview.xlsx", {"track": TRACK})
    assert answer.status_code == 200
    found = dict(documents.read_xlsx(answer.content))
    assert list(found) == ["从自评到推荐", "各地进展", "环节", "行业", "日程"]
    assert ["已提交", "1"] == next(row[:2] for row in found["从自评到推荐"] if row and row[0] == "已提交")
    assert any(row[:4] == ["澜州", "0", "0", "1"] or row[3:4] == ["1"] for row in found["各地进展"])
    assert official.get("/dashboard/overview.xlsx", {"track": "no"}).status_code == 404
