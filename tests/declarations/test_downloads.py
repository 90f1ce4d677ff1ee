"""Whoever takes a copy of another's declaration or evidence leaves a trace; own people take their own."""

import pytest

from declarations import freezing
from declarations.models import Evidence
from smartfactory.models import AuditEntry
from tests.factories.declarations import make_declaration, people_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(policy, run_jobs):
    declaration = make_declaration(status="in_review")
    freezing.draw(declaration.latest_revision, freezing.DESK_JOB, people_of(declaration)[2])
    run_jobs()
    return declaration


def addresses(declaration):
    revision = f"/declarations/{declaration.public_id}/revisions/1/"
    digest = Evidence.objects.filter(declaration=declaration).first().file_id
    return {
        f"{revision}declaration.pdf": '"name":"desk-copy.pdf"',
        f"{revision}files/{digest}/": f'"sha256":"{digest}"',
    }


def traces():
    return list(AuditEntry.objects.filter(act="declaration.download"))


def test_each_download_by_an_official_is_one_entry(filed, client_for):
    official = people_of(filed)[2]
    for count, (address, said) in enumerate(addresses(filed).items(), 1):
        assert client_for(official).get(address).status_code == 200
        assert len(traces()) == count
        assert (traces()[-1].actor, said in traces()[-1].body) == (official, True)


def test_own_people_leave_none(filed, client_for):
    for address in addresses(filed):
        assert client_for(people_of(filed)[0]).get(address).status_code == 200
    assert traces() == []
