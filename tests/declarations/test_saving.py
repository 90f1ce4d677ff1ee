"""What a save answers: marks of what is kept, a page's own lost answer, and a session that ended before a plain form."""

import pytest

from declarations import forms, services
from declarations.models import SectionContent
from smartfactory.models import AuditEntry
from tests.factories import declarations as made

FETCH = {"X-Requested-With": "fetch"}


def text(draft, field="summary"):
    return SectionContent.objects.get(declaration=draft, key="factory").data[field]


@pytest.fixture
def save(client_for, preparer, address):
    """Autosave as the preparer's page; returns status and body."""
    client = client_for(preparer)

    def send(version, page="page-of-preparer", **values):
        answer = client.post(address("factory/autosave/"), {"version": version, "page": page, **values}, headers=FETCH)
        return answer.status_code, answer.json()

    return send


def test_answer_names_what_is_kept(save):
    status, body = save(1, summary=" 新的简介 ")
    assert (status, body["marks"]) == (200, {"summary": forms.mark("新的简介")})


def test_own_save_whose_answer_was_lost_is_no_conflict(save, draft):
    assert save(1, summary="写到一半")[0] == 200
    assert save(1, summary="写到一半，接着写完") == (409, {"version": 2, "fields": {}})
    assert save(2, summary="写到一半，接着写完")[0] == 200
    assert text(draft) == "写到一半，接着写完"


def test_another_page_of_the_same_person_is_a_conflict(save):
    save(1, page="one", summary="在一个页面写的")
    status, body = save(1, page="two", summary="在另一个页面写的")
    assert (status, body["fields"]["summary"]["theirs"]) == (409, "在一个页面写的")


def test_colleague_after_a_lost_answer_is_a_conflict(save, draft, signatory):
    save(1, summary="写到一半")
    services.save_section(draft, "factory", {"summary": "负责人改的"}, version=2, actor=signatory)
    status, body = save(1, summary="写到一半，接着写完")
    assert (status, body["fields"]["summary"]["theirs"]) == (409, "负责人改的")
    assert text(draft) == "负责人改的"


def test_marks_of_before_have_no_page(draft, save, signatory):
    services.save_section(draft, "factory", {"summary": "负责人改的"}, version=1, actor=signatory)
    row = SectionContent.objects.get(declaration=draft, key="factory")
    row.changed = {name: mark[:3] for name, mark in row.changed.items()}
    row.save()
    assert "summary" in save(1, summary="我写的")[1]["fields"]


class TestSessionEnded:
    """A plain form, sent by somebody whose session has ended."""

    @pytest.fixture
    def sent(self, address):
        return {"version": "1", "base": "{}", "multiple": "", "go": "stay", "summary": "登录过期时写的"}

    @pytest.fixture
    def someone(self, preparer):
        preparer.set_password("correct horse battery")
        preparer.save()
        return preparer

    def test_text_comes_back_with_a_sign_in_form(self, client, draft, address, sent):
        page = client.post(address("factory/"), sent)
        assert 'name="summary" value="登录过期时写的"' in page.content.decode()
        assert text(draft) == made.FACTORY["summary"]

    def test_signing_in_saves_it_and_goes_on(self, client, draft, address, sent, someone):
        answers = {"again-username": someone.username, "again-password": "correct horse battery"}
        answer = client.post(address("factory/"), sent | answers)
        assert (answer.status_code, answer.url) == (302, address("factory/?checked=1"))
        assert text(draft) == "登录过期时写的"
        assert AuditEntry.objects.filter(act="account.login", actor=someone).exists()

    def test_wrong_password_keeps_the_text(self, client, draft, address, sent, someone):
        answers = {"again-username": someone.username, "again-password": "wrong"}
        page = client.post(address("factory/"), sent | answers).content.decode()
        assert "账号或密码不对" in page
        assert 'value="登录过期时写的"' in page
        assert "wrong" not in page
        assert text(draft) == made.FACTORY["summary"]

    def test_foreign_account_does_not_write(self, client, draft, address, sent, official):
        official.set_password("correct horse battery")
        official.save()
        answers = {"again-username": official.username, "again-password": "correct horse battery"}
        assert client.post(address("factory/"), sent | answers).status_code == 404
        assert text(draft) == made.FACTORY["summary"]

    def test_form_without_text_is_led_to_the_login(self, client, address):
        assert client.post(address("factory/"), {"version": "1"}).url.startswith("/login/")

    def test_instance_is_kept_alike(self, client, address):
        page = client.post(address("scenarios/1/"), {"version": "1", "name": "写了一半的场景"})
        assert "写了一半的场景" in page.content.decode()
