"""fire(): the one door for a change of status, asked on a machine made for the purpose."""

import pytest
from django.db import transaction

from declarations.models import Declaration
from declarations.vocabulary import Status
from smartfactory import audit, workflow
from smartfactory.models import AuditEntry, Enterprise
from smartfactory.problems import WARNING, Problem
from smartfactory.workflow import Blocked, NotAllowed, StaleState, Transition
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db
DRAFT, SUBMITTED = "draft", "submitted"


@pytest.fixture
def actor():
    return make_user(full_name="甲")


@pytest.fixture
def row(policy):
    """A row with a status; what it is does not matter here."""
    return make_declaration(filled=False)


@pytest.fixture
def machine(monkeypatch):
    """Return a function that replaces the row's transitions for this test."""

    def put(*steps):
        monkeypatch.setitem(workflow._transitions, Declaration._meta.label, {one.name: one for one in steps})

    return put


def step(name="go", **more):
    return Transition(name, "往前走", frozenset({DRAFT}), SUBMITTED, **more)


def entries(row):
    return list(AuditEntry.objects.filter(subject=audit.subject_of(row)).exclude(act="declaration.start"))


def test_an_act_writes_status_version_person_and_one_entry(row, actor, machine, django_capture_on_commit_callbacks):
    after = []
    machine(step(effect=lambda obj, act: {"seen": obj.status, "given": act.data["given"]}, after=after.append))
    with django_capture_on_commit_callbacks(execute=True):
        fresh = workflow.fire(row, "go", actor=actor, version=row.version, note="因为", given="数据")
    assert (fresh.status, fresh.version, fresh.status_act, fresh.status_by) == (SUBMITTED, 2, "go", actor)
    assert fresh.status_at is not None
    (entry,) = entries(row)
    assert (entry.act, entry.outcome, entry.actor) == ("declaration.go", "ok", actor)
    assert entry.body == (
        '{"from":"draft","given":"数据","note":"因为","seen":"submitted","to":"submitted","version":2}'
    )
    assert after == [row.pk]


def test_somebody_who_may_not_changes_nothing_and_is_on_record(row, actor, machine):
    machine(step(allowed=lambda user, obj: False))
    with pytest.raises(NotAllowed):
        workflow.fire(row, "go", actor=actor, version=row.version)
    row.refresh_from_db()
    assert (row.status, row.version) == (DRAFT, 1)
    (entry,) = entries(row)
    assert (entry.outcome, entry.actor) == ("refused", actor)


def test_what_blocks_is_told_and_warnings_do_not_block(row, actor, machine):
    problems = [Problem("先补材料"), Problem("提醒", level=WARNING)]
    machine(step(blockers=lambda obj: problems))
    with pytest.raises(Blocked) as refusal:
        workflow.fire(row, "go", actor=actor, version=row.version)
    assert [one.message for one in refusal.value.problems] == ["先补材料"]
    assert entries(row) == []
    del problems[0]
    assert workflow.fire(row, "go", actor=actor, version=row.version).status == SUBMITTED


@pytest.mark.parametrize("version", [0, 2, -1, 10**9])
def test_another_version_than_the_person_saw_is_stale(row, actor, machine, version):
    machine(step())
    with pytest.raises(StaleState):
        workflow.fire(row, "go", actor=actor, version=version)
    row.refresh_from_db()
    assert (row.status, row.version, entries(row)) == (DRAFT, 1, [])


def test_a_row_that_has_moved_on_is_stale(row, actor, machine):
    machine(step(), Transition("other", "另一步", frozenset({DRAFT}), "returned"))
    workflow.fire(row, "other", actor=actor, version=1)
    with pytest.raises(StaleState):
        workflow.fire(row, "go", actor=actor, version=1)
    row.refresh_from_db()
    with pytest.raises(StaleState):
        workflow.fire(row, "go", actor=actor, version=row.version)
    assert [one.act for one in entries(row)] == ["declaration.other"]


def test_the_same_person_repeating_the_act_is_answered_with_success_once_written(row, actor, machine):
    machine(step())
    first = workflow.fire(row, "go", actor=actor, version=1)
    again = workflow.fire(Declaration.objects.get(pk=row.pk), "go", actor=actor, version=1)
    stale_copy = workflow.fire(row, "go", actor=actor, version=1)
    assert first.version == again.version == stale_copy.version == 2
    assert len(entries(row)) == 1


def test_another_person_repeating_the_act_learns_that_it_is_done(row, actor, machine):
    machine(step())
    workflow.fire(row, "go", actor=actor, version=1)
    with pytest.raises(StaleState):
        workflow.fire(row, "go", actor=make_user(), version=1)


def test_the_same_target_by_another_act_is_no_repetition(row, actor, machine):
    machine(step(), Transition("leap", "跳过去", frozenset({DRAFT}), SUBMITTED))
    workflow.fire(row, "leap", actor=actor, version=1)
    with pytest.raises(StaleState):
        workflow.fire(row, "go", actor=actor, version=1)


class EffectBroke(Exception):
    pass


def test_an_effect_that_breaks_undoes_everything(row, actor, machine):
    def effect(obj, act):
        Enterprise.objects.filter(pk=obj.enterprise_id).update(name="写到一半")
        raise EffectBroke

    machine(step(effect=effect))
    with pytest.raises(EffectBroke):
        workflow.fire(row, "go", actor=actor, version=1)
    row.refresh_from_db()
    assert (row.status, row.version, entries(row)) == (DRAFT, 1, [])
    assert not Enterprise.objects.filter(name="写到一半").exists()


def test_an_entry_that_cannot_be_written_undoes_the_act(row, actor, machine, monkeypatch):
    def broken(*args, **kwargs):
        raise EffectBroke

    machine(step())
    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(EffectBroke):
        workflow.fire(row, "go", actor=actor, version=1)
    row.refresh_from_db()
    assert (row.status, row.version) == (DRAFT, 1)


def test_an_effect_may_refuse(row, actor, machine):
    def effect(obj, act):
        raise Blocked([Problem("到这里才看出来")])

    machine(step(effect=effect))
    with pytest.raises(Blocked, match="到这里才看出来"):
        workflow.fire(row, "go", actor=actor, version=1)
    row.refresh_from_db()
    assert row.status == DRAFT


def test_callbacks_get_the_entry_inside_the_transaction(row, actor, machine):
    seen = []

    def note(entry):
        seen.append((entry.seq, entry.act, transaction.get_connection().in_atomic_block))

    machine(step(effect=lambda obj, act: act.recorded(note)))
    workflow.fire(row, "go", actor=actor, version=1)
    assert seen == [(entries(row)[0].seq, "declaration.go", True)]


def test_a_callback_that_breaks_undoes_everything(row, actor, machine):
    def broken(entry):
        raise EffectBroke

    machine(step(effect=lambda obj, act: act.recorded(broken)))
    with pytest.raises(EffectBroke):
        workflow.fire(row, "go", actor=actor, version=1)
    row.refresh_from_db()
    assert (row.status, entries(row)) == (DRAFT, [])


def test_nothing_is_sent_after_an_act_that_came_to_nothing(row, actor, machine, django_capture_on_commit_callbacks):
    after = []
    machine(step(after=after.append))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        workflow.fire(row, "go", actor=actor, version=1)
        transaction.set_rollback(True)
    assert after == []


def test_buttons_are_what_fire_would_let_happen(row, actor, machine):
    machine(
        step("mine"),
        step("theirs", allowed=lambda user, obj: user != actor),
        Transition("later", "以后", frozenset({SUBMITTED}), "in_review"),
    )
    assert [one.name for one in workflow.available(row, actor)] == ["mine"]
    assert [one.name for one in workflow.available(row, make_user())] == ["mine", "theirs"]


def test_an_act_nobody_declared_does_not_exist(row, actor):
    with pytest.raises(KeyError):
        workflow.fire(row, "fly", actor=actor, version=1)


def test_a_machine_is_declared_once():
    with pytest.raises(RuntimeError):
        workflow.register(Declaration, [step()], Status)
