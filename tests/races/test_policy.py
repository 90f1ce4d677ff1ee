"""Officers at the same edition, at the same figure, at the same moment."""

import pytest

from assessment.drafting import documents, service
from assessment.drafting.cloning import Wish
from assessment.models import DraftChapter, Edition, EditionDraft
from declarations.models import Track
from recommendations import overrides, quotas
from recommendations.models import QuotaOverride
from smartfactory import workflow
from smartfactory.models import AuditEntry, Authority, Role
from smartfactory.workflow import Blocked, StaleState
from tests.factories.organisations import make_member
from tests.support.together import together

pytestmark = pytest.mark.race


@pytest.fixture
def ministry(transactional_db, policy):
    return Authority.objects.get(code="ministry")


@pytest.fixture
def officers(ministry):
    return [make_member(Role.POLICY, authority=ministry) for _ in range(4)]


@pytest.fixture
def draft(ministry, officers):
    base = Edition.objects.get(code="2022")
    return service.clone(base, Wish("2031", "2031年度", 2031), ministry, officers[0])


def outcomes(results):
    return sorted("done" if not isinstance(one, Exception) else type(one).__name__ for one in results)


def test_of_many_who_save_one_row_one_does(draft, officers):
    def save(number):
        return lambda: service.save_row(
            draft, "quotas", "quotas.0", {"limit": number}, asked={"limit"}, version=1, actor=officers[number % 4]
        )

    results = together(*[save(number) for number in range(6)])
    assert outcomes(results) == ["StaleState"] * 5 + ["done"]
    assert DraftChapter.objects.get(draft=draft, name="quotas").version == 2
    assert AuditEntry.objects.filter(act="editiondraft.save").count() == 1


def test_what_is_proposed_is_not_changed_under_way(draft, officers):
    """Either the row is saved before it is proposed, or it is not saved."""

    def propose():
        return workflow.fire(EditionDraft.objects.get(pk=draft.pk), "propose", actor=officers[0], version=1)

    def save():
        service.save_row(draft, "quotas", "quotas.0", {"limit": 77}, asked={"limit"}, version=1, actor=officers[1])

    proposed, saved = together(propose, save)
    assert not isinstance(proposed, Exception)
    limit = documents.read(EditionDraft.objects.get(pk=draft.pk))["quotas"]["quotas"][0].get("limit")
    assert (limit == 77) == (not isinstance(saved, Exception))
    assert saved is None or isinstance(saved, StaleState)


def test_published_once_however_many_publish(draft, officers):
    proposed = workflow.fire(draft, "propose", actor=officers[0], version=1)

    def publish(who):
        return lambda: workflow.fire(
            EditionDraft.objects.get(pk=draft.pk), "publish", actor=who, version=proposed.version
        )

    results = together(*[publish(who) for who in officers[1:]])
    assert outcomes(results).count("done") == 1
    assert all(isinstance(one, StaleState | Blocked | EditionDraft) for one in results)
    assert Edition.objects.filter(code="2031", status="published").count() == 1
    assert Track.objects.filter(code__startswith="2031-").count() == 2
    assert AuditEntry.objects.filter(act="editiondraft.publish", outcome="ok").count() == 1


def test_one_figure_by_hand_at_a_time(officers):
    track, unit = Track.objects.get(code="2025-excellence"), Authority.objects.get(code="330000")

    def propose(number):
        values = {"limit": 40 + number, "reason": "追加", "source": "文件"}
        return lambda: overrides.propose(track, unit, officers[number], values)

    results = together(*[propose(number) for number in range(4)])
    assert outcomes(results) == ["Blocked"] * 3 + ["done"]
    one = QuotaOverride.objects.get()
    others = [who for who in officers if who.pk != one.proposed_by_id]

    def confirm(who):
        return lambda: workflow.fire(QuotaOverride.objects.get(pk=one.pk), "confirm", actor=who, version=1)

    results = together(*[confirm(who) for who in others])
    assert outcomes(results).count("done") == 1
    assert quotas.resolve(track, unit).limit == one.limit
