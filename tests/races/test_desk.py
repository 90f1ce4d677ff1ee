"""The enterprise's desk and the office at the same moment: parts of one file, and one exception for one enterprise."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from declarations import content, extensions, uploading
from declarations.models import Extension, Upload
from smartfactory.models import Role
from smartfactory.workflow import Blocked, StaleState, fire
from tests.factories.declarations import PDF, extend_deadline, make_declaration, people_of
from tests.factories.organisations import make_member
from tests.support.together import together

pytestmark = pytest.mark.race
HALF = len(PDF) // 2


@pytest.fixture
def draft(transactional_db, policy):
    return make_declaration(filled=False)


@pytest.fixture
def begun(draft):
    fields = content.describe(draft.track).fields()
    field = next(one for one in fields if one.kind == "files" and one.required and not one.per_instance)
    return uploading.begin(draft, field, None, "照.pdf", len(PDF), actor=people_of(draft)[0])


def test_a_part_sent_many_times_at_once_counts_once(begun):
    results = together(*[lambda: uploading.append(begun, 0, PDF[:HALF]) for _ in range(6)])
    assert results.count(HALF) == 1
    assert sum(isinstance(one, uploading.WrongOffset) for one in results) == 5
    begun.refresh_from_db()
    assert begun.received == HALF
    assert begun.path.read_bytes() == PDF[:HALF]


def test_without_the_guard_it_would_count_every_time(begun):
    """The control: the same parts, each added to what is there without looking where it belongs."""
    together(*[lambda: Upload.objects.filter(pk=begun.pk).update(received=F("received") + HALF) for _ in range(6)])
    begun.refresh_from_db()
    assert begun.received == 6 * HALF


@pytest.fixture
def late(draft):
    extend_deadline(draft, timezone.now() - timedelta(days=1))
    extend_deadline(draft, timezone.now() + timedelta(days=9), "recommender")
    return draft


def propose(late):
    official = people_of(late)[2]
    until = timezone.now() + timedelta(days=2)
    return extensions.propose(late.enterprise, late.track, official, until=until, reason="停电", clause="纪要")


def test_one_enterprise_gets_one_exception(late):
    people_of(late)
    results = together(*[lambda: propose(late) for _ in range(5)])
    assert sum(isinstance(one, Extension) for one in results) == 1
    assert sum(isinstance(one, Blocked) for one in results) == 4
    assert Extension.objects.count() == 1


def test_of_two_answers_to_one_proposal_one_counts(late):
    one = propose(late)
    judges = [make_member(Role.SEALER, authority=late.receiver) for _ in range(2)]
    acts = [
        lambda who=who, name=name: fire(Extension.objects.get(pk=one.pk), name, actor=who, version=1)
        for who, name in zip(judges, ("confirm", "refuse"), strict=True)
    ]
    results = together(*acts)
    assert sum(isinstance(each, Extension) for each in results) == 1
    assert sum(isinstance(each, StaleState) for each in results) == 1
    one.refresh_from_db()
    assert (one.status, one.version) in {("in_force", 2), ("refused", 2)}
