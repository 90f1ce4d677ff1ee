"""Two people at one request to take papers away, and one person who asks twice at once."""

import pytest

from recommendations import releases
from recommendations.models import Release
from smartfactory.models import AuditEntry
from smartfactory.workflow import Blocked, StaleState, fire
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration
from tests.support.together import together

pytestmark = pytest.mark.race
WHY = "寄送纸质申报书"


@pytest.fixture
def filed(transactional_db, policy):
    return make_declaration(status="in_review")


@pytest.fixture
def desk(filed):
    return make.make_desk(filed.receiver.code)


def test_asking_twice_at_once_is_one_request(filed, desk):
    results = together(*[lambda: releases.ask(filed, WHY, actor=desk.official) for _ in range(3)])
    assert sum(isinstance(one, Release) for one in results) == 1
    assert sum(isinstance(one, Blocked) for one in results) == 2
    assert Release.objects.count() == 1


def test_asking_anyhow_is_three_requests(filed, desk, monkeypatch):
    """The control: who does not look at what was asked already asks again."""
    monkeypatch.setattr(releases, "mine", lambda thing, user: [])
    together(*[lambda: releases.ask(filed, WHY, actor=desk.official) for _ in range(3)])
    assert Release.objects.count() == 3


def test_one_gives_while_another_refuses(filed, desk):
    asked, other = releases.ask(filed, WHY, actor=desk.official), make.colleague(desk)
    results = together(
        lambda: fire(asked, "give", actor=desk.sealer, version=asked.version),
        lambda: fire(asked, "refuse", actor=other, version=asked.version),
    )
    assert sum(isinstance(one, StaleState) for one in results) == 1
    asked.refresh_from_db()
    assert asked.status in ("given", "refused")
    assert (asked.expires_at is None) == (asked.status == "refused")
    assert releases.permits(desk.official, filed) == (asked.status == "given")
    assert AuditEntry.objects.filter(act__in=("release.give", "release.refuse"), outcome="ok").count() == 1
