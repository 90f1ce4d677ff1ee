"""A figure explained, supposed otherwise, and set by hand by two people."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.models import Track
from recommendations import authorities, explaining, overrides, quotas, ranking
from recommendations.models import AuthorityFact, QuotaOverride, RecommendationList
from smartfactory.models import AuditEntry, Authority, Role
from smartfactory.workflow import Blocked, NotAllowed
from tests.factories import recommendations as make
from tests.factories.organisations import make_member
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db
TRACK, UNIT = "2025-excellence", "330000"
BY_HAND = {"limit": "44", "strength": "hard", "reason": "联合体追加", "source": "工信厅函〔2025〕99号", "clause": "二",
           "standing": "official"}  # fmt: skip


def page(client, track=TRACK, unit=UNIT, **wish):
    return client.get(reverse("quota_unit", args=[track, unit]), wish)


def propose(client, track=TRACK, unit=UNIT, **more):
    return client.post(reverse("quota_propose", args=[track, unit]), BY_HAND | more)


def decide(client, one, act):
    one.refresh_from_db()
    data = {"act": act, "version": one.version}
    return client.post(reverse("quota_decide", args=[one.public_id]), data)


# Explained


def test_a_figure_by_bands_names_rule_criterion_and_band(desk):
    text = said(page(desk.client))
    assert "浙江：40 个" in text
    for words in ("通知的规则", "2024 年工业增加值位次", "本单位在这一档", "二（二）2"):
        assert words in text


@pytest.mark.parametrize(
    ("track", "unit", "words"),
    [
        ("2025-pioneer", "660000", "还不知道"),
        ("2025-pioneer", "330000", "还没有录入"),
        ("2025-excellence", "370200", "由山东代为推荐"),
        ("2025-basic", "330000", "不设名额"),
        ("2024-hebei-excellence", "130100", "给下级定的上限"),
        ("2024-liaoning-excellence", "210100", "辽宁"),
        ("2024-excellence", "650000", "通知的规则"),
    ],
)
def test_every_kind_of_figure_has_its_words(desk, track, unit, words):
    assert words in said(page(desk.client, track, unit))


def test_every_figure_of_every_track_explains_itself(policy):
    for track in Track.objects.select_related("campaign__edition"):
        for unit in Authority.objects.filter(
            code__in=["110000", "370200", "660000", "130100", "990000"]
        ).select_related("parent"):
            one = explaining.Explanation(track, unit)
            assert one.steps, (track.code, unit.code)
            assert one.quota == quotas.resolve(track, unit)
            assert all(step.text for step in one.steps)


def test_a_supposition_that_is_no_number_is_said_and_kept(desk):
    for more, words in (
        ("1e9", "再多几个要填"),
        ("３", "再多几个要填"),
        ("9" * 20, "再多几个要填"),
        ("%", "再多几个要填"),
    ):
        text = said(page(desk.client, "2024-excellence", "130000", more=more))
        assert words in text
        assert "只是算一算" not in text
    answer = page(desk.client, "2025-excellence", "130000", industrial_rank_2024="-3").content.decode()
    assert "的整数，填的是“-3”" in answer
    assert 'value="-3"' in answer


def test_a_unit_left_out_is_told_so(desk):
    text = said(page(desk.client, "2024-liaoning-excellence", "210200"))
    assert "通知写明不含本单位" in text
    assert "不适用" in text
    for never in ("还不知道", "计划单列市不超过", "如果……"):
        assert never not in text


def test_who_recommends_for_another_is_named(desk):
    assert "由辽宁代为推荐" in said(page(desk.client, "2025-excellence", "210200"))


def test_the_command_explains_and_supposes(policy):
    def run(*more):
        out = io.StringIO()
        call_command("quota", "--track", TRACK, "--authority", "990000", *more, "--json", stdout=out)
        return json.loads(out.getvalue())[0]

    assert [one["title"] for one in run("--explain")["steps"]] == ["通知的规则", "判据：2024 年工业增加值位次"]
    assert run("--suppose", "industrial_rank_2024=15")["supposed"]["limit"] == 30
    assert run("--suppose", "more=1")["supposed"]["limit"] == 41
    assert "steps" not in run()
    with pytest.raises(CommandError, match="判据=数"):
        run("--suppose", "more=many")


# Supposed


def test_if_the_rank_were_another(desk):
    text = said(page(desk.client, industrial_rank_2024="15"))
    assert "会是 30 个" in text
    assert "没有保存" in text
    assert quotas.resolve(Track.objects.get(code=TRACK), Authority.objects.get(code=UNIT)).limit == 40
    assert "会是" not in said(page(desk.client, industrial_rank_2024="第三"))


def test_if_one_city_had_one_more(desk):
    """The numbers beside it and the number above are part of the answer."""
    text = said(page(desk.client, "2024-liaoning-excellence", "210100", more="1"))
    assert "同级单位合计由" in text
    assert "上级自己的名额是 20 个" in text


def test_what_it_would_do_to_the_list(client_for, policy):
    province = make.make_desk()
    first = make.qualified()
    one = make.open_list(province)
    RecommendationList.objects.filter(pk=one.pk).update(quota_limit=20)
    for declaration in (first, *make.copies(first, 2)):
        one.refresh_from_db()
        ranking.add_entry(one, declaration, actor=province.official)
    text = said(page(client_for(province.official), "2024-excellence", "990000", more="-18"))
    assert "会落到上限线以下" in text
    assert first.enterprise.name not in text.split("会落到上限线以下")[1].split("</ul>")[0]


# By hand


def test_a_figure_by_hand_needs_a_second_person(desk, other_desk):
    assert propose(desk.client).status_code == 302
    one = QuotaOverride.objects.get()
    track, unit = Track.objects.get(code=TRACK), Authority.objects.get(code=UNIT)
    assert quotas.resolve(track, unit).limit == 40
    assert "等另一位政策管理员复核" in said(page(desk.client)) or "须由另一位政策管理员复核" in said(page(desk.client))
    assert decide(desk.client, one, "confirm").status_code == 403
    assert decide(other_desk.client, one, "confirm").status_code == 302
    found = quotas.resolve(track, unit)
    assert (found.limit, found.manual, found.ruled) == (44, True, 40)
    for words in ("手工定为 44 个", BY_HAND["reason"], BY_HAND["source"]):
        assert words in found.basis
    text = said(page(desk.client))
    assert "代替按规则得出的40 个" in text
    entry = AuditEntry.objects.get(act="quotaoverride.confirm", outcome="ok")
    assert json.loads(entry.body)["limit"] == 44
    assert decide(desk.client, one, "withdraw").status_code == 302
    assert quotas.resolve(track, unit).limit == 40


def test_it_says_so_wherever_the_figure_is_shown(desk, other_desk, client, client_for):
    propose(desk.client, "2024-excellence", "990000", limit="21")
    decide(other_desk.client, QuotaOverride.objects.get(), "confirm")
    province = make.make_desk()
    one = make.open_list(province, track="2024-excellence")
    assert one.quota_limit == 21
    ranking.add_entry(one, make.qualified(), actor=province.official)
    address = reverse("list_detail", args=[one.public_id])
    assert "手工定为 21 个" in said(client_for(province.official).get(address))
    sealed = make.sealed(one, province)
    assert "手工定为 21 个" in sealed.seal.content["quota"]["basis"]
    assert "手工" in said(desk.client.get(reverse("quota_index"), {"track": "2024-excellence"}))


@pytest.mark.parametrize("missing", ["limit", "reason", "source"])
def test_nothing_of_it_may_be_missing(desk, missing):
    response = propose(desk.client, **{missing: ""})
    assert response.status_code == 422
    assert not QuotaOverride.objects.exists()


def test_who_recommends_through_another_gets_none_and_nobody_two(desk):
    assert "由别的单位代为推荐，不能给它定名额" in said(propose(desk.client, unit="370200"))
    propose(desk.client)
    assert "没有办完" in said(propose(desk.client))


def test_only_from_above(policy, province_desk, client_for):
    """The province sets its cities a figure, not itself; a city's officer nobody."""
    track, unit = Track.objects.get(code=TRACK), Authority.objects.get(code="990000")
    assert propose(province_desk.client, unit="990000").status_code == 404
    assert propose(province_desk.client, unit=UNIT).status_code == 404
    assert propose(province_desk.client, unit="990101", limit="6").status_code == 302
    second = make_member(Role.POLICY, authority=unit)
    assert decide(client_for(second), QuotaOverride.objects.get(), "confirm").status_code == 302
    city = Authority.objects.get(code="990101")
    assert quotas.resolve(track, city).limit == 6
    assert (track, city) in quotas.Book([track], [city]).list_makers()
    own = make_member(Role.POLICY, authority=city)
    with pytest.raises(NotAllowed):
        overrides.propose(track, city, own, BY_HAND)
    with pytest.raises(Blocked):
        overrides.propose(track, city, second, {"limit": 7, "reason": "再加", "source": "文件"})


def test_a_city_with_a_figure_by_hand_makes_a_list_that_feeds_the_province(desk, other_desk):
    propose(desk.client, "2024-excellence", "990101", limit="3")
    decide(other_desk.client, QuotaOverride.objects.get(), "confirm")
    province, city = make.make_desk(), make.make_desk("990101")
    declaration = make.qualified()
    assert ranking.candidates(make.open_list(province)) == []
    low = make.open_list(city)
    ranking.add_entry(low, declaration, actor=city.official)
    make.sealed(low, city)
    assert [one.declaration for one in ranking.candidates(make.open_list(province))] == [declaration]


# Criteria


def record(client, version, unit="330000", **values):
    data = {"key": "excellence_count_2024", "low": "23", "high": "23", "source": "工信部公告", "standing": "official"}
    address = reverse("quota_fact", args=["2025-pioneer", unit])
    return client.post(address, data | values | {"version": version})


def test_a_criterion_is_recorded_with_its_source_and_the_figure_follows(desk, other_desk):
    track, unit = Track.objects.get(code="2025-pioneer"), Authority.objects.get(code="330000")
    assert quotas.resolve(track, unit).limit is None
    assert record(desk.client, 1).status_code == 302
    found = quotas.resolve(track, unit)
    assert (found.limit, found.standing) == (3, "official")
    assert record(other_desk.client, 1, low="12").status_code == 409
    assert record(other_desk.client, 2, low="30").status_code == 422
    assert record(other_desk.client, 2, key="rank_of_luck").status_code == 404
    # Loading the files again does not overwrite what a person found.
    authorities.load()
    assert AuthorityFact.objects.get(authority=unit, key="excellence_count_2024").low == 23
    assert AuditEntry.objects.filter(act="quota.fact", outcome="ok").count() == 1


def test_a_criterion_nobody_has_recorded_yet(desk):
    AuthorityFact.objects.filter(authority__code="330000", key="excellence_count_2024").delete()
    assert record(desk.client, 0).status_code == 302
    assert record(desk.client, 0).status_code == 409


def test_the_home_page_of_the_second_person_asks_for_a_word(desk, other_desk):
    propose(desk.client)
    assert "复核浙江的手工名额 44 个" in said(other_desk.client.get("/"))
    assert "复核浙江的手工名额" not in said(desk.client.get("/"))


def test_the_table_costs_the_same_however_many_figures_are_set(desk, policy):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert desk.client.get(reverse("quota_index"), {"track": TRACK}).status_code == 200
        return len(queries)

    cost()
    before = cost()
    assert before <= 25
    for code in ("110000", "120000", "130000"):
        propose(desk.client, unit=code)
    assert cost() <= before + 1
