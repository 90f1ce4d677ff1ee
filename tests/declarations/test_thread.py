"""沟通: who may ask and answer, that words stay, that both sides are told, and that nobody else reads a word."""

import json

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.models import Notice, ThreadMessage
from declarations.thread import service
from smartfactory import audit
from smartfactory.models import AuditEntry, Authority, Membership, Role
from smartfactory.models.append_only import AlteredError
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import declarations as made
from tests.factories.organisations import make_member

pytestmark = pytest.mark.django_db
ASKED = "设备清单里的 12 台机器人是否都已验收？"
ANSWERED = "都已验收，验收单在佐证材料里。"


@pytest.fixture
def filed(policy):
    return made.make_declaration(status="in_review")


@pytest.fixture
def people(filed):
    return dict(zip(("preparer", "signatory", "official"), made.people_of(filed), strict=True))


def post(declaration, actor, text, *, seen=0, anchor=""):
    return service.post(declaration, text=text, anchor=anchor, seen=seen, actor=actor)


def office(filed, rest=""):
    return f"/reviews/{filed.public_id}/{rest}"


def firm(filed, rest=""):
    return f"/declarations/{filed.public_id}/{rest}"


def test_a_question_and_its_answer_on_both_pages(filed, people, client_for):
    official, preparer = client_for(people["official"]), client_for(people["preparer"])
    sent = {"seen": "0", "thread-text": ASKED, "thread-anchor": "factory.summary"}
    assert official.post(office(filed, "thread/"), sent).status_code == 302
    page = preparer.get(firm(filed)).content.decode()
    assert ASKED in page
    assert "1 条没看" in page
    assert people["official"].display in page
    assert preparer.post(firm(filed, "thread/"), {"seen": "1", "thread-text": ANSWERED}).status_code == 302
    assert "条没看" not in preparer.get(firm(filed)).content.decode(), "who answers has read"
    page = official.get(office(filed)).content.decode()
    assert page.index(ASKED) < page.index(ANSWERED)
    assert "1 条没看" in page
    assert '<a href="#row-factory-summary">' in page
    assert [one.number for one in ThreadMessage.objects.all()] == [1, 2]


def test_both_sides_are_told_at_home_in_the_queue_and_by_mail(filed, people, client_for, run_jobs):
    for one in people.values():
        type(one).objects.filter(pk=one.pk).update(email=f"{one.username}@example.org")
    run_jobs()
    mail.outbox.clear()
    post(filed, people["official"], ASKED)
    post(filed, people["signatory"], ANSWERED, seen=1)
    run_jobs()
    by_reader = {one.to[0]: one.body for one in mail.outbox}
    assert firm(filed) in by_reader[f"{people['preparer'].username}@example.org"]
    assert office(filed) in by_reader[f"{people['official'].username}@example.org"]
    assert not any(words in body for body in by_reader.values() for words in (ASKED, ANSWERED))
    official = client_for(people["official"])
    assert "有新的回复或问题" in official.get("/").content.decode()
    queue = official.get("/reviews/?status=talking").content.decode()
    assert filed.number in queue
    assert "企业来信 1" in queue
    assert "标为已看" in official.get(office(filed)).content.decode()
    official.post(office(filed, "thread/"), {"read": "1"})
    assert "企业来信" not in official.get("/reviews/?status=all").content.decode()
    assert filed.number not in official.get("/reviews/?status=talking").content.decode()


def test_the_enterprise_opens_a_question_and_the_nearest_officials_hear_of_it(filed, people):
    province = make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990000"))
    Notice.objects.all()._raw_delete("default")
    post(filed, people["preparer"], "请问佐证材料要盖章吗？")
    assert set(Notice.objects.values_list("user", flat=True)) == {people["official"].pk}
    post(filed, province, "不用盖章。", seen=1)
    Notice.objects.all()._raw_delete("default")
    post(filed, people["preparer"], "谢谢，明白了。", seen=2)
    assert set(Notice.objects.values_list("user", flat=True)) == {province.pk}, "whoever spoke last is answered"


def test_the_trail_knows_that_something_was_said_but_not_what(filed, people):
    message = post(filed, people["official"], ASKED, anchor="factory.summary")
    entry = AuditEntry.objects.get(act="thread.post")
    assert json.loads(entry.body) == {"number": 1, "field": "factory.summary", "sha256": message.digest}
    assert (entry.subject, entry.actor) == (audit.subject_of(filed), people["official"])
    assert not AuditEntry.objects.filter(body__contains="机器人").exists()


def test_words_stay_as_they_were_written(filed, people):
    message = post(filed, people["official"], ASKED)
    message.text = "别的"
    for act in (message.save, message.delete, ThreadMessage.objects.all().delete):
        with pytest.raises(AlteredError):
            act()
    with pytest.raises(AlteredError):
        ThreadMessage.objects.update(text="别的")
    assert ThreadMessage.objects.get().text == ASKED


def test_words_that_crossed_are_not_sent_and_kept_in_the_page(filed, people, client_for):
    post(filed, people["preparer"], "我们补充一点。")
    answer = client_for(people["official"]).post(office(filed, "thread/"), {"seen": "0", "thread-text": ASKED})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert service.CROSSED in page
    assert "我们补充一点。" in page
    assert f">{ASKED}</textarea>" in page
    assert ThreadMessage.objects.count() == 1


def test_a_double_click_is_one_message(filed, people):
    first, second = (post(filed, people["official"], ASKED) for _ in range(2))
    assert first.pk == second.pk
    assert AuditEntry.objects.filter(act="thread.post").count() == 1


@pytest.mark.parametrize(
    ("text", "anchor", "words"),
    [
        ("", "", "还没有写内容"),
        (" \x00\u202e ", "", "还没有写内容"),
        ("长" * 2001, "", "超出 1 字。请删减到 2000 字以内"),
        (ASKED, "factory.nonsense", "选的那一项不在申报书里"),
    ],
)
def test_what_cannot_be_sent_is_named_and_stays(filed, people, client_for, text, anchor, words):
    with pytest.raises(Blocked, match=words):
        post(filed, people["official"], text, anchor=anchor)
    sent = {"seen": "0", "thread-text": text, "thread-anchor": anchor}
    for who, address in (("official", office(filed, "thread/")), ("preparer", firm(filed, "thread/"))):
        answer = client_for(people[who]).post(address, sent)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not ThreadMessage.objects.exists()


@pytest.mark.parametrize("who", ["sealer", "reader", "other_city", "neighbour", "ministry"])
def test_neither_side_writes_nothing(filed, who):
    place = {"authority": filed.receiver}
    actor = {
        "sealer": lambda: make_member(Role.SEALER, **place),
        "reader": lambda: make_member(Role.READER, enterprise=filed.enterprise),
        "other_city": lambda: make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990102")),
        "neighbour": lambda: made.people_of(made.make_declaration())[0],
        "ministry": lambda: make_member(Role.OFFICIAL, authority=Authority.objects.get(code="ministry")),
    }[who]()
    with pytest.raises(NotAllowed):
        post(filed, actor, ASKED)


def test_who_sees_the_declaration_reads_and_nobody_else(filed, people):
    post(filed, people["official"], ASKED)
    strangers = [
        made.people_of(made.make_declaration())[0],
        make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990102")),
        make_member(Role.AUDITOR, authority=filed.receiver),
    ]
    for one in people.values():
        assert ThreadMessage.objects.visible_to(one).count() == 1
    for one in strangers:
        assert not ThreadMessage.objects.visible_to(one).exists()


def test_whoever_leaves_no_longer_sees_what_he_was_told(filed, people, client_for):
    post(filed, people["preparer"], "请问？")
    assert Notice.objects.of(people["official"]).exists()
    Membership.objects.filter(user=people["official"]).update(is_active=False)
    fresh = type(people["official"]).objects.get(pk=people["official"].pk)
    assert not Notice.objects.of(fresh).exists()


@pytest.mark.parametrize("status", ["rejected", "reserved", "recommended"])
def test_once_decided_the_thread_is_only_read(policy, client_for, status):
    declaration = made.make_declaration(status="in_review")
    preparer, _, official = made.people_of(declaration)
    post(declaration, official, ASKED)
    for name in made.PATHS[status][1:]:
        made.advance(declaration, name)
    declaration.refresh_from_db()
    with pytest.raises(StaleState):
        post(declaration, preparer, ANSWERED, seen=1)
    page = client_for(preparer).get(firm(declaration)).content.decode()
    assert ASKED in page
    assert "审核已结束，不能再写" in page
    assert 'name="thread-text"' not in page
    answer = client_for(preparer).post(firm(declaration, "thread/"), {"seen": "1", "thread-text": ANSWERED})
    assert answer.status_code == 409
    assert "现在不能再沟通" in answer.content.decode()


def test_a_draft_has_no_thread(policy, client_for):
    draft = made.make_declaration()
    assert "沟通" not in client_for(made.people_of(draft)[0]).get(firm(draft)).content.decode()


def test_a_long_thread_costs_no_more_queries(filed, people, client_for):
    found = {}
    for who, address in (("official", office(filed)), ("preparer", firm(filed)), ("official", "/reviews/")):
        client, counts = client_for(people[who]), set()
        for size in (1, 3, 30):
            for seen in range(ThreadMessage.objects.count(), size):
                post(filed, people["preparer" if seen % 2 else "official"], f"第 {seen} 句", seen=seen)
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            counts.add(len(asked))
        ThreadMessage.objects.all()._raw_delete("default")
        Notice.objects.filter(key__startswith=service.KEY).delete()
        found[address] = counts
    assert all(len(counts) == 1 for counts in found.values()), found
