"""Colleagues in one questionnaire at the same moment: nothing is lost, nothing is saved into a round that has ended."""

import pytest

from assessment.maturing import service
from assessment.maturing.judging import Answer
from assessment.models import MaturityAttempt, SubdomainAnswers
from smartfactory import workflow
from smartfactory.models import AuditEntry, Role
from smartfactory.workflow import Blocked, StaleState
from tests.assessment import maturing as make
from tests.factories.organisations import make_enterprise, make_member
from tests.support.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people():
    enterprise = make_enterprise()
    return [make_member(role, enterprise=enterprise) for role in (Role.PREPARER, Role.SIGNATORY)]


@pytest.fixture
def attempt(people):
    return service.start(people[0].memberships.get().enterprise, make.standard(), "discrete", people[0])


def test_of_two_who_save_one_sub_domain_one_is_told(attempt, people):
    def saving(person, mark):
        row = MaturityAttempt.objects.get(pk=attempt.pk)
        return lambda: service.save(row, "P1", Answer({"1.1": mark}), 1, person)

    found = together(saving(people[0], "1"), saving(people[1], "0.5"))
    refused = [one for one in found if isinstance(one, StaleState)]
    kept = [one for one in found if isinstance(one, SubdomainAnswers)]
    assert (len(refused), len(kept)) == (1, 1)
    assert SubdomainAnswers.objects.get(attempt=attempt, code="P1").marks == kept[0].marks
    assert AuditEntry.objects.filter(act="maturityattempt.save").count() == 1


def test_two_sub_domains_are_saved_at_once(attempt, people):
    def saving(person, code):
        row = MaturityAttempt.objects.get(pk=attempt.pk)
        return lambda: service.save(row, code, Answer({"1.1": "1"}), 1, person)

    found = together(saving(people[0], "P1"), saving(people[1], "P2"))
    assert [one.marks for one in found] == [{"1.1": "1"}] * 2


def test_a_save_and_the_end_of_the_round_never_both_succeed_unseen(attempt, people):
    row = make.all_answered(attempt, people[0])
    other = MaturityAttempt.objects.get(pk=attempt.pk)
    found = together(
        lambda: workflow.fire(row, "finish", actor=people[0], version=row.version),
        lambda: service.save(other, "P1", Answer({}), 1, people[1]),
    )
    # Whoever comes second finds the round ended, or an answer missing to end it.
    assert sum(isinstance(one, (StaleState, Blocked)) for one in found) == 1
    attempt.refresh_from_db()
    ended = attempt.status == "finished"
    assert bool(SubdomainAnswers.objects.get(attempt=attempt, code="P1").marks) == ended


def test_two_rounds_begun_at_once_have_numbers_of_their_own(attempt, people):
    enterprise, standard = attempt.enterprise, make.standard()
    found = together(*(lambda one=one: service.start(enterprise, standard, "process", one) for one in people))
    assert sorted(one.round for one in found) == [2, 3]
