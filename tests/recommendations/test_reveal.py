"""The contact's numbers are masked for officials, and shown once to who says why; the enterprise learns of it."""

import json

import pytest

from declarations.team import activity
from smartfactory.models import AuditEntry
from tests.factories import declarations as made

pytestmark = pytest.mark.django_db
WHY = "电话核实设备清单"


@pytest.fixture
def filed(policy):
    return made.make_declaration(status="in_review")


@pytest.fixture
def official(filed, client_for):
    return client_for(made.people_of(filed)[2])


@pytest.fixture
def phone(filed):
    return filed.latest_revision.content["sections"]["applicant"]["contact_phone"]


def address(filed, rest=""):
    return f"/reviews/{filed.public_id}/{rest}"


def test_masked_until_somebody_says_why(filed, official, phone):
    page = official.get(address(filed)).content.decode()
    assert phone not in page
    assert f"{phone[:3]}****{phone[-4:]}" in page
    shown = official.post(address(filed, "contact/"), {"why": f" {WHY} "})
    assert shown.status_code == 200
    assert phone in shown.content.decode()
    assert phone not in official.get(address(filed)).content.decode()


def test_reading_is_recorded_and_told_to_the_enterprise(filed, official):
    official.post(address(filed, "contact/"), {"why": WHY})
    entry = AuditEntry.objects.get(act="declaration.reveal")
    assert json.loads(entry.body) == {"reason": WHY, "revision": 1}
    told = [one for one in activity.deeds(filed.enterprise) if one.text == "查看完整联系方式"]
    assert [one.by for one in told] == [made.people_of(filed)[2].display]


@pytest.mark.parametrize("why", ["", "   ", "看", "\x00\x00\x00\x00\x00"])
def test_no_reason_no_number(filed, official, phone, why):
    answer = official.post(address(filed, "contact/"), {"why": why})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "还没有写明为什么要看" in page
    assert phone not in page
    assert not AuditEntry.objects.filter(act="declaration.reveal").exists()
