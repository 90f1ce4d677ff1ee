"""The guide says what the editions say: numbers, clauses, dates and copies are compared with the loaded rows."""

import html
import io
import re
import shutil

import pytest
import yaml
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment import loader
from assessment import self_assessment_service as service
from assessment.drafting import cloning
from assessment.knowledge import asks, awards, library, limits, ways
from assessment.models import Edition, EditionDraft
from smartfactory.models import Authority, Role
from smartfactory.spreadsheets import read_xlsx
from tests.factories.organisations import make_enterprise, make_member

pytestmark = pytest.mark.django_db
EDITION_PAGES = ("guide_tiers", "guide_who", "guide_steps")
PLAIN_PAGES = ("guide", "guide_questions", "guide_terms", "guide_awards", "guide_search")


@pytest.fixture
def units(policy):
    call_command("load_authorities", verbosity=0, stdout=io.StringIO())


def said(response):
    assert response.status_code == 200
    return response.content.decode()


def broken_anchors(page):
    """Links within a page that lead nowhere, and names given twice."""
    names = re.findall(r'id="([^"]*)"', page)
    twice = {one for one in names if names.count(one) > 1}
    return sorted(twice | {one for one in re.findall(r'href="#([^"]+)"', page) if one not in names})


def addresses():
    yield from (reverse(name) for name in PLAIN_PAGES)
    for edition in Edition.objects.published():
        yield from (reverse(name, args=[edition.code]) for name in EDITION_PAGES)
        yield from (reverse("guide_tier", args=[edition.code, one.tier]) for one in edition.tiers.all())


def test_every_page_answers_and_every_link_leads_somewhere(client, units):
    pages = {one: said(client.get(one)) for one in addresses()}
    pages[reverse("guide_search") + "?q=级"] = said(client.get(reverse("guide_search"), {"q": "级"}))
    wanted = {html.unescape(link) for page in pages.values() for link in re.findall(r'href="(/[^"]*)"', page)}
    missing = []
    for link in sorted(wanted):
        path, _, anchor = link.partition("#")
        if path.startswith("/static/"):
            continue
        if path not in pages:
            response = client.get(path)
            pages[path] = "" if response.streaming else response.content.decode(errors="replace")
            missing += [] if response.status_code in (200, 302) else [f"{response.status_code} {path}"]
        if anchor and f'id="{anchor}"' not in pages[path]:
            missing.append(link)
    assert missing == []
    assert {one: found for one, page in pages.items() if (found := broken_anchors(page))} == {}


@pytest.mark.parametrize("code", ["2024", "2025"])
def test_every_condition_of_a_tier_is_told_with_clause_strength_and_standing(client, policy, code):
    edition = Edition.objects.get(code=code)
    for tier in edition.tiers.all():
        page = said(client.get(reverse("guide_tier", args=[code, tier.tier])))
        rules = edition.conditions.filter(tier__in=[tier.tier, "COMMON"])
        assert f"共 {rules.count()} 条条件" in page
        for one in rules:
            row = re.search(f'<tr id="c-{one.code}">(.*?)</tr>', page, re.DOTALL)[1]
            for words in (
                one.text,
                one.cited,
                "必须" if one.strength == "hard" else "原则上",
                one.get_standing_display(),
            ):
                assert html.escape(words) in row, one.code


def test_side_by_side_shows_what_tells_the_tiers_apart(client, policy):
    edition = Edition.objects.get(code="2024")
    page = said(client.get(reverse("guide_tiers", args=["2024"])))
    line = re.search('<tr id="r-MAT">(.*?)</tr>', page, re.DOTALL)[1]
    for one in edition.conditions.filter(area_group="MAT"):
        assert one.text in line
    assert "（原则上）" in re.search('<tr id="r-COV">(.*?)</tr>', page, re.DOTALL)[1]
    rules = asks.Rules.read(edition)
    counts = {line.code: [len(found) for _, found in line.cells] for line in asks.side_by_side(rules) if line.counted}
    tiers = [one.tier for one in rules.tiers]
    assert counts["OPS"] == [edition.conditions.filter(area_group="OPS", tier=one).count() for one in tiers]


def test_the_chain_leads_from_the_lowest_tier(policy):
    rules = asks.Rules.read(Edition.objects.get(code="2025"))
    chain = asks.tier_page(rules, rules.tier("PIONEER")).chain
    assert [rung.tier.tier for rung in chain] == ["BASIC", "ADVANCED", "EXCELLENCE", "PIONEER"]
    assert [[one.code for one in rung.conditions] for rung in chain][1:] == [
        ["2025-ADV-PRE-01"], ["2025-EXC-PRE-01"], ["2025-PIO-PRE-01"],
    ]  # fmt: skip


def test_limits_are_those_of_the_form(client, policy):
    edition = Edition.objects.get(code="2025")
    page = said(client.get(reverse("guide_tier", args=["2025", "PIONEER"])))
    fields = [field for _, field in limits.fields(edition, "2025-pioneer")]
    assert [one["key"] for one in fields if one["key"] == "future_model"]
    assert not [one for _, one in limits.fields(edition, "2025-excellence") if one["key"] == "future_model"]
    for one in fields:
        if one.get("max_chars"):
            assert f"{one['max_chars']} 字以内" in page
            assert html.escape(one["label"]) in page
    proof = next(one for one in limits.files(edition, "2025-pioneer") if one.label == "总公司授权和独立运营证明")
    assert (proof.required, proof.words) == ("视情形", "PDF、JPEG、PNG，每个不超过 20 MB，至多 3 个")


def test_a_changed_fixture_changes_the_pages(client, policy, tmp_path):
    for name in ("2024", "2024-hebei"):
        shutil.copytree(loader.EDITIONS / name, tmp_path / name)
    folder = (tmp_path / "2024").rename(tmp_path / "2031")
    for path in folder.glob("*.yaml"):
        text = path.read_text().replace('code: "2024"', 'code: "2031"').replace("code: 2024-", "code: 2031-")
        text = (
            text.replace("track: 2024-", "track: 2031-")
            .replace("tracks: [2024-", "tracks: [2031-")
            .replace("[2024-EXC", "[2031-EXC")
        )
        text = (
            text.replace("[2024-COM", "[2031-COM")
            .replace("answers: 2024-", "answers: 2031-")
            .replace("only: [2024-", "only: [2031-")
        )
        text = text.replace("企业已纳入规模以上工业统计", "企业已纳入规模以上统计名录").replace(
            "2024-11-22T", "2031-11-21T"
        )
        text = text.replace("2024-11-29T", "2031-11-28T")
        path.write_text(text.replace("max_chars: 1500", "max_chars: 1234"))
    loader.load(folder)
    assert "企业已纳入规模以上统计名录" in said(client.get(reverse("guide_tiers", args=["2031"])))
    assert "1234 字以内" in said(client.get(reverse("guide_tier", args=["2031", "EXCELLENCE"])))


def test_steps_take_date_copies_and_quota_from_the_edition(client, policy):
    books = library.current()
    page = said(client.get(reverse("guide_steps", args=["2025"])))
    assert "2025年7月18日 23:59" in page
    assert "2025年8月1日" in page
    national = {way.key: way for way in ways.ways(Edition.objects.get(code="2025"), books)}
    assert set(national) >= {"2025-excellence-province", "2025-excellence-group", "2025-pioneer-province"}
    assert "2025-pioneer-group" not in national
    keys = [one.step.key for one in national["2025-pioneer-province"].steps]
    assert keys[-5:] == ["send", "candidate", "cultivate", "first-check", "accept"]
    rank = next(one for one in national["2025-excellence-group"].steps if one.step.key == "rank")
    assert [one.words for one in rank.quotas] == ["有关中央企业每家不超过 5 个"]
    send = {way: next(one for one in national[way].steps if one.step.key == "send") for way in list(national)[:2]}
    assert ["国务院国资委" in str(one.papers) for one in send.values()] == [False, True]


def test_a_place_has_its_own_step_and_its_own_numbers(policy):
    way = ways.ways(Edition.objects.get(code="2024-hebei"), library.current())[0]
    steps = {one.step.key: one for one in way.steps}
    assert (way.route, steps["fill"].papers[0].copies) == ("place", 2)
    assert steps["city"].deadline.at.date().isoformat() == "2024-11-22"
    assert steps["send"].papers[0].recipients == ("工业和信息化部（装备工业一司）",)
    sheet, letter = steps["city"].papers
    assert (sheet.recipients, sheet.copies) == (("河北省工业和信息化厅（软件产业处）",), None)
    assert (letter.asked, letter.recipients) == (False, ())
    assert "各市（含定州、辛集市）原则上不超过 5 个" in [one.words for one in steps["city"].quotas]
    assert not [one for one in steps["rank"].quotas if "各市" in one.words]
    assert steps["decide"].cited.said == "《通知》二（二）4"
    assert steps["city"].cited.said == "冀工信软件函〔2024〕533号二（二）2"


def test_a_track_nobody_has_explained_is_still_walked(policy):
    """Its steps are the ones every track has; what they cite is the track itself."""
    found = {way.key: way for way in ways.ways(Edition.objects.get(code="2025-wuhu"), library.current())}
    steps = found["2025-wuhu-titled-place"].steps
    assert [one.step.key for one in steps] == ["own-fill", "own-keep"]
    assert steps[0].deadline.at.date().isoformat() == "2025-06-09"
    assert {one.cited.standing for one in steps} == {"secondary"}
    basic = found["2025-wuhu-basic-place"].steps
    assert "own-fill" not in [one.step.key for one in basic]
    assert (basic[-1].step.actor, basic[-1].cited.standing) == ("市级主管部门", "secondary")


def test_a_list_is_kept_by_the_unit_whose_notice_it_is(client, policy):
    page = said(client.get(reverse("guide_steps", args=["2025-wuhu"])))
    assert "市级主管部门" in page
    assert "中央企业集团" not in page
    assert "省级主管部门" not in page
    assert "省级主管部门" in said(client.get(reverse("guide_steps", args=["2025-jiangsu"])))


def test_a_place_tells_its_pool_and_the_files_it_wants_beside(client, policy):
    page = said(client.get(reverse("guide_steps", args=["2025-heilongjiang"])))
    assert "培育库：成熟度三级及以上、没有达到省里标准的，列入培育库" in page
    page = said(client.get(reverse("guide_steps", args=["2025-changsha"])))
    assert "<b>另交</b> 工厂视频（必填）" in page
    # Format and size are the system's own, and not told under the place's clause.
    assert "MP4" not in page


@pytest.mark.parametrize("code", ["2022", "2022-guangdong", "2024", "2024-hebei", "2024-liaoning"])
def test_a_letter_no_notice_asks_for_is_the_system_s_own_offer(client, policy, code):
    for way in ways.ways(Edition.objects.get(code=code), library.current()):
        for step in way.steps:
            for paper in step.papers:
                assert not (paper.asked and "函" in paper.title) or (code, step.step.key) == ("2024-liaoning", "city")
                assert paper.asked or paper.cited.said == "平台要求"
                assert step.step.lane != "city" or not any("工业和信息化部" in one for one in paper.recipients)
    assert "系统另可生成" in said(client.get(reverse("guide_steps", args=[code])))


def test_the_ministry_is_told_its_own_numbers_and_a_province_its_own(policy):
    way = ways.ways(Edition.objects.get(code="2024-liaoning"), library.current())[0]
    steps = {one.step.key: one for one in way.steps}
    assert [one.copies for one in steps["city"].papers] == [2, 2]
    assert [(one.title, one.copies) for one in steps["send"].papers if one.asked] == [
        ("卓越级智能工厂项目申报书", 1), ("卓越级智能工厂项目推荐汇总表", 1),
    ]  # fmt: skip


def test_in_2022_each_of_two_ministries_gets_one_copy(client, policy):
    for way in ways.ways(Edition.objects.get(code="2022"), library.current()):
        steps = {one.step.key: one for one in way.steps}
        asked = [one for one in steps["send"].papers if one.asked]
        assert len(asked) == 2
        for one in asked:
            assert one.copies == 1
            assert one.recipients == ("工业和信息化部（装备工业一司）", "国家发展改革委（产业发展司）")
            assert (one.cited.said, one.cited.standing) == ("《通知》三（二）", "official")
        assert steps["fill"].papers == ()
    page = said(client.get(reverse("guide_steps", args=["2022"])))
    assert "各 1 份，分别报工业和信息化部（装备工业一司）、国家发展改革委（产业发展司）" in page


def test_the_cities_of_guangdong_have_a_step_of_their_own(policy):
    found = {way.key: way for way in ways.ways(Edition.objects.get(code="2022-guangdong"), library.current())}
    for track, city, province in (
        ("scenario", "每市优秀场景不超过 5 个", 30),
        ("factory", "每市示范工厂不超过 3 个", 10),
    ):
        steps = {one.step.key: one for one in found[f"2022-guangdong-{track}-place"].steps}
        assert steps["city"].deadline.at.date().isoformat() == "2022-10-31"
        assert [one.words for one in steps["city"].quotas] == [city]
        words = [one.words for one in steps["rank"].quotas]
        assert [one for one in words if one.endswith(f"不超过 {province} 个")]
        assert [one for one in words if "每家中央企业" in one]
        assert city not in words
        assert steps["fill"].papers[0].copies == 4
        assert {one.copies for one in steps["send"].papers if one.asked} == {1}


def cloned(old, code, *, told=True):
    """A published edition as the policy desk clones it from `old`; without `told` nobody knows from what."""
    unit = Authority.objects.get(code="ministry")
    wish = cloning.Wish(code=code, title=f"{code}年度行动", year=int(code))
    chapters = {name: yaml.safe_load(text) for name, text in cloning.cloned(old, wish, unit).items()}
    new = Edition.objects.create(code=code, title=wish.title, year=wish.year, status="published", source=chapters)
    if told:
        by = make_member(Role.POLICY, authority=unit)
        EditionDraft.objects.create(
            code=code, title=new.title, authority=unit, base=old, created_by=by, status="published"
        )
    return new


def test_a_clone_takes_over_the_explanation_it_was_made_from(client, policy):
    """Told as taken over, and unverified, also by the clone of a clone; dates and numbers are its own."""
    old = Edition.objects.get(code="2025")
    cloned(cloned(old, "2031"), "2032")
    for code in ("2031", "2032"):
        found = ways.ways(Edition.objects.get(code=code), library.current())
        assert {one.carried for one in found} == {old}
        assert [[one.step.key for one in way.steps] for way in found] == [
            [one.step.key for one in way.steps] for way in ways.ways(old, library.current())
        ]
        assert {one.cited.standing for way in found for one in way.steps} == {"unverified"}
        assert "还没有自己的步骤说明，下面沿用" in said(client.get(reverse("guide_steps", args=[code])))
    assert "还没有自己的步骤说明" not in said(client.get(reverse("guide_steps", args=["2025"])))


def test_an_edition_of_unknown_origin_keeps_the_steps_any_track_has(client, policy):
    new = cloned(Edition.objects.get(code="2022"), "2031", told=False)
    found = ways.ways(new, library.current())
    assert {one.carried for one in found} == {None}
    assert all(one.step.by_track for way in found for one in way.steps)


def test_every_edition_tells_how_to_file(policy):
    for edition in Edition.objects.published():
        found = ways.ways(edition, library.current())
        assert {one.track["code"] for one in found} == {one["code"] for one in asks.tracks(edition)}
        for way in found:
            assert "declaration" in [paper for one in way.steps for paper in one.step.papers], way.key


def test_a_picture_is_told_in_words(client, policy):
    page = said(client.get(reverse("guide_steps", args=["2024"])))
    picture = re.search('role="img" aria-label="([^"]*)"', page)[1]
    assert "第 1 步，企业：自建自评" in picture
    assert "国家评审认定" in picture


def test_who_may_apply_tells_the_branch_and_its_two_proofs(client, policy):
    page = said(client.get(reverse("guide_who", args=["2025"])))
    for words in ("石油石化", "授权文件", "独立运营", "总公司授权和独立运营证明", "C32", "〔未核实〕", "计划单列市"):
        assert words in page
    assert "江苏：烟草" not in page
    assert "江苏：烟草" in said(client.get(reverse("guide_who", args=["2025-jiangsu"])))


def test_questions_show_editions_clauses_and_doubts(client, policy):
    page = said(client.get(reverse("guide_questions")))
    books = library.current()
    assert len(list(books.questions)) >= 30
    for one in books.questions:
        assert f'id="q-{one.key}"' in page
        assert html.escape(one.title) in page
    assert "〔转引〕" in page
    assert "〔未核实〕" in page
    assert "《通知》二（一）2" in page


def test_a_gap_of_a_self_assessment_leads_to_its_condition(client_for, policy):
    enterprise = make_enterprise()
    person = make_member(Role.PREPARER, enterprise=enterprise)
    sheet = service.start(enterprise, Edition.objects.get(code="2024"), person)
    page = said(client_for(person).get(reverse("assessment_result", args=[sheet.public_id])))
    links = set(re.findall('href="(/guide/[^"#]*)#(c-[^"]*)">这一条问的是什么', page))
    assert links
    told = {path: said(client_for(person).get(path)) for path, _ in links}
    assert all(f'id="{anchor}"' in told[path] for path, anchor in links)


def test_a_place_without_a_figure_says_so(client, units):
    page = said(client.get(reverse("guide_awards")))
    row = re.search('<tr id="p-110000">(.*?)</tr>', page, re.DOTALL)[1]
    assert row.count("未收录") == len(awards.table(library.current()).columns)
    assert "0" not in re.sub(r"<[^>]*>", "", row)
    shandong = re.search('<tr id="p-370000">(.*?)</tr>', page, re.DOTALL)[1]
    assert "22（公示）" in shandong
    real = Authority.objects.filter(kind__in=awards.KINDS, is_demo=False)
    assert len(re.findall('<tr id="p-', page)) == real.count()


def test_the_workbook_says_the_same(client, units):
    response = client.get(reverse("guide_awards_file"))
    assert response["Content-Type"].endswith("spreadsheetml.sheet")
    text = str(read_xlsx(response.content))
    assert "未收录" in text
    assert "山东" in text


def test_strangers_read_everything_and_unknown_is_not_found(policy):
    client = Client()
    assert client.get(reverse("guide_tiers", args=["2099"])).status_code == 404
    assert client.get(reverse("guide_tier", args=["2024", "NOBODY"])).status_code == 404
    assert client.get(reverse("guide_tier", args=["2024", "BASIC"])).status_code == 200


@pytest.mark.parametrize(("name", "most"), [("guide_tiers", 6), ("guide_who", 6), ("guide_steps", 4)])
def test_queries_do_not_grow_with_the_edition(client, policy, name, most):
    counts = set()
    for code in ("2022", "2024", "2025"):
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse(name, args=[code]))
        counts.add(len(seen))
    assert len(counts) == 1
    assert counts.pop() <= most
