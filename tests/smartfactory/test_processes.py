"""Real processes on the test's database: what was acknowledged survives a kill, and work is done once."""

import urllib.request

import pytest

from smartfactory.models import IssuedFile, Job, JobState
from tests.factories.declarations import make_declaration
from tests.support.ports import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]


def job_of(declaration):
    return Job.objects.get(kind="declaration_pdf", subject=f"revision:{declaration.latest_revision_id}")


def test_a_worker_draws_what_was_submitted(policy, real_worker):
    declaration = make_declaration(status="submitted")
    wait_for(lambda: job_of(declaration).state == JobState.READY, seconds=60, what="the document")
    assert job_of(declaration).attempts == 1


def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(policy, real_worker):
    declaration = make_declaration(status="submitted")
    wait_for(lambda: job_of(declaration).state == JobState.RUNNING, seconds=60, what="the job's start")
    real_worker.kill()
    assert job_of(declaration).state == JobState.RUNNING
    real_worker.start()
    wait_for(lambda: job_of(declaration).state == JobState.READY, seconds=90, what="the document after the kill")
    assert job_of(declaration).attempts == 2
    assert IssuedFile.objects.filter(document=declaration.latest_revision.issued).count() == 1


def test_a_killed_web_server_answers_again(real_server):
    assert urllib.request.urlopen(f"{real_server.url}/healthz").status == 200
    real_server.kill()
    real_server.start()
    answer = wait_for(lambda: _status(f"{real_server.url}/healthz"), seconds=30, what="the server")
    assert answer == 200


def _status(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status
    except OSError:
        return None
