"""What surrounds every request: idle sessions end, headers stand, the trail knows the request, rights end at once."""

import time

import pytest
import time_machine
from django.test import Client

from smartfactory.models import AuditEntry, Membership, Role, User
from tests.factories.organisations import make_member, make_tree, make_user

pytestmark = pytest.mark.django_db
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def auditor():
    return make_member(Role.AUDITOR, authority=make_tree()["990000"])


def minutes_later(minutes):
    return time_machine.travel(time.time() + minutes * 60, tick=False)


# What cannot be opened by itself


def test_a_refused_method_is_a_page_with_words(auditor, client_for):
    answer = client_for(auditor).get("/packets/order/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "这一步要从页面上办" in answer.content.decode()
    assert Client().get("/packets/order/", headers=FETCH).json() == {"message": "这一步要从页面上办"}


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("http://testserver/lists/?a=1", "/login/?next=/lists/%3Fa%3D1"),
        ("http://elsewhere.example/lists/", "/login/?next=/"),
        ("", "/login/?next=/"),
        ("http://[", "/login/?next=/"),
    ],
)
def test_who_sent_something_after_the_session_comes_back_to_the_page(db, referer, target):
    answer = Client().post("/packets/order/", {}, headers={"Referer": referer})
    assert (answer.status_code, answer.url) == (302, target)


# Idle sessions


def test_a_session_that_saw_nothing_ends(auditor, client_for, settings):
    client = client_for(auditor)
    assert client.get("/audit/").status_code == 200
    with minutes_later(settings.SESSION_IDLE_MINUTES - 1):
        assert client.get("/audit/").status_code == 200
    with minutes_later(2 * settings.SESSION_IDLE_MINUTES - 2):
        assert client.get("/audit/").status_code == 200
    with minutes_later(3 * settings.SESSION_IDLE_MINUTES):
        assert client.get("/audit/").status_code == 302
        assert client.get("/audit/", headers=FETCH).json() == {"login": "/login/"}


@pytest.mark.parametrize("header", [{"X-Background": "1"}, {"HX-Trigger-Name": "poll"}])
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(auditor, client_for, settings, header):
    client = client_for(auditor)
    client.get("/audit/")
    for share in (0.5, 0.9):
        with minutes_later(settings.SESSION_IDLE_MINUTES * share):
            assert client.get("/audit/", headers=header).status_code == 200
    with minutes_later(settings.SESSION_IDLE_MINUTES * 1.1):
        assert client.get("/audit/", headers=header).status_code == 302


# Rights end at once


@pytest.mark.parametrize(
    "end",
    [
        lambda user: Membership.objects.filter(user=user).update(is_active=False),
        lambda user: Membership.objects.filter(user=user).delete(),
    ],
)
def test_a_role_that_was_taken_away_is_gone_with_the_next_request(auditor, client_for, end):
    client = client_for(auditor)
    assert client.get("/audit/").status_code == 200
    end(auditor)
    assert client.get("/audit/").status_code == 404


def test_an_account_that_was_closed_is_signed_out_with_the_next_request(auditor, client_for):
    client = client_for(auditor)
    User.objects.filter(pk=auditor.pk).update(is_active=False)
    assert client.get("/audit/").status_code == 302


def test_another_password_ends_every_session(auditor, client_for):
    client = client_for(auditor)
    auditor.set_password("another-password-2024")
    auditor.save()
    assert client.get("/audit/").status_code == 302


# Headers


@pytest.mark.parametrize("address", ["/", "/login/", "/help/", "/policy/", "/verify/", "/healthz", "/nowhere/"])
def test_every_answer_is_fenced_in(address):
    headers = Client().get(address).headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'self'",
        "script-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_what_was_for_one_person_is_kept_by_no_cache(auditor, client_for):
    client = client_for(auditor)
    for address in ("/", "/audit/", "/help/", "/nowhere/"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites():
    user = make_user("cookie")
    user.set_password("a-long-password-2024")
    user.save()
    client = Client()
    client.post("/login/", {"username": "cookie", "password": "a-long-password-2024"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_a_form_from_elsewhere_is_refused():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"username": "a", "password": "b"}).status_code == 403
    assert client.post("/logout/").status_code == 403


# The trail knows the request


def test_entries_name_the_request_that_made_them():
    client = Client(REMOTE_ADDR="192.0.2.7")
    answer = client.post("/login/", {"username": "nobody-at-all", "password": "wrong"})
    entry = AuditEntry.objects.order_by("-seq").first()
    assert (entry.act, entry.outcome, entry.ip) == ("account.login", "refused", "192.0.2.7")
    assert entry.request_id == answer.headers["X-Request-Id"]
    assert "nobody-at-all" not in entry.body + entry.actor_label + entry.subject


def test_two_requests_have_two_names():
    client = Client()
    assert client.get("/healthz").headers["X-Request-Id"] != client.get("/healthz").headers["X-Request-Id"]
