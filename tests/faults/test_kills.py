"""Processes killed at the worst moment: what was acknowledged is there, and nothing is done twice."""

import json
import threading
import time
from contextlib import suppress

import pytest

from declarations import content
from declarations.models import Declaration, Revision, SectionContent
from recommendations import invariants, ranking
from recommendations.models import Seal
from smartfactory import verification, workflow
from smartfactory.models import IssuedFile, Job, JobState
from tests.factories import recommendations as make
from tests.factories.declarations import extend_deadline, make_declaration, people_of
from tests.support.ports import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


@pytest.fixture
def draft(policy):
    declaration = make_declaration()
    extend_deadline(declaration)
    return declaration


def section(draft):
    return SectionContent.objects.get(declaration=draft, key="factory")


def again(server):
    """Kill the web server's whole group and start it anew."""
    server.kill()
    server.start()
    wait_for(lambda: _answers(server), seconds=30, what="the server after the kill")


def _answers(server):
    import urllib.request

    with suppress(OSError):
        return urllib.request.urlopen(f"{server.url}/healthz", timeout=5).status == 200


class Writer:
    """Somebody who types on and on, each save on the version of the last answer."""

    def __init__(self, person, draft):
        self.person, self.version, self.acknowledged = person, section(draft).version, 0
        self.address = f"/declarations/{draft.public_id}/factory/autosave/"

    def type_on(self):
        with suppress(OSError):
            while True:
                self.save(self.acknowledged + 1)

    def save(self, number):
        status, body, _ = self.person.send(self.address, {"version": self.version, "summary": f"第{number}稿"})
        assert status in (200, 422), (status, body)
        self.version, self.acknowledged = json.loads(body)["version"], number


def test_every_acknowledged_save_outlives_the_web_server(draft, real_server, at_server):
    writer = Writer(at_server(people_of(draft)[0]), draft)
    typing = threading.Thread(target=writer.type_on)
    typing.start()
    wait_for(lambda: writer.acknowledged >= 15, seconds=60, what="some saves")
    real_server.kill()
    typing.join(30)
    kept = section(draft)
    assert kept.data["summary"] in (f"第{writer.acknowledged}稿", f"第{writer.acknowledged + 1}稿")
    assert kept.version >= writer.version
    again(real_server)
    writer.version = kept.version
    writer.save(1000)
    assert section(draft).data["summary"] == "第1000稿"


def filing(person, draft):
    """The request of the submit page with everything ticked."""
    address = f"/declarations/{draft.public_id}/submit/"
    form = person.hidden(address)
    return address, form | {"promise": [one.key for one in content.describe(draft.track).promises]}


def test_the_receipt_verifies_after_the_web_server_was_killed(draft, real_server, at_server):
    person = at_server(people_of(draft)[1])
    status, _, headers = person.send(*filing(person, draft))
    real_server.kill()
    assert (status, headers["Location"]) == (302, f"/declarations/{draft.public_id}/revisions/1/")
    again(real_server)
    status, receipt, _ = person.send(f"{headers['Location']}receipt.pdf")
    assert (status, receipt[:5]) == (200, b"%PDF-")
    revision = Revision.objects.get(declaration=draft)
    status, page, _ = person.send(f"/verify/{revision.code}/")
    assert status == 200
    assert revision.content["enterprise"]["name"] in page.decode()
    assert verification.check(revision.code).status == "intact"
    assert invariants.check() == []


@pytest.mark.parametrize("after", [0.02, 0.15, 0.4])
def test_killed_while_filing_the_same_key_leads_to_one_revision(draft, real_server, at_server, after):
    person = at_server(people_of(draft)[1])
    address, form = filing(person, draft)
    sending = threading.Thread(target=lambda: suppress_no_answer(person, address, form))
    sending.start()
    time.sleep(after)
    real_server.kill()
    sending.join(30)
    assert Revision.objects.filter(declaration=draft).count() in (0, 1)
    again(real_server)
    status, _, headers = person.send(address, form)
    assert (status, headers["Location"]) == (302, f"/declarations/{draft.public_id}/revisions/1/")
    assert Revision.objects.filter(declaration=draft).count() == 1
    assert Declaration.objects.get(pk=draft.pk).status == "submitted"
    assert invariants.check() == []


def suppress_no_answer(person, address, form):
    with suppress(OSError):
        person.send(address, form)


def test_the_worker_killed_over_a_list_draws_each_document_once(policy, real_worker):
    """A seal orders three documents; the worker dies over one of them and its successor brings all three."""
    desk = make.make_desk()
    one = make.open_list(desk)
    ranking.add_entry(one, make.qualified(), actor=desk.official)
    seal = Seal.objects.get(list=make.sealed(one, desk))
    jobs = Job.objects.filter(kind="list_document")
    wait_for(lambda: jobs.filter(state=JobState.RUNNING).exists(), seconds=90, what="the first document's start")
    real_worker.kill()
    real_worker.start()
    wait_for(lambda: jobs.filter(state=JobState.READY).count() == 3, seconds=120, what="all documents")
    assert sorted(jobs.values_list("attempts", flat=True))[:2] == [1, 1]
    assert IssuedFile.objects.filter(document=seal.issued).count() == 3
    assert verification.check(seal.code).status == "intact"


@pytest.mark.parametrize("after", [0.02, 0.1, 0.3])
def test_killed_while_sealing_leaves_all_of_it_or_nothing(policy, real_server, at_server, after):
    desk = make.make_desk()
    one = make.open_list(desk)
    ranking.add_entry(one, make.qualified(), actor=desk.official)
    one = workflow.fire(make.settle(one), "freeze", actor=desk.official, version=one.version)
    person, address = at_server(desk.sealer), f"/lists/{one.public_id}/seal/"
    form = {"version": one.version, "password": make.PASSWORD, "count": "1", "tick": ["content", "final"]}
    sending = threading.Thread(target=lambda: suppress_no_answer(person, address, form))
    sending.start()
    time.sleep(after)
    real_server.kill()
    sending.join(30)
    one.refresh_from_db()
    seal = Seal.objects.filter(list=one).first()
    assert one.status == ("sealed" if seal else "frozen")
    statuses = set(one.entries.values_list("declaration__status", flat=True))
    assert statuses == ({"recommended"} if seal else {"qualified"})
    assert Job.objects.filter(kind="list_document").count() == (3 if seal else 0)
    assert invariants.check() == []
    again(real_server)
    assert person.send(address, form)[0] in (302, 409)
    assert Seal.objects.filter(list=one).count() == 1
    assert invariants.check() == []
