"""An official writes, the session ends, the form is sent: the text waits behind a sign-in and is taken right after."""

import pytest
from django.urls import reverse

from declarations.models import ReturnItem
from recommendations import reviewing
from recommendations.models import OfficeNote, Review
from smartfactory.models import AuditEntry, Role
from tests.factories.declarations import make_declaration, people_of
from tests.factories.organisations import make_authority, make_member

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


def with_password(person):
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def declaration(policy):
    return make_declaration(status="in_review")


@pytest.fixture
def official(declaration):
    return with_password(people_of(declaration)[2])


@pytest.fixture
def send(client, declaration, official):
    """Send a form without a session; with `by`, filled in on the page that came back."""
    versions = {"version": declaration.version, "review_version": reviewing.review_of(declaration).version}

    def post(name, by=None, password=PASSWORD, **sent):
        again = {"again-username": by.username, "again-password": password} if by else {}
        return client.post(reverse(name, args=[declaration.public_id]), versions | sent | again)

    return post


RETURN = {
    "item-anchor": ["applicant.profile", "factory.summary"],
    "item-reason_code": ["other", "other"],
    "item-message": ["简介写得太短。\n请写清主要产品", "请补写"],
    "item-clause": ["附件2", ""],
    "item-due": ["", ""],
}


def test_a_return_waits_and_is_sent_with_every_row(send, official, declaration):
    asked = send("review_return", **RETURN)
    assert asked.status_code == 401
    page = asked.text
    assert "登录已过期，写的内容都在" in page
    assert 'value="简介写得太短。\n请写清主要产品"' in page
    assert not ReturnItem.objects.exists()
    answer = send("review_return", official, **RETURN)
    assert (answer.status_code, answer.url) == (302, reverse("review_detail", args=[declaration.public_id]))
    rows = list(ReturnItem.objects.values_list("field", "message", "clause"))
    assert rows == [("profile", "简介写得太短。\n请写清主要产品", "附件2"), ("summary", "请补写", "")]
    acts = list(AuditEntry.objects.filter(actor=official).order_by("seq").values_list("act", flat=True))
    assert acts[-3:] == ["account.login", "review.save", "declaration.return_"]


def test_the_remark_of_the_review_is_saved_after_the_sign_in(send, official):
    assert "共三处要问企业" in send("review_detail", note="共三处要问企业").text
    assert send("review_detail", official, note="共三处要问企业").status_code == 302
    assert Review.objects.get().note == "共三处要问企业"


def test_a_wrong_password_keeps_it_and_a_stranger_writes_nothing(send, official, declaration):
    page = send("review_act", official, "wrong", act="reject", reason="不符合第二条，已核实").text
    assert 'value="不符合第二条，已核实"' in page
    assert "账号或密码不对" in page
    stranger = with_password(make_member(Role.OFFICIAL, authority=make_authority("990102")))
    assert send("review_act", stranger, act="reject", reason="不符合第二条，已核实").status_code == 404
    declaration.refresh_from_db()
    assert declaration.status == "in_review"


def test_an_act_without_text_is_led_to_the_login(send):
    assert send("review_act", act="take_up").url.startswith("/login/")


def test_a_script_is_answered_as_before(client, declaration):
    address = reverse("review_note", args=[declaration.public_id])
    assert client.post(address, {"note-text": "写了一半"}, headers={"X-Requested-With": "fetch"}).status_code == 401


def test_the_offices_own_remark_waits_too(client, declaration, official):
    address = reverse("review_note", args=[declaration.public_id])
    sent = {"note-text": "请处里看一下", "note-seen": "0"}
    assert 'value="请处里看一下"' in client.post(address, sent).text
    client.post(address, sent | {"again-username": official.username, "again-password": PASSWORD})
    assert OfficeNote.objects.get().text == "请处里看一下"
