"""现场核查: a sample anybody can draw again, the checklist item by item, the conclusion and its paper."""

import io
import shutil
import subprocess

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from declarations.models import Track
from recommendations.models import OnsiteDraw, OnsiteFinding, OnsiteItem, OnsiteVisit
from recommendations.onsite import paper, sampling, service
from smartfactory import documents, verification, workflow
from smartfactory.canonical import sha256
from smartfactory.models import AuditEntry
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import PDF, make_declaration
from tests.factories.organisations import make_enterprise, make_tree

pytestmark = pytest.mark.django_db
NUMBERS = [(f"ZY-{number:04d}", "a" if number % 3 else "b") for number in range(30)]
SHARE = {"percent": 20, "number": None, "least": 1, "strata": "unit"}


# Drawing


def test_the_same_seed_draws_the_same_whatever_the_order():
    drawn = sampling.draw(NUMBERS, SHARE, "seed")
    assert drawn == sampling.draw(NUMBERS[::-1], SHARE, "seed")
    assert drawn != sampling.draw(NUMBERS, SHARE, "another")
    assert len([one for one in drawn if (one, "a") in NUMBERS]) == 4
    assert len(drawn) == 4 + 2


@pytest.mark.parametrize(
    ("count", "rule", "size"),
    [(10, SHARE, 2), (11, SHARE, 3), (1, SHARE, 1), (0, SHARE, 0), (10, {"percent": 0, "least": 2}, 2),
     (10, {"percent": 100, "least": 0}, 10), (10, {"number": 3, "least": 0}, 3), (2, {"number": 3, "least": 9}, 2)],
)  # fmt: skip
def test_how_many_are_drawn(count, rule, size):
    assert sampling.size(count, rule) == size


def test_a_line_of_shell_puts_them_in_the_same_order():
    if not shutil.which("sha256sum"):
        return
    digests = {
        number: subprocess.run(["sha256sum"], input=f"seed:{number}".encode(), capture_output=True, check=True).stdout
        for number, _ in NUMBERS
    }
    by_hand = sorted(digests, key=lambda one: digests[one])[:5]
    rule = {"number": 5, "least": 0}
    assert sampling.draw([(number, "") for number, _ in NUMBERS], rule, "seed") == sorted(by_hand)


@pytest.fixture
def track(policy):
    return Track.objects.get(code="2024-excellence")


@pytest.fixture
def drawn(province, track):
    """Of three declarations in two cities the rule draws one in each; the first city's visit has somebody to go."""
    first = make_declaration(status="in_review")
    make.copies(first, 1)
    make_declaration(status="in_review", enterprise=make_enterprise(authority=make_tree()["990102"]))
    make_declaration(status="submitted")
    return service.draw(track, seed="8 月 3 日", reason="", actor=province.official)


@pytest.fixture
def visit(drawn, province):
    one = drawn.visits.first()
    service.send(one, [province.official.pk], version=1, actor=province.official)
    one.refresh_from_db()
    return one


@pytest.fixture
def official(province, client_for):
    return client_for(province.official)


def test_a_draw_keeps_what_it_was_drawn_from_and_says_that_it_repeats(drawn, official):
    assert drawn.visits.count() == 2
    assert len(drawn.population) == 3
    assert sampling.draw(drawn.population, drawn.rule, drawn.seed) == sorted(
        one.declaration.number for one in drawn.visits.all()
    )
    page = official.get(f"/onsite/draws/{drawn.public_id}/").content.decode()
    assert "结果相同" in page
    assert "8 月 3 日" in page
    assert "〔未核实〕" in page
    OnsiteDraw.objects.update(seed="8 月 4 日 之后改的种子")
    drawn.visits.first().delete()
    assert "结果不同" in official.get(f"/onsite/draws/{drawn.public_id}/").content.decode()
    assert AuditEntry.objects.filter(act="onsite.draw").count() == 1


def test_a_second_draw_needs_its_reason_and_the_first_stays(drawn, official, province, track):
    refused = official.post("/onsite/", {"track": track.code, "seed": "x", "reason": ""})
    assert refused.status_code == 422
    assert "再抽要写明理由" in refused.content.decode()
    assert official.post("/onsite/", {"track": track.code, "reason": "有一家停产"}).status_code == 302
    assert OnsiteDraw.objects.count() == 2
    assert len(OnsiteDraw.objects.first().seed) == 32


def test_nobody_to_draw_from_and_no_track_are_said(province, official, track):
    assert "抽不出来" in official.post("/onsite/", {"track": track.code}).content.decode()
    assert "还没有选类别" in official.post("/onsite/", {"track": "没有"}).content.decode()
    assert "还没有抽查" in official.get("/onsite/").content.decode()


# Going


def test_only_colleagues_are_sent_and_only_who_goes_writes(visit, province, official, client_for):
    other, stranger = make.colleague(province), make.make_desk("990102").official
    with pytest.raises(Blocked):
        service.send(visit, [stranger.pk], version=visit.version, actor=province.official)
    with pytest.raises(StaleState):
        service.send(visit, [other.pk], version=1, actor=province.official)
    with pytest.raises(NotAllowed):
        service.note(visit, OnsiteItem.objects.first(), verdict="fine", words="", version=1, actor=other)
    assert "1 份现场核查等您去" in official.get("/").content.decode()
    address = f"/onsite/visits/{visit.public_id}/"
    assert "由去现场的人填写" in client_for(other).get(address).content.decode()
    assert client_for(stranger).get(address).status_code == 404


def items(visit):
    return list(OnsiteItem.objects.filter(track=visit.draw.track))


def picture(side=900, kind="JPEG"):
    out = io.BytesIO()
    image = Image.new("RGB", (side, side), (120, 130, 140))
    exif = Image.Exif()
    exif[0x010E] = "门牌 12 号"
    image.save(out, kind, exif=exif)
    return SimpleUploadedFile(f"现场.{kind.lower()}", out.getvalue())


def test_each_item_is_saved_alone_with_its_words_and_picture(visit, official):
    item = items(visit)[0]
    address = f"/onsite/visits/{visit.public_id}/items/{item.key}/"
    answer = official.post(address, {"verdict": "issue", "words": "门牌与申报不一致", "version": 1, "photo": picture()})
    assert answer.url == f"/onsite/visits/{visit.public_id}/#item-{item.key}"
    photo = visit.photos.get()
    kept = photo.file.read()
    assert sha256(kept) == photo.file_id
    assert b"Exif" not in kept
    page = official.get(f"/onsite/visits/{visit.public_id}/").content.decode()
    assert "门牌与申报不一致" in page
    assert photo.file_id[:4].upper() in page
    shown = official.get(f"/onsite/visits/{visit.public_id}/photos/{photo.public_id}/")
    assert b"".join(shown.streaming_content) == kept
    assert shown["Content-Type"] == "image/jpeg"
    again = official.post(address, {"verdict": "issue", "words": "门牌与申报不一致", "version": 2, "photo": picture()})
    assert again.status_code == 422
    assert "不用再传" in again.content.decode()


def test_a_colleagues_words_are_not_overwritten_and_both_are_shown(visit, official, province):
    item = items(visit)[0]
    service.note(visit, item, verdict="issue", words="同事写的", version=1, actor=province.official)
    sent = {"verdict": "absent", "words": "我写的", "version": 1}
    answer = official.post(f"/onsite/visits/{visit.public_id}/items/{item.key}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "现在保存着的是：同事写的" in page
    assert "我写的" in page
    assert OnsiteFinding.objects.get().words == "同事写的"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"verdict": "issue", "words": ""}, "还没有写看到了什么"),
        ({"verdict": "fine", "words": "长" * 1001}, "最多 1000 个字"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(visit, official, sent, said):
    item = items(visit)[0]
    answer = official.post(f"/onsite/visits/{visit.public_id}/items/{item.key}/", sent | {"version": 1})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert sent["words"] in answer.content.decode()
    assert not OnsiteFinding.objects.exists()
    assert official.post(f"/onsite/visits/{visit.public_id}/items/nothing/", sent).status_code == 404


def test_a_file_that_is_no_picture_is_refused_and_the_words_are_kept(visit, official):
    item = items(visit)[0]
    sent = {"verdict": "fine", "words": "看过", "version": 1, "photo": SimpleUploadedFile("a.jpg", PDF)}
    answer = official.post(f"/onsite/visits/{visit.public_id}/items/{item.key}/", sent)
    assert answer.status_code == 422
    assert "照片没有保存，文字已保存" in answer.content.decode()
    assert OnsiteFinding.objects.get().words == "看过"
    assert not visit.photos.exists()


# Concluding


def judge(visit, actor, verdict="fine", words=""):
    for item in items(visit):
        service.note(visit, item, verdict=verdict, words=words, version=1, actor=actor)


def conclude(visit, actor, **data):
    said = {"conclusion": "holds", "words": ""} | data
    return workflow.fire(visit, "conclude", actor=actor, version=visit.version, **said)


def test_an_item_nobody_judged_holds_the_conclusion_up(visit, province, official):
    answer = official.post(
        f"/onsite/visits/{visit.public_id}/act/", {"act": "conclude", "conclusion": "holds", "version": visit.version}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("还没有勾选") == len(items(visit))
    assert f'href="#item-{items(visit)[0].key}"' in page
    judge(visit, province.official)
    for data in ({"conclusion": "x"}, {"conclusion": "fails"}, {"conclusion": "fails", "words": "长" * 1001}):
        with pytest.raises(Blocked):
            conclude(visit, province.official, **data)


def test_an_issue_and_no_word_about_it_is_no_conclusion(visit, province):
    judge(visit, province.official)
    row = visit.findings.first()
    service.note(visit, items(visit)[0], verdict="issue", words="停用", version=row.version, actor=province.official)
    with pytest.raises(Blocked, match="还没有写结论说明"):
        conclude(visit, province.official)
    assert conclude(visit, province.official, words="现场已恢复").status == "concluded"


def test_a_seed_is_refused_rather_than_cut(province, official, track):
    answer = official.post("/onsite/", {"track": track.code, "seed": "9" * 65})
    assert (answer.status_code, "种子最多 64 个字，现在 65 个" in answer.content.decode()) == (422, True)


def test_the_conclusion_is_part_of_the_review_and_has_a_paper_with_a_code(visit, province, official, text_of):
    judge(visit, province.official)
    row = visit.findings.first()
    service.note(
        visit, items(visit)[0], verdict="issue", words="场景停用", version=row.version, actor=province.official
    )
    service.photograph(visit, items(visit)[0], io.BytesIO(picture().read()), "a.jpeg", actor=province.official)
    done = conclude(visit, province.official, conclusion="partly", words="一处场景停用，须说明")
    page = official.get(f"/reviews/{visit.declaration.public_id}/").content.decode()
    assert "基本相符，有问题须改正" in page
    assert "场景停用" in page
    assert "一处场景停用，须说明" in page
    answer = official.get(f"/onsite/visits/{visit.public_id}/sheet.pdf")
    text = text_of(answer.content)
    assert "智能工厂现场核查表" in text
    assert "场景停用" in text
    assert visit.photos.get().file_id[:20] in text
    assert documents.pdf_keywords(answer.content) == done.issued.code
    assert paper.pdf(done) == answer.content
    assert verification.check(done.issued.code).status == "intact"
    OnsiteVisit.objects.update(record=done.record.replace("停用", "在用"))
    assert verification.check(done.issued.code).status == "altered"


def test_nothing_is_written_after_the_conclusion_until_it_is_opened_again(visit, province, official):
    judge(visit, province.official)
    first = conclude(visit, province.official)
    with pytest.raises(StaleState):
        service.note(visit, items(visit)[0], verdict="issue", words="晚了", version=2, actor=province.official)
    with pytest.raises(StaleState):
        service.photograph(visit, items(visit)[0], io.BytesIO(picture().read()), "a.jpeg", actor=province.official)
    with pytest.raises(Blocked):
        workflow.fire(first, "reopen", actor=province.official, version=first.version)
    opened = workflow.fire(first, "reopen", actor=province.official, version=first.version, note="企业补了证据")
    service.note(opened, items(visit)[0], verdict="issue", words="补了", version=2, actor=province.official)
    second = conclude(opened, province.official, conclusion="partly", words="补了证据")
    assert second.issued_id != first.issued_id
    assert verification.check(first.issued.code).status == "superseded"


def test_the_paper_to_take_along_has_every_item_and_no_code(visit, official, text_of):
    pdf = official.get(f"/onsite/visits/{visit.public_id}/sheet.pdf").content
    text = text_of(pdf)
    assert all("".join(one.title.split()) in text for one in items(visit))
    assert documents.pdf_keywords(pdf) == ""
    assert "空白表" in text


def test_what_a_place_takes_over_it_also_looks_at(policy):
    assert OnsiteItem.objects.filter(track__code="2024-hebei-excellence").count() == len(
        OnsiteItem.objects.filter(track__code="2024-excellence")
    )
    assert set(OnsiteItem.objects.values_list("standing", flat=True)) == {"unverified"}
