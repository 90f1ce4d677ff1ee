"""The officials' pages through the browser's eyes: what they show, what they refuse, and in which words."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from declarations.models import Declaration, ReturnItem
from recommendations import packets, ranking
from recommendations.models import Packet, RecommendationList, Review, ReviewCheck
from smartfactory import signing, verification, workflow
from smartfactory.models import AuditEntry, Role
from tests.factories import recommendations as make
from tests.factories.declarations import PDF, make_declaration, people_of
from tests.factories.organisations import make_authority, make_enterprise, make_member, make_tree

pytestmark = pytest.mark.django_db


def words(response):
    """The visible text of a page, without spaces."""
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return "".join(re.sub(r"<[^>]+>", "", text).split())


@pytest.fixture
def official(province, client_for):
    return client_for(province.official)


@pytest.fixture
def sealer(province, client_for):
    return client_for(province.sealer)


@pytest.fixture
def stranger(province, client_for):
    """An official of a city of the same province."""
    return client_for(make_member(Role.OFFICIAL, authority=make_tree()["990102"]))


def address(one, rest=""):
    return f"/lists/{one.public_id}/{rest}"


# The queue


@pytest.fixture
def queued(province):
    first = make_declaration(status="submitted")
    second = make_declaration(status="in_review", enterprise=make_enterprise(authority=make_tree()["990102"]))
    return first, second


def test_queue_lists_what_is_to_be_done(official, queued):
    page = words(official.get("/reviews/"))
    assert "2份要办" in page
    for one in queued:
        assert one.number in page
        assert one.enterprise.name in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "submitted"}, [0]), ({"status": "qualified"}, []), ({"status": "all"}, [0, 1]), ({"place": "990102"}, [1]),
        ({"track": "2025-excellence"}, []), ({"track": "2024-excellence"}, [0, 1]), ({"q": "没有这家"}, []),
        ({"page": "99"}, [0, 1]), ({"status": "x' OR 1=1"}, [0, 1]),
    ],
)  # fmt: skip
def test_queue_is_searched(official, queued, query, expected):
    if query.get("place"):
        query = {"place": queued[1].enterprise.authority.short_name}
    page = official.get("/reviews/", query)
    assert page.status_code == 200
    assert [place for place, one in enumerate(queued) if one.number in words(page)] == expected


def test_queue_finds_by_name_title_and_number(official, queued):
    for text in (queued[0].enterprise.name, queued[0].number.lower()):
        page = words(official.get("/reviews/", {"q": text}))
        assert (queued[0].number in page, queued[1].number in page) == (True, False)


def test_queue_has_words_for_nothing(official):
    assert "没有等着办的申报书" in words(official.get("/reviews/"))
    assert "没有符合条件的申报书" in words(official.get("/reviews/", {"q": "x"}))


def test_a_city_sees_only_its_own(stranger, queued):
    page = words(stranger.get("/reviews/"))
    assert (queued[0].number in page, queued[1].number in page) == (False, True)
    assert stranger.get(f"/reviews/{queued[0].public_id}/").status_code == 404
    assert stranger.get(f"/reviews/{'0' * 32}/").status_code == 404


def test_drafts_are_nobody_elses(official, province):
    draft = make_declaration()
    assert official.get(f"/reviews/{draft.public_id}/").status_code == 404
    assert draft.number not in words(official.get("/reviews/", {"status": "all"}))


# One review


@pytest.fixture
def under(province):
    declaration = make_declaration(status="in_review")
    return declaration, f"/reviews/{declaration.public_id}/"


def ticks(declaration, value="pass"):
    keys = ReviewCheck.objects.filter(track=declaration.track).values_list("key", flat=True)
    return {f"check-{key}": value for key in keys}


def test_review_shows_the_filed_answers_with_phones_masked(official, under):
    declaration, url = under
    page = official.get(url)
    frozen = declaration.latest_revision.content["sections"]
    assert page.status_code == 200
    assert "".join(frozen["factory"]["project_name"].split()) in words(page)
    phones = r"100-0000-\d{4}|(?<!\w)1000000\d{4}(?!\d)"
    assert re.findall(phones, declaration.latest_revision.payload)
    assert re.findall(phones, page.content.decode()) == []


def test_ticks_and_note_are_saved(official, under):
    declaration, url = under
    sent = {"review_version": 1, "version": declaration.version, "note": "已电话核对"} | ticks(declaration)
    assert official.post(url, sent).status_code == 302
    review = Review.objects.get()
    assert (set(review.checks.values()), review.note) == ({"pass"}, "已电话核对")
    page = words(official.get(url))
    assert "已电话核对" in page


def test_ticks_and_decision_in_one_go(official, under):
    declaration, url = under
    sent = {"review_version": 1, "version": declaration.version, "then": "qualify"} | ticks(declaration)
    assert official.post(url, sent).status_code == 302
    assert Declaration.objects.get().status == "qualified"


def test_a_missing_tick_holds_the_decision_and_keeps_the_rest(official, under):
    declaration, url = under
    sent = {"review_version": 1, "version": declaration.version, "then": "qualify", "note": "待补"}
    page = official.post(url, sent | ticks(declaration) | {"check-paper": "doubt"})
    assert page.status_code == 422
    assert "还没有勾选通过" in words(page)
    assert "待补" in page.content.decode()
    assert Declaration.objects.get().status == "in_review"


def test_a_colleague_was_quicker(official, under):
    """Nothing is overwritten, and what the second had typed stands on the page."""
    declaration, url = under
    sent = {"review_version": 1, "version": declaration.version}
    assert official.post(url, sent | {"note": "先写的"}).status_code == 302
    page = official.post(url, sent | {"note": "后写的"})
    assert page.status_code == 409
    assert "后写的" in page.content.decode()
    assert Review.objects.get().note == "先写的"


def test_return_names_a_field_and_opens_only_it(official, under):
    declaration, url = under
    sent = {
        "review_version": 1, "version": declaration.version, "item-anchor": ["factory.summary", ""],
        "item-message": ["请写明数据", ""], "item-reason_code": ["incomplete", ""], "item-clause": ["附件3", ""],
        "item-due": ["2099-01-31", ""],
    }  # fmt: skip
    assert official.post(url + "return/", sent).status_code == 302
    item = ReturnItem.objects.get()
    assert (item.anchor, item.message, str(item.due)) == ("factory.summary", "请写明数据", "2099-01-31")
    assert Declaration.objects.get().unlocked == ["factory.summary"]


@pytest.mark.parametrize(
    "items",
    [{}, {"item-anchor": ["factory.summary"], "item-message": [""]}, {"item-anchor": ["factory.nothing"], "item-message": ["x"]},
     {"item-anchor": [""], "item-message": ["只写了话"]}],
)  # fmt: skip
def test_return_without_sound_items_is_refused_in_words(official, under, items):
    declaration, url = under
    page = official.post(url + "return/", {"review_version": 1, "version": declaration.version} | items)
    assert page.status_code == 422
    assert "退回意见" in words(page)
    for text in items.get("item-message", []):
        assert text in page.content.decode()
    assert Declaration.objects.get().status == "in_review"


def test_odd_dates_and_versions_are_no_error(official, under):
    _, url = under
    sent = {
        "review_version": "x",
        "version": "9" * 40,
        "item-anchor": "factory.summary",
        "item-message": "m",
        "item-due": "2099-99-99",
    }
    assert official.post(url + "return/", sent).status_code in (409, 422)


@pytest.mark.parametrize(
    ("status", "act", "reason", "code", "after"),
    [
        ("submitted", "take_up", "", 302, "in_review"), ("in_review", "reject", "", 422, "in_review"),
        ("in_review", "reject", "不符合条件", 302, "rejected"), ("in_review", "reserve", "明年再报", 302, "reserved"),
        ("qualified", "reopen", "", 422, "qualified"), ("qualified", "reopen", "有举报", 302, "in_review"),
        ("rejected", "qualify", "", 409, "rejected"), ("in_review", "recommend", "x", 404, "in_review"),
        ("in_review", "submit", "x", 404, "in_review"), ("in_review", "", "x", 404, "in_review"),
    ],
)  # fmt: skip
def test_acts_through_the_page(official, province, status, act, reason, code, after):
    declaration = make_declaration(status=status)
    sent = {"act": act, "version": declaration.version, "reason": reason}
    assert official.post(f"/reviews/{declaration.public_id}/act/", sent).status_code == code
    assert Declaration.objects.get().status == after


def test_a_sealer_reads_and_decides_nothing(sealer, under):
    declaration, url = under
    assert sealer.get(url).status_code == 200
    assert sealer.post(url, {"review_version": 1} | ticks(declaration)).status_code == 403
    assert sealer.post(url + "act/", {"act": "reject", "version": declaration.version}).status_code == 404
    assert Review.objects.get().checks == {}


# The list


def test_index_begins_a_list_and_leads_to_it(official, province):
    assert "建立推荐名单" in words(official.get("/lists/"))
    answer = official.post("/lists/open/", {"track": "2024-excellence", "authority": "990000"})
    one = RecommendationList.objects.get()
    assert answer["Location"] == address(one)
    assert official.post("/lists/open/", {"track": "2024-excellence", "authority": "990101"}).status_code == 404
    assert official.post("/lists/open/", {"track": "nothing", "authority": "990000"}).status_code == 404
    assert "去排序" in words(official.get("/lists/"))


def test_empty_list_says_what_to_do(official, province):
    page = words(official.get(address(make.open_list(province))))
    assert "名单里还没有项目" in page
    assert "没有待选项目" in page


def test_list_shows_quota_order_sources_and_points(official, province, city):
    low, declaration = make.open_list(city), make.qualified()
    ranking.add_entry(low, declaration, actor=city.official)
    make.sealed(low, city)
    one = make.open_list(province)
    page = words(official.get(address(one)))
    assert "第1名" in page, "the candidate tells its place on the lower list"
    answer = official.post(address(one, "add/"), {"declaration": declaration.public_id})
    assert answer.status_code == 302
    page = words(official.get(address(one)))
    assert "各省（区、市）不超过20个" in page
    assert declaration.enterprise.name in page
    assert str(one.entries.get().points) in page


def test_adding_what_has_gone_from_the_candidates(official, province, listed):
    one = listed(1)
    taken = one.entries.get().declaration
    page = official.post(address(one, "add/"), {"declaration": taken.public_id})
    assert page.status_code == 409
    assert "已不在待选之列" in words(page)


def test_adding_past_the_limit_says_what_can_be_done(official, province):
    one, first = make.open_list(province), make.qualified()
    for declaration in [first, *make.copies(first, 19)]:
        ranking.add_entry(one, declaration, actor=province.official)
    extra = make.qualified()
    page = official.post(address(one, "add/"), {"declaration": extra.public_id})
    assert page.status_code == 422
    assert "名额已满（20个）" in words(page)
    assert "列为备选" in words(page)
    assert official.post(address(one, "add/"), {"declaration": extra.public_id, "reserve": "1"}).status_code == 302
    page = words(official.get(address(one)))
    assert "上限20项" in page
    assert "以下1项不进入推荐汇总表" in page


def order_of(one):
    return list(one.entries.order_by("rank").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("start", "sent", "expected"),
    [(1, {"step": "down"}, [1, 0, 2]), (2, {"step": "up"}, [1, 0, 2]), (3, {"to": "1"}, [2, 0, 1]), (1, {"to": " 3 "}, [1, 2, 0]),
     (3, {"step": "down"}, [0, 1, 2]), (1, {"step": "up"}, [0, 1, 2])],
)  # fmt: skip
def test_moving_by_button_and_by_number(official, listed, start, sent, expected):
    one = listed(3)
    before = order_of(one)
    entry = before[start - 1]
    answer = official.post(address(one, "move/"), {"entry": entry, "version": one.version} | sent)
    assert answer.status_code == 302
    assert order_of(one) == [before[place] for place in expected]


@pytest.mark.parametrize("typed", ["", "第一", "0", "3", "-3", "1.5", "９９９９９９９９９９x"])
def test_a_rank_that_is_no_number_is_named(official, listed, typed):
    one = listed(2)
    page = official.post(address(one, "move/"), {"entry": order_of(one)[0], "version": one.version, "to": typed})
    assert page.status_code == 422
    assert "名次要填1到2的整数" in words(page)


@pytest.mark.parametrize("act", ["move", "remove", "undo", "suggest"])
def test_an_old_page_changes_nothing(official, listed, act):
    one = listed(2)
    if act == "undo":
        ranking.move(one, one.entries.get(rank=2), 1, actor=one.entries.first().added_by, version=one.version)
    before = order_of(one)
    page = official.post(address(one, f"{act}/"), {"entry": before[1], "version": one.version - 1, "step": "up"})
    assert page.status_code == 409
    assert "请看过再操作" in words(page)
    assert order_of(one) == before


def test_removing_undoing_suggesting(official, listed):
    one = listed(3)
    first = order_of(one)
    official.post(address(one, "move/"), {"entry": first[2], "version": one.version, "to": "1"})
    assert "撤销上一步" in words(official.get(address(one)))
    one.refresh_from_db()
    official.post(address(one, "undo/"), {"version": one.version})
    assert order_of(one) == first
    one.refresh_from_db()
    official.post(address(one, "remove/"), {"entry": first[0], "version": one.version})
    assert order_of(one) == first[1:]
    one.refresh_from_db()
    assert official.post(address(one, "suggest/"), {"version": one.version}).status_code == 302
    gone = official.post(address(one, "move/"), {"entry": first[0], "version": one.version, "to": "1"})
    assert gone.status_code == 409


def test_strangers_find_no_list(stranger, listed, client_for):
    one = listed(1)
    for rest in ("", "seal/", "supersede/", "manifest.json", "summary-sheet.pdf", "preview/"):
        assert stranger.get(address(one, rest)).status_code == 404
    for rest in ("add/", "move/", "remove/", "undo/", "suggest/", "freeze/", "unfreeze/"):
        assert stranger.post(address(one, rest), {"version": one.version}).status_code == 404
    signatory = client_for(people_of(one.entries.get().declaration)[1])
    assert signatory.get("/lists/").status_code == 404
    assert signatory.get(address(one)).status_code == 404


def test_units_above_see_a_list_only_once_it_is_sealed(province, city, official):
    low = make.open_list(city)
    ranking.add_entry(low, make.qualified(), actor=city.official)
    assert official.get(address(low)).status_code == 404
    make.sealed(low, city)
    assert "推荐名单已封存，只读" in words(official.get(address(low)))
    assert "下级已封存的名单" in words(official.get("/lists/"))
    assert official.post(address(low, "suggest/"), {"version": low.version}).status_code in (403, 409)


# Freezing and sealing


@pytest.fixture
def frozen(province, listed):
    return workflow.fire(one := listed(2), "freeze", actor=province.official, version=one.version)


def test_freezing_through_the_page(official, province, listed):
    one = listed(2)
    assert official.post(address(one, "freeze/"), {"version": one.version}).status_code == 302
    page = words(official.get(address(one)))
    assert "待封存" in words(official.get("/lists/"))
    assert "须由另一位用印人封存" in page
    assert "加入名单" not in page


def test_freezing_an_empty_list_is_refused_in_words(official, province):
    one = make.open_list(province)
    page = official.post(address(one, "freeze/"), {"version": one.version})
    assert page.status_code == 422
    assert "还没有项目" in words(page)


def test_seal_page_says_what_becomes_final(sealer, frozen):
    page = sealer.get(address(frozen, "seal/"))
    text = words(page)
    assert "封存后，以下内容不能再改" in text
    assert "我已核对2个项目的名称与次序" in text
    for entry in frozen.entries.all():
        assert entry.declaration.enterprise.name in text
    assert 'autocomplete="current-password"' in page.content.decode()


def test_seal_page_of_an_open_list_leads_back(sealer, listed):
    one = listed(1)
    assert sealer.get(address(one, "seal/"))["Location"] == address(one)


def dialog(one, **more):
    return {"version": one.version, "password": make.PASSWORD, "count": "2", "tick": ["content", "final"]} | more


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "no"}, "密码不对"),
        ({"count": "5"}, "输入的项目数与名单不一致"),
        ({"tick": ["content"]}, "还没有逐项勾选确认"),
    ],
)
def test_seal_page_repeats_every_check_and_keeps_what_was_typed(sealer, frozen, change, said):
    page = sealer.post(address(frozen, "seal/"), dialog(frozen, **change))
    assert page.status_code == 422
    assert said in words(page)
    assert "checked" in page.content.decode()
    assert make.PASSWORD not in page.content.decode()
    assert RecommendationList.objects.get().status == "frozen"


def test_sealing_on_an_old_page(sealer, frozen):
    assert sealer.post(address(frozen, "seal/"), dialog(frozen, version=1)).status_code == 409


def test_who_froze_is_told_that_another_must_seal(province, frozen, client_for):
    make_member(Role.SEALER, authority=province.authority, user=province.official)
    client = client_for(province.official)
    page = client.post(address(frozen, "seal/"), dialog(frozen))
    assert page.status_code == 422
    assert "须由另一位用印人封存" in words(page)


def test_officials_have_no_seal_page(official, frozen):
    assert official.get(address(frozen, "seal/")).status_code == 404
    assert official.post(address(frozen, "seal/"), dialog(frozen)).status_code == 404


def test_sealed_through_the_page_with_its_documents(sealer, official, frozen, run_jobs):
    assert sealer.post(address(frozen, "seal/"), dialog(frozen)).status_code == 302
    seal = RecommendationList.objects.get().seal
    waiting = official.get(address(frozen, "summary-sheet.xlsx"))
    assert waiting.status_code == 202
    for entry in frozen.entries.all():
        verification.attach(entry.revision.issued, "declaration.pdf", PDF, "application/pdf")
    run_jobs()
    for name, mime in {
        "summary-sheet.pdf": "pdf",
        "summary-sheet.xlsx": "spreadsheet",
        "cover-letter.pdf": "pdf",
    }.items():
        answer = official.get(address(frozen, name))
        assert answer.status_code == 200
        assert mime in answer["Content-Type"]
        assert official.get(address(frozen, f"jobs/{name}/")).status_code == 200
    assert AuditEntry.objects.filter(act="list.download").count() == 3
    answer = official.get(address(frozen, "manifest.json"))
    algorithm, key, value = answer["X-Signature"].split()
    assert signing.verify(answer.content.decode(), signing.Signature(algorithm, key, value))
    assert json.loads(answer.content) == seal.content
    assert official.get(address(frozen, "nothing.pdf")).status_code == 404
    assert seal.code[:4] in words(official.get(address(frozen)))


def test_withdrawing_through_the_page(sealer, sealed):
    assert "作废" in words(sealer.get(address(sealed, "supersede/")))
    refused = sealer.post(address(sealed, "supersede/"), {"version": sealed.version, "note": "  "})
    assert refused.status_code == 422
    assert "作废的理由" in words(refused)
    answer = sealer.post(address(sealed, "supersede/"), {"version": sealed.version, "note": "有误"})
    fresh = RecommendationList.objects.get(replaces=sealed)
    assert answer["Location"] == address(fresh)
    assert "这份名单已作废" in words(sealer.get(address(sealed)))
    assert sealer.get(address(sealed, "supersede/")).status_code == 302


# Verification by anybody


def test_verification_page_without_login(client, sealed):
    assert client.get("/verify/").status_code == 200
    page = words(client.get(f"/verify/{sealed.seal.code}/"))
    assert "有效" in page
    assert "云泽省工业和信息化厅" in page
    assert "推荐项目2个" in page


def test_a_file_is_checked_and_not_kept(client, sealed):
    file = SimpleUploadedFile("m.json", sealed.seal.manifest.encode())
    assert "这份文件是原件" in words(client.post("/verify/", {"file": file}))
    file = SimpleUploadedFile("m.json", sealed.seal.manifest.replace('"rank":1', '"rank":7').encode())
    page = words(client.post("/verify/", {"file": file}))
    assert "对不上，可能被改动过" in page
    assert "文件与系统签发的不一致" in page
    assert client.post("/verify/", {"file": SimpleUploadedFile("x.txt", b"x")}).status_code == 404
    assert "还没有选文件" in words(client.post("/verify/", {}))


def test_the_page_names_the_file_it_was_given(client, sealed):
    file = SimpleUploadedFile("m.json", sealed.seal.manifest.encode())
    assert "推荐名单的封存内容（JSON）" in words(client.post("/verify/", {"file": file}))


@pytest.mark.parametrize("typed", ["abc", "<script>", "七八九", "0" * 17, "0123 4567 89AB CDEG"])
def test_a_code_that_cannot_be_one_is_told_so_and_kept(client, db, typed):
    answer = client.get("/verify/", {"code": typed})
    assert answer.status_code == 422
    assert "校验码是16位" in words(answer)
    assert escape(typed) in answer.content.decode()


def test_a_code_from_a_chinese_keyboard_is_the_same_code(client, sealed):
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in sealed.seal.code.lower())
    assert client.get("/verify/", {"code": wide}).url == f"/verify/{sealed.seal.code}/"


# Packets


@pytest.fixture
def packet(province, quick):
    return packets.order_packet(quick, [], actor=province.official)


def test_ordering_a_packet_and_fetching_it(official, sealed, packet, run_jobs):
    assert "生成材料包" in words(official.get("/packets/"))
    answer = official.post("/packets/order/", {"list": sealed.public_id, "rank": ["2", "x"]})
    ordered = Packet.objects.latest("pk")
    assert (answer["Location"], ordered.ranks) == (f"/packets/{ordered.public_id}/", [2])
    url = answer["Location"]
    assert official.get(url + "packet.pdf")["Location"] == url
    run_jobs()
    assert "已放入" in words(official.get(url))
    assert official.get(url + "job/").status_code == 200
    content = b"".join(official.get(url + "packet.pdf").streaming_content)
    assert content.startswith(b"%PDF-")
    assert AuditEntry.objects.filter(act="packet.download").count() == 1


def test_a_packet_of_nothing_ticked_is_not_one_of_everything(official, sealed):
    assert 'name="chosen"' in official.get("/packets/choose/", {"list": sealed.public_id}).content.decode()
    answer = official.post("/packets/order/", {"list": sealed.public_id, "chosen": "1"}, follow=True)
    assert "一个项目也没有勾选" in words(answer)
    assert not Packet.objects.exists()


def test_a_packet_of_an_open_list_is_refused(official, listed):
    one = listed(1)
    assert official.post("/packets/order/", {"list": one.public_id})["Location"] == "/packets/"
    assert "还没有封存" in words(official.get("/packets/"))


def test_reviewers_read_packets_and_order_none(province, packet, sealed, client_for):
    expert = client_for(make_member(Role.REVIEWER, authority=province.authority))
    assert packet.title.replace(" ", "") in words(expert.get("/packets/"))
    assert expert.get(f"/packets/{packet.public_id}/").status_code == 200
    assert expert.post("/packets/order/", {"list": sealed.public_id}).status_code == 404
    assert expert.post(f"/packets/{packet.public_id}/cancel/").status_code == 404
    assert expert.get(address(sealed)).status_code == 404


def test_packets_of_other_places_do_not_exist(packet, client_for, stranger):
    other = make_authority("980000", kind="province", parent=make_tree()["ministry"])
    for client in (stranger, client_for(make_member(Role.REVIEWER, authority=other))):
        assert packet.title.replace(" ", "") not in words(client.get("/packets/"))
        for rest in ("", "job/", "packet.pdf"):
            assert client.get(f"/packets/{packet.public_id}/{rest}").status_code == 404


def test_an_old_packet_has_expired(official, packet, run_jobs):
    run_jobs()
    Packet.objects.update(expires_at=packet.created_at)
    url = f"/packets/{packet.public_id}/"
    assert "已过期" in words(official.get(url))
    assert official.get(url + "packet.pdf")["Location"] == url


def test_stopping_and_going_on(official, packet, run_jobs):
    url = f"/packets/{packet.public_id}/"
    official.post(url + "cancel/")
    assert "接着生成" in words(official.get(url))
    official.post(url + "retry/")
    run_jobs()
    assert "已放入" in words(official.get(url))
