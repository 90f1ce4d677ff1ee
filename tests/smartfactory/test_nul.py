"""NUL from outside: PostgreSQL refuses it in any text, so it must not get that far; nothing answers 500."""

import pytest
from django.urls import get_resolver

from smartfactory.models import Role
from tests.factories.declarations import make_declaration, people_of
from tests.factories.organisations import make_member

pytestmark = pytest.mark.django_db


def addresses():
    """Every address of the site that has a text in it, with NUL for the text."""
    found = []
    for name in {name for name in get_resolver().reverse_dict if isinstance(name, str)}:
        for possible, *_rest in get_resolver().reverse_dict.getlist(name):
            for template, parameters in possible:
                if parameters:
                    values = {one: "1" if one in ("number", "other", "place", "pk") else "%00" for one in parameters}
                    found.append("/" + template.replace("%%", "%") % values)
    return sorted(set(found))


@pytest.fixture
def everybody(policy, client_for):
    """Somebody with every role, and the declaration he could reach."""
    declaration = make_declaration()
    user = people_of(declaration)[1]
    for role in (Role.OFFICIAL, Role.SEALER, Role.REVIEWER, Role.AUDITOR, Role.POLICY):
        make_member(role, authority=declaration.receiver, user=user)
    return client_for(user), declaration


def test_no_address_with_nul_exists(everybody):
    client, _ = everybody
    tried = [address for address in addresses() if "%00" in address]
    assert len(tried) > 30
    answers = {address: client.get(address).status_code for address in tried}
    assert {address: status for address, status in answers.items() if status not in (404, 405)} == {}


@pytest.mark.parametrize(
    "address", ["/verify/?code=a%00b", "/reviews/?q=%00&status=%00&place=%00&track=%00", "/dashboard/?unit=%00&track=%00",
                "/audit/?q=%00&act=%00", "/declarations/?q=%00", "/lists/?x%00=1", "/policy/?q=%00"]
)  # fmt: skip
def test_queries_lose_it(everybody, address):
    client, _ = everybody
    assert client.get(address).status_code in (200, 302, 404, 422)


def test_text_is_saved_without_it(everybody):
    client, declaration = everybody
    row = declaration.contents.get(key="factory")
    answer = client.post(
        f"/declarations/{declaration.public_id}/factory/autosave/",
        {"version": row.version, "summary": "前\x00后", "\x00": "\x00"},
    )
    assert answer.status_code in (200, 422)
    row.refresh_from_db()
    assert row.data["summary"] == "前后"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/login/", {"username": "a\x00", "password": "b\x00"}),
        ("/lists/open/", {"track": "\x00", "authority": "\x00"}),
        ("/packets/order/", {"list": "\x00", "rank": ["\x00", "1"]}),
        ("/verify/", {"code": "\x00"}),
    ],
)
def test_forms_lose_it(everybody, address, sent):
    client, _ = everybody
    assert client.post(address, sent).status_code in (200, 302, 404, 422)


def test_submitting_with_it(everybody):
    client, declaration = everybody
    sent = {"version": declaration.version, "idempotency_key": "k\x00", "seen": "\x00", "promise": ["\x00"]}
    assert client.post(f"/declarations/{declaration.public_id}/submit/", sent).status_code == 422
