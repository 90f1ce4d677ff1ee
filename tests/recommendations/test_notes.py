"""内部备注: read by the people of one office alone, never changed, corrected by a later one."""

import json

import pytest

from declarations.thread import service as thread
from recommendations.models import OfficeNote
from recommendations.notes import service
from smartfactory.models import AuditEntry, Authority, Role
from smartfactory.models.append_only import AlteredError
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import declarations as made
from tests.factories.organisations import make_member

pytestmark = pytest.mark.django_db
WORDS = "上次去现场看到二号车间还没有联网，建议核查。"


@pytest.fixture
def filed(policy):
    return made.make_declaration(status="in_review")


@pytest.fixture
def official(filed):
    return made.people_of(filed)[2]


def write(filed, actor, text=WORDS, *, corrects=0, seen=0):
    return service.write(filed, text=text, corrects=corrects, seen=seen, actor=actor)


def someone(filed, who):
    above = Authority.objects.get(code="990000")
    return {
        "colleague": lambda: make_member(Role.SEALER, authority=filed.receiver),
        "above": lambda: make_member(Role.OFFICIAL, authority=above),
        "ministry": lambda: make_member(Role.OFFICIAL, authority=Authority.objects.get(code="ministry")),
        "elsewhere": lambda: make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990102")),
        "firm": lambda: made.people_of(filed)[1],
        "auditor": lambda: make_member(Role.AUDITOR, authority=filed.receiver),
    }[who]()


@pytest.mark.parametrize(
    ("who", "reads"),
    [("colleague", 1), ("above", 0), ("ministry", 0), ("elsewhere", 0), ("firm", 0), ("auditor", 0)],
)
def test_only_the_same_office_reads(filed, official, client_for, who, reads):
    write(filed, official)
    reader = someone(filed, who)
    assert OfficeNote.objects.visible_to(reader).count() == reads
    page = client_for(reader).get(f"/reviews/{filed.public_id}/")
    assert (WORDS in page.content.decode()) == bool(reads)
    if who == "firm":
        assert page.status_code == 404
        assert WORDS not in client_for(reader).get(f"/declarations/{filed.public_id}/").content.decode()


def test_each_office_has_its_own(filed, official, client_for):
    write(filed, official)
    above = someone(filed, "above")
    assert write(filed, above, "省里的备注").number == 1
    page = client_for(above).get(f"/reviews/{filed.public_id}/").content.decode()
    assert "省里的备注" in page
    assert WORDS not in page


@pytest.mark.parametrize("who", ["elsewhere", "firm", "auditor"])
def test_who_has_no_office_on_the_line_writes_none(filed, who):
    with pytest.raises(NotAllowed):
        write(filed, someone(filed, who))


def test_the_trail_holds_no_word_of_it(filed, official, client_for):
    note = write(filed, official)
    entry = AuditEntry.objects.get(act="note.write")
    assert json.loads(entry.body) == {"number": 1, "authority": filed.receiver.code, "sha256": note.digest}
    page = client_for(someone(filed, "auditor")).get("/audit/?act=note.write").content.decode()
    assert "写内部备注" in page
    assert "二号车间" not in page
    assert (
        "写内部备注"
        not in client_for(someone(filed, "firm"))
        .get(f"/enterprises/{filed.enterprise.public_id}/activity/")
        .content.decode()
    )


def test_a_correction_stands_beside_what_it_corrects(filed, official, client_for):
    write(filed, official)
    colleague = someone(filed, "colleague")
    later = write(filed, colleague, "是三号车间，不是二号。", corrects=1, seen=1)
    assert later.corrects.number == 1
    page = client_for(official).get(f"/reviews/{filed.public_id}/").content.decode()
    assert f"<del>{WORDS}</del>" in page
    assert "已由第 2 条更正" in page
    assert "更正第 1 条" in page
    assert json.loads(AuditEntry.objects.filter(act="note.write").last().body)["corrects"] == 1
    with pytest.raises(StaleState):
        write(filed, official, "再更正一次", corrects=1, seen=2)


def test_notes_are_neither_changed_nor_removed(filed, official):
    note = write(filed, official)
    for act in (note.save, note.delete, OfficeNote.objects.all().delete):
        with pytest.raises(AlteredError):
            act()
    with pytest.raises(AlteredError):
        OfficeNote.objects.update(text="别的")


@pytest.mark.parametrize(
    ("text", "corrects", "words"),
    [
        ("", 0, "还没有写备注"),
        ("\x00", 0, "还没有写备注"),
        ("长" * 2003, 0, "超出 3 字"),
        (WORDS, 7, "要更正的那一条不存在"),
    ],
)
def test_what_cannot_be_kept_is_named_and_stays(filed, official, client_for, text, corrects, words):
    with pytest.raises(Blocked, match=words):
        write(filed, official, text, corrects=corrects)
    sent = {"note-seen": "0", "note-text": text, "note-corrects": str(corrects)}
    answer = client_for(official).post(f"/reviews/{filed.public_id}/note/", sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert text.replace("\x00", "") in answer.content.decode().replace("\x00", "")


def test_a_colleague_in_between_and_a_double_click(filed, official, client_for):
    first, again = write(filed, official), write(filed, official)
    assert first.pk == again.pk
    assert AuditEntry.objects.filter(act="note.write").count() == 1
    answer = client_for(someone(filed, "colleague")).post(
        f"/reviews/{filed.public_id}/note/", {"note-seen": "0", "note-text": "另一条"}
    )
    assert answer.status_code == 409
    assert "另一条</textarea>" in answer.content.decode()
    assert WORDS in answer.content.decode()


def test_notes_and_thread_are_two_things(filed, official, client_for):
    write(filed, official)
    thread.post(filed, text="请补充说明。", anchor="", seen=0, actor=official)
    page = client_for(someone(filed, "firm")).get(f"/declarations/{filed.public_id}/").content.decode()
    assert "请补充说明。" in page
    assert WORDS not in page
