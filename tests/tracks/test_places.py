"""Notices of places: whom they cover, what stands before the national track, what the cities are given."""

import io

import pytest

from assessment.edition_rules import from_edition
from assessment.facts import Facts
from assessment.models import Edition
from assessment.rules import evaluate
from declarations import checks, content, evidence, offers, services
from declarations.models import Deadline, Declaration, Evidence, Track
from recommendations import exports, quotas, ranking, workflow
from recommendations.models import ReviewCheck
from smartfactory import files
from smartfactory.models import Authority, Role
from smartfactory.problems import errors
from smartfactory.workflow import Blocked
from tests.factories import recommendations as make
from tests.factories.declarations import advance, extend_deadline, make_declaration, people_of, submit
from tests.factories.organisations import make_enterprise, make_member
from tests.support.films import mp4

pytestmark = pytest.mark.django_db
HEBEI = "2024-hebei-excellence"
CITIES = "130100 130200 130300 130400 130500 130600 130700 130800 130900 131000 131100 130682 130181".split()


def track(code):
    return Track.objects.get(code=code)


def unit(code):
    return Authority.objects.get(code=code)


@pytest.mark.parametrize("code", CITIES)
def test_cities_of_hebei_in_principle_five_each(policy, code):
    found = quotas.resolve(track(HEBEI), unit(code))
    assert (found.limit, found.strength, found.standing) == (5, "soft", "official")
    assert found.cited == "冀工信软件函〔2024〕533号二（二）2"
    assert quotas.Book([track(HEBEI)], [unit(code)]).list_makers()


def test_the_new_area_gets_the_same_but_the_notice_does_not_say_so(policy):
    found = quotas.resolve(track(HEBEI), unit("133100"))
    assert (found.limit, found.strength, found.standing) == (5, "soft", "unverified")


def test_the_province_keeps_the_number_of_the_nation(policy):
    found = quotas.resolve(track(HEBEI), unit("130000"))
    assert (found.limit, found.strength, found.standing, found.clause) == (20, "hard", "official", "二（二）2")


@pytest.mark.parametrize("code", ["140000", "210200", "660000", "soe-crrc", "990101"])
def test_others_are_not_spoken_to(policy, code):
    found = quotas.resolve(track(HEBEI), unit(code))
    assert (found.limit, found.basis) == (None, quotas.ELSEWHERE)
    assert not offers.offered(track(HEBEI), unit(code))
    assert offers.offered(track("2024-excellence"), unit(code))


def test_the_province_s_own_track_stands_before_the_national_one(policy):
    for code in ("130000", "130100", "130682", "133100"):
        assert offers.offered(track(HEBEI), unit(code))
        assert not offers.offered(track("2024-excellence"), unit(code))
        assert offers.offered(track("2025-excellence"), unit(code))
        codes = {one.code for one in offers.offered_tracks(make_enterprise(authority=unit(code)))}
        assert (HEBEI in codes, "2024-excellence" in codes) == (True, False)


def test_an_enterprise_begins_only_where_its_place_sends_it(policy):
    enterprise = make_enterprise(authority=unit("130200"))
    person = make_member(Role.PREPARER, enterprise=enterprise)
    for code in (HEBEI, "2024-excellence"):
        Deadline.objects.create(
            track=track(code), authority=enterprise.authority, stage="enterprise", at="2099-12-31T23:59:59+08:00",
            clause="测试用", standing="unverified",
        )  # fmt: skip
    with pytest.raises(services.NotOpen):
        services.start(enterprise=enterprise, track=track("2024-excellence"), actor=person)
    begun = services.start(enterprise=enterprise, track=track(HEBEI), actor=person)
    assert begun.number.startswith("JZY-2024-")


def test_a_subsidiary_of_a_group_goes_with_its_group(policy):
    enterprise = make_enterprise(authority=unit("130200"), soe=unit("soe-crrc"))
    codes = {one.code for one in offers.offered_tracks(enterprise)}
    assert "2024-excellence" in codes
    assert HEBEI not in codes
    assert offers.way(track("2025-pioneer"), enterprise) == enterprise.authority
    assert offers.way(track("2025-excellence"), enterprise) == enterprise.soe


def test_papers_of_hebei(policy):
    hebei, nation = track(HEBEI), track("2024-excellence")
    assert (hebei.paper_copies, hebei.recommender_cell, nation.paper_copies) == (2, "blank", 1)
    assert {one.stage for one in hebei.deadlines.all()} == {"enterprise", "city", "recommender"}
    days = {one.stage: one.at.isoformat()[:10] for one in hebei.deadlines.all()}
    assert days == {"enterprise": "2024-11-22", "city": "2024-11-22", "recommender": "2024-11-29"}
    assert [one.title for one in hebei.checklist.all()] == [one.title for one in nation.checklist.all()]
    assert hebei.sections.count() == nation.sections.count()
    assert hebei.edition.conditions.count() == nation.edition.conditions.count()


def test_past_five_a_city_gives_a_reason(policy, run_jobs):
    city = make.make_desk("130100")
    one = make.open_list(city, track=HEBEI)
    first = make.qualified(track=HEBEI, enterprise=make_enterprise(authority=city.authority))
    more = make.copies(first, 5)
    for declaration in [first, *more[:4]]:
        ranking.add_entry(one, declaration, actor=city.official)
    with pytest.raises(Blocked, match="原则上限"):
        ranking.add_entry(one, more[4], actor=city.official)
    ranking.add_entry(one, more[4], actor=city.official, over_reason="新增一家链主企业")
    one = make.sealed(one, city)
    assert len(one.seal.content["entries"]) == 6
    letter = one.seal.content["layouts"]["letter"]
    assert exports._recipients(one.seal.content, letter) == ["河北省工业和信息化厅（软件产业处）"]
    found = ranking.candidates(make.open_list(make.make_desk("130000"), track=HEBEI))
    assert len(found) == 6
    extend_deadline(first)


# Liaoning: named numbers, Dalian left out, what takes no place

LIAONING = "2024-liaoning-excellence"


@pytest.mark.parametrize(("code", "limit"), [("210100", 15), ("210300", 2), ("211400", 2), ("210000", 20)])
def test_numbers_of_liaoning(policy, code, limit):
    found = quotas.resolve(track(LIAONING), unit(code))
    assert (found.limit, found.strength) == (limit, "hard")
    assert found.standing == ("official" if code == "210000" else "secondary")


def test_dalian_is_left_out_and_keeps_the_national_way(policy):
    assert quotas.resolve(track(LIAONING), unit("210200")).basis == quotas.LEFT_OUT
    assert offers.offered(track("2024-excellence"), unit("210200"))
    assert quotas.recommends(track("2024-excellence"), unit("210200"))
    assert not offers.offered(track("2024-excellence"), unit("210100"))


def test_an_accepted_task_takes_no_place_in_a_city_of_liaoning(policy):
    city = make.make_desk("210300")
    one = make.open_list(city, track=LIAONING)
    first = make.qualified(track=LIAONING, enterprise=make_enterprise(authority=city.authority))
    more = make.copies(first, 3)
    for declaration in [first, more[0]]:
        ranking.add_entry(one, declaration, actor=city.official)
    with pytest.raises(Blocked, match="名额已满"):
        ranking.add_entry(one, more[1], actor=city.official)
    reason = ranking.exemption(one, "task-accepted")
    ranking.add_entry(one, more[1], actor=city.official, exempt_reason=reason)
    with pytest.raises(Blocked, match="没有这一种"):
        ranking.exemption(one, "national-task")
    one = make.sealed(one, city)
    assert [row["exempt"] for row in one.seal.content["entries"]] == ["", "", reason]
    assert "揭榜单位" in reason


def test_what_is_free_in_a_city_is_not_free_before_the_nation(policy):
    province = make.open_list(make.make_desk("210000"), track=LIAONING)
    assert ranking.exemptions(province) == []


def test_copies_and_dates_of_liaoning(policy):
    found = track(LIAONING)
    assert found.paper_copies == 2
    assert {row.content["copies"] for row in found.layouts.filter(kind__in=["sheet", "letter"])} == {2}
    days = {one.stage: one.at.isoformat()[:10] for one in found.deadlines.all()}
    assert days == {"enterprise": "2024-11-22", "city": "2024-11-25", "recommender": "2024-11-29"}


# Guangdong: a number for each track, and one for each group in the province's own list


def test_a_group_has_so_many_places_in_the_province_s_list(policy):
    desk = make.make_desk("440000")
    one = make.open_list(desk, track="2022-guangdong-factory")
    group = unit("soe-csg")
    first = make.qualified(
        track="2022-guangdong-factory", enterprise=make_enterprise(authority=desk.authority, soe=group)
    )
    second = make.copies(first, 1)[0]
    ranking.add_entry(one, first, actor=desk.official)
    assert not errors(workflow.problems(one))
    ranking.add_entry(one, second, actor=desk.official)
    (found,) = errors(workflow.problems(one))
    assert "每家中央企业示范工厂不超过 1 个" in found.message
    assert found.standing == "secondary"
    assert found.clause.startswith("《广东")


def test_papers_of_guangdong(policy):
    for code in ("2022-guangdong-scenario", "2022-guangdong-factory"):
        assert track(code).paper_copies == 4
        days = {one.stage: one.at.isoformat()[:10] for one in track(code).deadlines.all()}
        assert days == {"enterprise": "2022-10-28", "city": "2022-10-31", "recommender": "2022-11-11"}
    subsidiary = make_enterprise(authority=unit("440100"), soe=unit("soe-csg"))
    codes = {one.code for one in offers.offered_tracks(subsidiary)}
    assert {"2022-guangdong-scenario", "2022-guangdong-factory"} <= codes
    assert not {"2022-scenario", "2022-factory"} & codes


# Jiangsu: conditions and questions of its own

JIANGSU = "2025-jiangsu-advanced"


def test_jiangsu_states_its_own_red_lines(policy):
    ours, nation = (Edition.objects.get(code=code) for code in ("2025-jiangsu", "2025"))
    words = {one.code: one.text for one in ours.conditions.all()}
    assert words["2025-COM-GEN-05"] == "最近三年没有发生重大及以上安全事故"
    assert "2025-jiangsu-ADV-GEN-01" in words
    assert ours.conditions.count() == nation.conditions.count() + 4
    assert nation.conditions.get(code="2025-COM-GEN-05").text == "最近三年没有发生较大及以上安全事故"


@pytest.mark.parametrize(
    ("industry", "status"), [("C1610", "met"), ("C3611", "met"), ("C2511", "met"), ("C2614", "met"), ("C1712", "unmet")]
)
def test_branches_of_more_industries_may_apply_in_jiangsu(policy, industry, status):
    rules = from_edition(Edition.objects.get(code="2025-jiangsu"))
    found = evaluate(rules, Facts(is_branch=True, industry=industry), "ADVANCED")
    own = next(one for one in found.tiers["ADVANCED"].results if one.rule.code == "2025-jiangsu-ADV-APP-01")
    assert own.status == status


def test_a_self_test_below_the_tier_keeps_from_filing_in_jiangsu(policy):
    declaration = make_declaration(track=JIANGSU, enterprise=make_enterprise(authority=unit("320000")))
    for answer, wrong in (("ADVANCED", False), ("BASIC", True), ("NONE", True)):
        row = declaration.contents.get(key="factory")
        declaration.contents.filter(key="factory").write(data=row.data | {"self_test": answer})
        found = checks.run(content.payload(declaration), content.describe(declaration.track))
        assert any(one.field == "self_test" for one in errors(found)) == wrong
    keys = {one.key for one in content.describe(declaration.track).fields()}
    assert {"undertaking", "self_test", "self_test_report"} <= keys


# Wuhu: old titles are recognised


def test_three_ways_into_the_list_of_wuhu(policy):
    firm = make_enterprise(authority=unit("340200"))
    codes = {one.code for one in offers.offered_tracks(firm) if one.tier == "BASIC"}
    assert codes == {"2025-wuhu-basic", "2025-wuhu-titled", "2025-wuhu-review"}
    short, long = content.describe(track("2025-wuhu-titled")), content.describe(track("2025-wuhu-basic"))
    assert len(list(short.fields())) < len(list(long.fields())) / 3
    assert "since_then" in {one.key for one in content.describe(track("2025-wuhu-review")).fields()}
    ends = Deadline.objects.filter(track__code__startswith="2025-wuhu", authority=None, stage="enterprise")
    assert {one.at.isoformat() for one in ends} == {"2025-06-09T15:59:59+00:00"}


# Zhejiang: numbers that depend on the place

ZHEJIANG = "2025-zhejiang-future"
CITED = "《通知》条号未见"


@pytest.mark.parametrize(
    ("place", "subject", "least"),
    [
        ("330100", "factory", 4000),
        ("330127", "factory", 3000),
        ("330100", "workshop", 2000),
        ("331127", "workshop", 1500),
    ],
)
def test_the_number_of_the_place_and_no_other(policy, place, subject, least):
    declaration = make_declaration(track=ZHEJIANG, enterprise=make_enterprise(authority=unit(place)))
    description = content.describe(declaration.track)
    for stated, wrong in ((least - 1, True), (least, False), (least + 1, False)):
        row = declaration.contents.get(key="factory")
        values = {"subject": subject, "investment_total": str(stated), "investment_equipment": str(stated)}
        values |= dict.fromkeys(
            ("investment_software", "investment_integration", "investment_network", "investment_other"), "0"
        )
        declaration.contents.filter(key="factory").write(data=row.data | values)
        found = errors(checks.run(content.payload(declaration), description))
        assert [one.field for one in found] == ["investment_total"] * wrong
        assert all(f"不少于 {least} 万元" in one.message and one.standing == "secondary" for one in found)


@pytest.mark.parametrize(("place", "amounts"), [("330100", (4000, 2000)), ("330127", (3000, 1500))])
def test_the_form_shows_what_is_asked_of_this_enterprise(policy, client_for, place, amounts):
    declaration = make_declaration(track=ZHEJIANG, enterprise=make_enterprise(authority=unit(place)))
    preparer, _, _ = people_of(declaration)
    row = declaration.contents.get(key="factory")
    for subject, shown in (("factory", amounts[:1]), ("workshop", amounts[1:]), (None, amounts)):
        declaration.contents.filter(key="factory").write(data=row.data | {"subject": subject})
        page = client_for(preparer).get(f"/declarations/{declaration.public_id}/factory/").content.decode()
        question = page.split('id="div_id_investment_total"')[1].split('id="div_id_investment_proof"')[0]
        assert {one for one in (4000, 3000, 2000, 1500) if f"不少于 {one} 万元" in question} == set(shown)
        assert "对本企业的要求" in question
        assert CITED in question


def test_the_place_is_filed_only_where_it_decides(policy):
    here = make_declaration(track=ZHEJIANG, enterprise=make_enterprise(authority=unit("330127")))
    assert content.payload(here)["enterprise"]["places"] == ["ministry", "330000", "330100", "330127"]
    there = make_declaration(track="2025-basic", enterprise=make_enterprise(authority=unit("330127")))
    assert "places" not in content.payload(there)["enterprise"]


def test_a_place_that_moves_is_judged_by_what_was_filed(policy):
    declaration = make.qualified(track=ZHEJIANG, enterprise=make_enterprise(authority=unit("330127")))
    declaration.enterprise.authority = unit("330100")
    declaration.enterprise.save()
    assert declaration.latest_revision.content["enterprise"]["places"][-1] == "330127"


def test_the_page_of_the_edition_names_the_places(policy, client):
    page = client.get("/policy/2025-zhejiang/").content.decode()
    assert "山区海岛县" in page
    assert "淳安县" in page
    assert "景宁畲族自治县" in page


# Heilongjiang: a pool for those who are mature enough and not yet good enough

HEILONGJIANG = "2025-heilongjiang-advanced"


@pytest.mark.parametrize(("level", "admitted"), [("2", False), ("3", True), ("4", True)])
def test_the_pool_admits_from_its_level_on(policy, client_for, level, admitted):
    declaration = make_declaration(track=HEILONGJIANG, enterprise=make_enterprise(authority=unit("230000")))
    row = declaration.contents.get(key="factory")
    declaration.contents.filter(key="factory").write(data=row.data | {"maturity_level": level})
    submit(declaration)
    advance(declaration, "take_up")
    _, _, official = people_of(declaration)
    current = Declaration.objects.get(pk=declaration.pk)
    client = client_for(official)
    page = client.get(f"/reviews/{declaration.public_id}/").content.decode()
    assert "成熟度三级及以上、没有达到省里标准的，列入培育库" in page
    sent = {"act": "reserve", "version": current.version, "reason": "还没有达到省里标准"}
    answer = client.post(f"/reviews/{declaration.public_id}/act/", sent, follow=True)
    assert ("不能列入培育库：成熟度 2 级" in answer.content.decode()) != admitted
    assert (Declaration.objects.get(pk=declaration.pk).status == "reserved") == admitted


def test_where_no_notice_speaks_of_a_pool_the_official_decides(policy):
    declaration = make_declaration(status="in_review", track="2025-advanced")
    assert advance(declaration, "reserve").status == "reserved"


def test_twelve_months_without_a_bad_record_in_heilongjiang(policy):
    description = content.describe(track(HEILONGJIANG))
    field = next(one for one in description.fields() if one.anchor == "applicant.compliance")
    assert "2025-heilongjiang-ADV-GEN-01" in {one.answers for one in field.options}


# Changsha: a title first, a film beside it

CHANGSHA = "2025-changsha-advanced"


def test_no_advanced_factory_without_the_basic_title_in_changsha(policy):
    declaration = make_declaration(track=CHANGSHA, enterprise=make_enterprise(authority=unit("430100")))
    description = content.describe(declaration.track)
    row = declaration.contents.get(key="factory")
    title = row.data["prior_titles"][0]
    for held, wrong in (([], True), ([title | {"tier": "BASIC"}], False), ([title | {"tier": "ADVANCED"}], False)):
        declaration.contents.filter(key="factory").write(data=row.data | {"prior_titles": held})
        found = errors(checks.run(content.payload(declaration), description))
        assert [one.field for one in found] == ["prior_titles"] * wrong
        assert all(one.standing == "secondary" for one in found)


def test_papers_of_changsha(policy):
    found = track(CHANGSHA)
    assert {one.content["copies"] for one in found.layouts.filter(kind="letter")} == {2}
    keys = {one.key for one in ReviewCheck.objects.filter(track=found)}
    assert {"prior", "video", "experts", "site"} <= keys
    assert {one.code for one in offers.offered_tracks(make_enterprise(authority=unit("430100")))} >= {CHANGSHA}


@pytest.mark.parametrize(("seconds", "words"), [(299, ""), (300, ""), (301, "视频长 5 分 1 秒，最长 5 分钟")])
def test_the_film_is_as_long_as_the_data_allows(policy, client_for, seconds, words):
    declaration = make_declaration(track=CHANGSHA, enterprise=make_enterprise(authority=unit("430100")))
    Evidence.objects.filter(declaration=declaration, field="video").delete()
    preparer, _, _ = people_of(declaration)
    field = next(one for one in content.describe(declaration.track).fields() if one.key == "video")
    film = io.BytesIO(mp4(seconds=seconds))
    if words:
        with pytest.raises(files.BadFile, match=words):
            evidence.add(declaration, field, film, "工厂.mp4", actor=preparer)
        return
    made = evidence.add(declaration, field, film, "工厂.mp4", actor=preparer)
    assert made.file.mime == "video/mp4"
    page = client_for(preparer).get(f"/declarations/{declaration.public_id}/factory/").content.decode()
    assert "工厂.mp4" in page


def test_the_upload_offers_films_and_takes_nothing_else(policy, client_for):
    declaration = make_declaration(track=CHANGSHA, enterprise=make_enterprise(authority=unit("430100")))
    Evidence.objects.filter(declaration=declaration, field="video").delete()
    preparer, _, _ = people_of(declaration)
    page = client_for(preparer).get(f"/declarations/{declaration.public_id}/factory/").content.decode()
    assert 'accept=".mp4"' in page
    field = next(one for one in content.describe(declaration.track).fields() if one.key == "video")
    with pytest.raises(files.BadFile, match="内容不是 MP4 视频"):
        evidence.add(declaration, field, io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(99)), "工厂.mp4", actor=preparer)


@pytest.mark.parametrize(
    ("code", "shown", "hidden"),
    [
        ("2025", ["四个层级", "关键绩效指标", "第 1 至 10 位，不超过 40 个"], ["山区海岛县"]),
        ("2025-zhejiang", ["类别", "没有见到名额"], ["四个层级", "关键绩效指标", "环节与典型场景"]),
        ("2025-heilongjiang", ["成熟度三级及以上、没有达到省里标准的", "先进级由省级主管部门认定"], ["山区海岛县"]),
        ("2025-changsha", ["市里推荐给省里"], ["培育库"]),
    ],
)
def test_the_page_of_an_edition_shows_what_it_has(policy, client, code, shown, hidden):
    page = client.get(f"/policy/{code}/").content.decode()
    assert [one for one in shown if one not in page] == []
    assert [one for one in hidden if one in page] == []
