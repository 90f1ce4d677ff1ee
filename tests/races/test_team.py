"""People of one enterprise come and go at the same moment."""

import pytest

from declarations import content
from declarations.models import Assignment, KnownFact
from declarations.reuse import facts
from declarations.team import invitations, members, work
from declarations.team.members import TeamError
from smartfactory import presence
from smartfactory.models import AuditEntry, Membership, Presence, Role
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_enterprise, make_member, make_user
from tests.support.together import together

pytestmark = pytest.mark.race


@pytest.fixture
def enterprise(transactional_db, policy):
    return make_enterprise()


def who_sign(enterprise):
    return Membership.objects.filter(enterprise=enterprise, role=Role.SIGNATORY, is_active=True).count()


def test_all_who_sign_leave_at_once_and_one_remains(enterprise):
    people = [make_member(Role.SIGNATORY, enterprise=enterprise) for _ in range(6)]
    acts = [lambda one=one: members.end(enterprise, one.pk, seen="signatory", actor=one) for one in people]
    results = together(*acts)
    assert who_sign(enterprise) == 1
    assert [type(one) for one in results if one is not None] == [TeamError]


def test_without_the_lock_nobody_would_remain(enterprise, monkeypatch):
    """The control: what the test above would miss if it could not fail."""
    monkeypatch.setattr(members, "_keep_one_who_signs", lambda *given: None)
    people = [make_member(Role.SIGNATORY, enterprise=enterprise) for _ in range(3)]
    together(*[lambda one=one: members.end(enterprise, one.pk, seen="signatory", actor=one) for one in people])
    assert who_sign(enterprise) == 0


def test_one_link_admits_one_person(enterprise):
    host = make_member(Role.SIGNATORY, enterprise=enterprise)
    _, code = invitations.invite(enterprise, role="preparer", name="一位", actor=host)
    newcomers = [make_user() for _ in range(6)]
    results = together(*[lambda one=one: invitations.accept(code, one) for one in newcomers])
    assert sum(isinstance(one, TeamError) for one in results) == 5
    assert Membership.objects.filter(enterprise=enterprise, role=Role.PREPARER, is_active=True).count() == 1
    assert AuditEntry.objects.filter(act="team.join").count() == 1


def test_two_divide_the_work_at_once_and_one_learns_of_it(enterprise):
    declaration = make_declaration(enterprise=enterprise, filled=False)
    people = [make_member(Role.PREPARER, enterprise=enterprise) for _ in range(4)]
    acts = [lambda one=one: work.assign(declaration, "factory", one.pk, version=1, actor=one) for one in people]
    results = together(*acts)
    assert sum(isinstance(one, TeamError) for one in results) == 3
    assert Assignment.objects.get(declaration=declaration, key="factory").version == 2


def test_one_person_with_two_pages_is_in_one_place(enterprise):
    declaration = make_declaration(enterprise=enterprise, filled=False)
    person = make_member(Role.PREPARER, enterprise=enterprise)
    results = together(*[lambda: presence.note(declaration, person, "factory") for _ in range(6)])
    assert [one for one in results if one is not None] == []
    assert Presence.objects.get(user=person).place == "factory"


def test_a_fact_is_mended_once_per_version(enterprise):
    person = make_member(Role.PREPARER, enterprise=enterprise)
    fact = KnownFact.objects.create(enterprise=enterprise, key="x.y", label="甲", kind="text", value="乙", source="丙")
    acts = [lambda n=n: facts.mend(fact, version=1, actor=person, period="", source=f"来源{n}") for n in range(5)]
    results = together(*acts)
    assert sum(isinstance(one, facts.StaleFact) for one in results) == 4


def test_one_of_those_who_add_the_same_fact_at_once_is_first(enterprise):
    declaration = make_declaration(enterprise=enterprise, filled=False)
    field = content.describe(declaration.track).section("applicant").by_key["legal_person"]
    people = [make_member(Role.PREPARER, enterprise=enterprise) for _ in range(5)]
    acts = [
        lambda n=n, one=one: facts.state(enterprise, field, f"第{n}人", actor=one, period="", source="甲")
        for n, one in enumerate(people)
    ]
    results = together(*acts)
    assert sum(isinstance(one, facts.StaleFact) for one in results) == 4
    assert KnownFact.objects.filter(enterprise=enterprise).count() == 1
    assert AuditEntry.objects.filter(act="fact.state").count() == 1


@pytest.fixture
def stated(enterprise):
    """A fact that no person vouches for, a declaration that says something else, and a person who says a third thing."""
    declaration = make_declaration(enterprise=enterprise)
    person = make_member(Role.PREPARER, enterprise=enterprise)
    facts.keep(declaration, content.payload(declaration), 1, person)
    fact = KnownFact.objects.get(enterprise=enterprise, key="applicant.legal_person")
    payload = content.payload(declaration)
    payload["sections"]["applicant"]["legal_person"] = "申报书写的"
    return (
        fact,
        lambda: facts.mend(fact, version=1, actor=person, period="", source="执照", value="手工写的"),
        lambda: facts.keep(declaration, payload, 2, person),
    )


def everything_said(fact):
    return {KnownFact.objects.get(pk=fact.pk).value, *fact.former.values_list("value", flat=True)}


def test_mending_and_filing_at_once_lose_neither_value(stated):
    fact, mend, file = stated
    results = together(mend, file)
    refused = [one for one in results if isinstance(one, facts.StaleFact)]
    assert [one for one in results if isinstance(one, Exception) and one not in refused] == []
    assert "申报书写的" in everything_said(fact)
    # Whoever comes second either sees the other's value and keeps it, or is told that it changed.
    assert ("手工写的" in everything_said(fact)) == (not refused)


def test_filing_by_what_was_read_before_the_mending_loses_it(stated):
    """The control: a fact read too early and written back as it was read takes the mended value with it."""
    fact, mend, _ = stated
    early = list(KnownFact.objects.filter(enterprise=fact.enterprise))
    mend()
    for one in early:
        if one.pk == fact.pk:
            one.value = "申报书写的"
    KnownFact.objects.bulk_update(early, facts.WRITTEN)
    assert "手工写的" not in everything_said(fact)
