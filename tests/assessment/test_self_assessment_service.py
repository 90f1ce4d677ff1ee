"""Starting, saving, finishing and repeating a self-assessment."""

import json

import pytest

from assessment import self_assessment_service as services
from assessment.facts import FactsError
from assessment.models import Edition, SelfAssessment
from smartfactory.models import AuditEntry, Role
from smartfactory.workflow import NotAllowed, StaleState
from tests.assessment.editions import perfect
from tests.factories.organisations import make_enterprise, make_member

pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture
def enterprise():
    return make_enterprise()


@pytest.fixture
def preparer(enterprise):
    return make_member(Role.PREPARER, enterprise=enterprise)


@pytest.fixture
def edition():
    return Edition.objects.get(code="2024")


@pytest.fixture
def assessment(enterprise, edition, preparer):
    return services.start(enterprise, edition, preparer)


def test_rounds_count_up_for_each_edition(assessment, enterprise, edition, preparer):
    assert services.start(enterprise, edition, preparer).round == 2
    assert services.start(enterprise, Edition.objects.get(code="2025"), preparer).round == 1
    assert AuditEntry.objects.filter(act="assessment.start").count() == 3


def test_answers_are_kept_part_by_part(assessment, preparer):
    services.save(assessment, {"flags": {"2024-COM-GEN-01": True}}, 1, preparer)
    services.save(assessment, {"flags": {"2024-COM-GEN-02": False}, "maturity_level": 3}, 2, preparer)
    row = SelfAssessment.objects.get(pk=assessment.pk)
    assert row.facts["flags"] == {"2024-COM-GEN-01": True, "2024-COM-GEN-02": False}
    assert (row.facts["maturity_level"], row.version) == (3, 3)


def test_the_whole_facts_survive_and_decide(assessment, preparer):
    services.save(assessment, json.loads(json.dumps(perfect("2024"))), 1, preparer)
    assert services.verdict(assessment).met is True
    assert services.stated(assessment).as_json() == assessment.facts


def test_a_stale_save_changes_nothing(assessment, preparer):
    other = SelfAssessment.objects.get(pk=assessment.pk)
    services.save(assessment, {"maturity_level": 3}, 1, preparer)
    with pytest.raises(StaleState):
        services.save(other, {"maturity_level": 1}, 1, preparer)
    assert SelfAssessment.objects.get(pk=assessment.pk).facts["maturity_level"] == 3


def test_what_cannot_be_read_changes_nothing(assessment, preparer):
    with pytest.raises(FactsError, match="2024-NO-SUCH"):
        services.save(assessment, {"flags": {"2024-NO-SUCH": True}}, 1, preparer)
    assert SelfAssessment.objects.get(pk=assessment.pk).version == 1


def test_a_finished_round_is_closed_and_finishing_twice_is_success(assessment, preparer):
    services.finish(assessment, 1, preparer)
    services.finish(assessment, 1, preparer)
    with pytest.raises(StaleState):
        services.save(assessment, {"maturity_level": 3}, assessment.version, preparer)
    assert AuditEntry.objects.filter(act="assessment.finish").count() == 1


def test_assessing_again_begins_with_the_old_answers(assessment, preparer):
    services.save(assessment, {"maturity_level": 3}, 1, preparer, target="PIONEER")
    services.finish(assessment, 2, preparer)
    fresh = services.again(assessment, preparer)
    assert (fresh.round, fresh.facts["maturity_level"], fresh.target, fresh.finished_at) == (2, 3, "PIONEER", None)
    services.save(fresh, {"maturity_level": 4}, 1, preparer)
    assert SelfAssessment.objects.get(pk=assessment.pk).facts["maturity_level"] == 3


@pytest.mark.parametrize("role", [Role.READER, None])
def test_only_people_of_the_enterprise_write(assessment, enterprise, edition, role):
    stranger = (
        make_member(role, enterprise=enterprise) if role else make_member(Role.PREPARER, enterprise=make_enterprise())
    )
    for attempt in (
        lambda: services.start(enterprise, edition, stranger),
        lambda: services.save(assessment, {}, 1, stranger),
        lambda: services.finish(assessment, 1, stranger),
        lambda: services.again(assessment, stranger),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_an_assessment_is_seen_by_its_enterprise_alone(assessment, enterprise, preparer):
    reader = make_member(Role.READER, enterprise=enterprise)
    official = make_member(Role.OFFICIAL, authority=enterprise.authority)
    rival = make_member(Role.PREPARER, enterprise=make_enterprise())
    seen = {who: SelfAssessment.objects.visible_to(who).count() for who in (preparer, reader, official, rival)}
    assert seen == {preparer: 1, reader: 1, official: 0, rival: 0}


def test_a_draft_edition_cannot_be_assessed(enterprise, preparer):
    draft = Edition.objects.create(code="2099", title="草稿", year=2099, digest="")
    with pytest.raises(NotAllowed, match="尚未发布"):
        services.start(enterprise, draft, preparer)
