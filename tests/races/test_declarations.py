"""People of one enterprise at the same declaration at the same moment."""

import pytest
from django.db import IntegrityError
from django.db.models import F

from declarations import content, freezing, instances, services
from declarations.deadlines import server_time
from declarations.models import Declaration, LateChangeError, Revision, ScenarioInstance, SectionContent
from smartfactory import workflow
from smartfactory.models import AuditEntry, IdempotencyKey, Job, Role
from tests.factories.declarations import extend_deadline, make_declaration, people_of
from tests.factories.organisations import make_member
from tests.support.together import together

pytestmark = pytest.mark.race


@pytest.fixture
def draft(transactional_db, policy):
    declaration = make_declaration()
    extend_deadline(declaration)
    return declaration


@pytest.fixture
def send(draft):
    """Return a function that files the draft as it is read at this moment by a signatory of the enterprise."""
    promises = [one.key for one in content.describe(draft.track).promises]
    _, first, _ = people_of(draft)

    def prepare(key, signatory=first):
        shown = Declaration.objects.get(pk=draft.pk)
        given = {"actor": signatory, "version": shown.version, "promises": promises, "received_at": server_time()}
        return lambda: services.submit(shown, key=key, **given)

    return prepare


def anyhow(obj, act, version):
    """workflow._move() with the guard taken away."""
    type(obj)._base_manager.filter(pk=obj.pk).update(
        status=act.transition.target, version=F("version") + 1, status_act=act.transition.name, status_by=act.actor
    )


def filed(draft):
    return Revision.objects.filter(declaration=draft).count()


# Submitting twice


def test_same_key_twice_is_one_revision_and_one_receipt(draft, send):
    results = together(*[send("one-and-the-same") for _ in range(6)])
    assert {one.pk for one in results} == {Revision.objects.get(declaration=draft).pk}
    assert IdempotencyKey.objects.count() == 1
    assert AuditEntry.objects.filter(act="declaration.submit", outcome="ok").count() == 1
    assert Job.objects.filter(kind=freezing.PDF_JOB).count() == 1


def test_different_keys_of_one_person_are_one_revision(draft, send):
    results = together(*[send(f"key-{number}") for number in range(6)])
    assert {one.pk for one in results} == {Revision.objects.get(declaration=draft).pk}


def test_two_signatories_file_once(draft, send):
    other = make_member(Role.SIGNATORY, enterprise=draft.enterprise)
    results = together(send("mine"), send("theirs", other))
    assert sum(isinstance(one, Revision) for one in results) == 1
    assert sum(isinstance(one, workflow.StaleState) for one in results) == 1
    assert filed(draft) == 1


def test_submitting_anyhow_files_twice(draft, send, monkeypatch):
    """The control: without the condition in the UPDATE the second click is a second revision."""
    monkeypatch.setattr(workflow, "_move", anyhow)
    together(send("mine"), send("mine too"))
    assert filed(draft) == 2


def test_one_key_for_two_declarations_files_no_third_thing(draft, send):
    """A key belongs to one request: used for another declaration it answers nothing."""
    send("shared")()
    second = make_declaration(enterprise=draft.enterprise, track="2025-excellence")
    extend_deadline(second)
    with pytest.raises(workflow.Blocked):
        services.submit(
            second, actor=people_of(draft)[1], version=second.version, promises=[], key="shared",
            received_at=server_time(),
        )  # fmt: skip
    assert filed(second) == 0


# Editing the same part


def save(draft, person, text, version=1):
    return services.save_section(draft, "factory", {"summary": text}, version=version, actor=person)


def stored(draft):
    return SectionContent.objects.get(declaration=draft, key="factory").data["summary"]


@pytest.fixture
def two(draft):
    return people_of(draft)[:2]


@pytest.fixture
def version(draft):
    return SectionContent.objects.get(declaration=draft, key="factory").version


def test_second_of_two_texts_is_refused_with_the_first(draft, two, version):
    texts = ["甲写的成效", "乙写的成效"]
    results = together(*[lambda n=n: save(draft, two[n], texts[n], version) for n in (0, 1)])
    (won,) = [n for n in (0, 1) if results[n].saved]
    assert stored(draft) == texts[won]
    assert results[1 - won].conflicts["summary"]["theirs"] == texts[won]
    assert results[1 - won].conflicts["summary"]["by"] == two[won].display


class Whatever(int):
    """A version that equals every other: the comparison taken away."""

    __hash__ = int.__hash__

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


def test_saving_anyhow_overwrites_in_silence(draft, two, version):
    """The control: both are told "saved", and one of the texts is gone."""
    texts = ["甲写的成效", "乙写的成效"]
    results = together(*[lambda n=n: save(draft, two[n], texts[n], Whatever(version)) for n in (0, 1)])
    assert [one.saved for one in results] == [True, True]
    assert stored(draft) in texts


def test_eight_windows_of_the_same_person(draft, two, version):
    results = together(*[lambda n=n: save(draft, two[0], f"第{n}个窗口", version) for n in range(8)])
    assert sum(one.saved for one in results) == 1
    assert len({one.version for one in results}) == 1


def test_page_answers_409_and_shows_both_texts(draft, two, version, client_for):
    address = f"/declarations/{draft.public_id}/factory/"
    clients, texts = [client_for(person) for person in two], ["甲写的成效", "乙写的成效"]
    posts = [
        lambda n=n: clients[n].post(address, {"version": version, "base": "{}", "summary": texts[n]}) for n in (0, 1)
    ]
    answers = together(*posts)
    assert sorted(one.status_code for one in answers) == [302, 409]
    (refused,) = [one for one in answers if one.status_code == 409]
    assert all(text in refused.content.decode() for text in texts)


def test_autosave_answers_409_with_the_other_text(draft, two, version, client_for):
    address = f"/declarations/{draft.public_id}/factory/autosave/"
    clients, texts = [client_for(person) for person in two], ["甲写的成效", "乙写的成效"]
    answers = together(
        *[lambda n=n: clients[n].post(address, {"version": version, "summary": texts[n]}) for n in (0, 1)]
    )
    refused = [one for one in answers if one.status_code == 409]
    assert len(refused) == 1
    assert refused[0].json()["fields"]["summary"]["theirs"] == stored(draft)


# Editing while it is being filed


def inside(draft):
    """The frozen content beside the working content: equal, or the edit came to nothing."""
    revision = Revision.objects.filter(declaration=draft).first()
    if revision is None:
        return None
    fresh = Declaration.objects.get(pk=draft.pk)
    return revision.content["sections"] == content.payload(fresh)["sections"]


@pytest.mark.parametrize("round_", range(3))
def test_text_saved_while_filing_is_frozen_or_refused(draft, two, version, send, round_):
    results = together(send("key"), lambda: save(draft, two[0], "提交同时写下的一句", version))
    assert isinstance(results[0], Revision)
    assert inside(draft)
    kept = Revision.objects.get(declaration=draft).content["sections"]["factory"]["summary"] == "提交同时写下的一句"
    assert kept == (not isinstance(results[1], LateChangeError) and results[1].saved)


def test_instance_added_while_filing_is_frozen_or_refused(draft, two, send):
    listed = SectionContent.objects.get(declaration=draft, key="scenarios")
    results = together(send("key"), lambda: instances.add(draft, version=listed.version, actor=two[0]))
    if isinstance(results[0], Revision):
        assert inside(draft)
        assert isinstance(results[1], LateChangeError)
    else:
        assert isinstance(results[0], workflow.Blocked), "an empty instance is not complete"
        assert filed(draft) == 0


def test_positions_stay_whole_under_two_who_move(draft, two):
    listed = SectionContent.objects.get(declaration=draft, key="scenarios")
    uids = list(ScenarioInstance.objects.filter(declaration=draft).values_list("uid", flat=True))
    assert len(uids) >= 5
    acts = [
        lambda n=n: instances.move(draft, uids[n], 5, version=listed.version, actor=two[n % 2]) for n in range(4)
    ] + [lambda: instances.remove(draft, uids[4], version=listed.version, actor=two[0])]
    results = together(*acts)
    assert sum(isinstance(one, services.StaleContent) for one in results) == 4
    assert not any(isinstance(one, IntegrityError) for one in results)
    found = sorted(ScenarioInstance.objects.filter(declaration=draft).values_list("position", flat=True))
    assert found == list(range(1, len(found) + 1))


def ordering(draft, two, version):
    """Acts of two people on the order, of which only one can be the first, with what each would leave."""
    one, other = ScenarioInstance.objects.filter(declaration=draft).values_list("uid", flat=True)[:2]
    return [
        lambda: instances.move(draft, one, 5, version=version, actor=two[0]),
        lambda: instances.move(draft, other, 4, version=version, actor=two[1]),
        lambda: instances.duplicate(draft, one, version=version, actor=two[1]),
        lambda: instances.duplicate(draft, other, version=version, actor=two[0]),
    ]


def recorded():
    return AuditEntry.objects.filter(act__in=("scenario.move", "scenario.copy")).count()


def test_one_of_those_who_move_and_copy_at_once_is_first(draft, two):
    listed = SectionContent.objects.get(declaration=draft, key="scenarios")
    results = together(*ordering(draft, two, listed.version))
    assert sum(isinstance(one, services.StaleContent) for one in results) == 3
    found = list(ScenarioInstance.objects.filter(declaration=draft).values_list("position", flat=True))
    assert found == list(range(1, len(found) + 1))
    assert recorded() == 1


def test_moving_anyhow_turns_over_an_order_nobody_has_seen(draft, two):
    """The control: without the comparison everybody is told that it was done, on a list that was another one."""
    listed = SectionContent.objects.get(declaration=draft, key="scenarios")
    results = together(*ordering(draft, two, Whatever(listed.version)))
    assert not any(isinstance(one, services.StaleContent) for one in results)
    assert recorded() > 1


def test_order_changed_while_filing_is_frozen_or_refused(draft, two, send):
    listed = SectionContent.objects.get(declaration=draft, key="scenarios")
    uid = ScenarioInstance.objects.get(declaration=draft, position=1).uid
    results = together(send("key"), lambda: instances.move(draft, uid, 4, version=listed.version, actor=two[0]))
    assert isinstance(results[0], Revision)
    assert inside(draft)
    assert results[1] == 1 or isinstance(results[1], LateChangeError)


def test_withdrawing_against_taking_up(transactional_db, policy):
    declaration = make_declaration(status="submitted")
    _, signatory, official = people_of(declaration)
    shown = [Declaration.objects.get(pk=declaration.pk) for _ in range(2)]
    results = together(
        lambda: workflow.fire(shown[0], "withdraw", actor=signatory, version=shown[0].version),
        lambda: workflow.fire(shown[1], "take_up", actor=official, version=shown[1].version),
    )
    assert sum(isinstance(one, workflow.StaleState) for one in results) == 1
    assert Declaration.objects.get(pk=declaration.pk).status in ("draft", "in_review")
