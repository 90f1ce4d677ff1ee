"""Officials and sealers of one authority at the same list at the same moment."""

import threading
from functools import partial

import pytest
from django.db import IntegrityError
from django.db.models import F

from declarations.models import Declaration
from recommendations import ranking
from recommendations.models import Entry, ListStatus, RankMove, RecommendationList, Seal
from smartfactory import workflow
from smartfactory.models import AuditEntry, Role
from tests.factories import recommendations as make
from tests.factories.declarations import people_of
from tests.races import broken
from tests.support.together import at_once, together

pytestmark = pytest.mark.race

MOVES = 12


def seen(one):
    """The list as a page shows it: rows and version of one moment."""
    return RecommendationList.objects.select_related("authority", "track").get(pk=one.pk)


def fire(one, name, actor, **more):
    return workflow.fire(one, name, actor=actor, version=one.version, **more)


def done(results):
    """How many of the acts happened; whatever else came must be a refusal in words."""
    assert [found for found in results if isinstance(found, Exception) and not _refusal(found)] == []
    return sum(not isinstance(found, Exception) for found in results)


def _refusal(found):
    return isinstance(found, workflow.WorkflowError)


def anyhow(obj, act, version):
    """workflow._move() with the guard taken away: it looks neither at the source status nor at the version."""
    step = act.transition
    type(obj)._base_manager.filter(pk=obj.pk).update(
        status=step.target, version=F("version") + 1, status_act=step.name, status_by=act.actor
    )


@pytest.fixture
def frozen(province, ranked):
    one = ranked(5)
    return fire(one, "freeze", province.official)


@pytest.fixture
def sealers(province):
    return [province.sealer, make.person(province.authority, Role.SEALER)]


# Reordering


def shuffle(one, entries, place, actor):
    """One person's act on the list as everybody saw it: some move, some remove."""
    entry = entries[place % one.size]
    if place % 4 == 3:
        return ranking.remove_entry(one, entry, actor=actor, version=one.version)
    return ranking.move(one, entry, one.size - place, actor=actor, version=one.version)


def test_reordering_against_reordering_and_removal(province, ranked):
    one = ranked(9)
    officials = [province.official, *(make.colleague(province) for _ in range(MOVES - 1))]
    for _ in range(5):
        entries = list(one.entries.order_by("rank"))
        acts = [partial(shuffle, seen(one), entries, place, person) for place, person in enumerate(officials)]
        assert done(together(*acts)) == 1
        assert broken.ranks(one) + broken.log(one) == []
    assert seen(one).version == one.version + 5


def test_reordering_what_one_saw_loses_ranks(province, ranked, monkeypatch):
    """The control: without the claim on the version, two people write the order each had read."""
    one = ranked(6)
    read, mine = threading.Barrier(2), threading.local()

    def careless(act, place):
        fresh = seen(one)
        mine.order = list(fresh.entries.order_by("rank"))
        read.wait(10)
        act(fresh, mine.order[place])

    monkeypatch.setattr(ranking, "_take", lambda one, version, **changes: None)
    monkeypatch.setattr(ranking, "_ordered", lambda one: mine.order)
    results = together(
        lambda: careless(lambda one, entry: ranking.move(one, entry, 1, actor=province.official, version=1), 5),
        lambda: careless(lambda one, entry: ranking.remove_entry(one, entry, actor=province.official, version=1), 2),
    )
    assert broken.ranks(one) or any(isinstance(found, IntegrityError) for found in results)


def test_undo_against_a_colleagues_move(province, ranked):
    one = ranked(5)
    ranking.move(one, one.entries.get(rank=5), 1, actor=province.official, version=one.version)
    other = make.colleague(province)
    mine, theirs = seen(one), seen(one)
    results = together(
        lambda: ranking.undo(mine, actor=province.official, version=mine.version),
        lambda: ranking.move(theirs, theirs.entries.get(rank=2), 4, actor=other, version=theirs.version),
    )
    assert done(results) == 1
    assert broken.ranks(one) + broken.log(one) == []
    assert RankMove.objects.filter(undone=True).count() in (0, 2)


# Freezing


def freeze_and_add(one, desk, declaration):
    mine, theirs = seen(one), seen(one)
    return together(
        lambda: fire(mine, "freeze", desk.official),
        lambda: ranking.add_entry(theirs, declaration, actor=make.colleague(desk)),
    )


def test_freezing_against_adding(province, ranked, crowd):
    one = ranked(3)
    assert done(freeze_and_add(one, province, crowd(1)[0])) == 1
    one.refresh_from_db()
    expected = {"frozen": 3, "draft": 4}
    assert (one.size, one.entries.count()) == (expected[one.status],) * 2
    assert broken.ranks(one) == []


def test_freezing_anyhow_freezes_what_nobody_saw(province, ranked, crowd, monkeypatch):
    """The control: both acts are let in, and the frozen list has an entry more than was frozen."""
    one = ranked(3)
    monkeypatch.setattr(workflow, "_move", anyhow)
    monkeypatch.setattr(
        ranking,
        "_take_place",
        lambda one, *, free: RecommendationList.objects.filter(pk=one.pk).update(size=F("size") + 1),
    )
    assert done(freeze_and_add(one, province, crowd(1)[0])) == 2
    one.refresh_from_db()
    assert (one.status, one.entries.count()) == ("frozen", 4)


# Sealing


def seal_twice(one, sealers):
    shown = [seen(one) for _ in sealers]
    return together(*[lambda n=n: fire(shown[n], "seal", sealers[n]) for n in range(len(sealers))])


def test_two_sealers_make_one_seal(frozen, sealers):
    assert done(seal_twice(frozen, sealers)) == 1
    seal = Seal.objects.get(list=frozen)
    assert seen(frozen).status_by_id == seal.sealed_by_id
    assert AuditEntry.objects.filter(act="recommendationlist.seal", outcome="ok").count() == 1
    assert {entry.declaration.status for entry in frozen.entries.select_related("declaration")} == {"recommended"}


def test_one_sealer_who_clicks_twice_makes_one_seal(frozen, sealers):
    results = seal_twice(frozen, [sealers[0]] * 2)
    assert done(results) == 2
    assert Seal.objects.filter(list=frozen).count() == 1


def test_sealing_anyhow_reaches_the_writing_twice(frozen, sealers, monkeypatch):
    """The control: the second sealer is no longer told, but runs into the database's last line."""
    monkeypatch.setattr(workflow, "_move", anyhow)
    monkeypatch.setattr(workflow, "_carry_out", at_once(workflow._carry_out, len(sealers)))
    results = seal_twice(frozen, sealers)
    assert sum(isinstance(found, IntegrityError) for found in results) == 1


def order_of(one):
    return [row.declaration.public_id for row in one.entries.select_related("declaration").order_by("rank")]


def halves(one, agreed):
    """Say where the sealed content, the rows and what the sealer saw differ."""
    seal = Seal.objects.filter(list=one).first()
    if seal is None:
        return []
    sealed = [row["declaration"] for row in seal.content["entries"]]
    wrong = [] if seen(one).status == ListStatus.SEALED else [f"sealed, but {seen(one).status}"]
    wrong += [] if sealed == order_of(one) else ["rows differ from the seal"]
    return wrong + ([] if sealed == agreed else ["sealed what the sealer did not see"])


def edit_while_sealing(one, desk, *, edited=None):
    """Both act on what they had read; with `edited` the seal comes after the edit, as an unlucky moment has it."""
    mine, theirs = seen(one), seen(one)

    def edit():
        fresh = fire(theirs, "unfreeze", desk.official)
        ranking.move(fresh, fresh.entries.get(rank=5), 1, actor=desk.official, version=fresh.version)
        if edited:
            edited.set()

    def seal():
        if edited:
            edited.wait(10)
        return fire(mine, "seal", desk.sealer)

    return together(seal, edit)


def test_sealing_against_taking_back_and_moving(province, frozen):
    agreed = order_of(frozen)
    assert done(edit_while_sealing(frozen, province)) == 1
    assert halves(frozen, agreed) == []
    assert (seen(frozen).status == "sealed") == Seal.objects.filter(list=frozen).exists()


def test_sealing_anyhow_seals_something_else(province, frozen, monkeypatch):
    """The control: the edit and the seal both happen, and the seal does not say what the sealer read."""
    agreed = order_of(frozen)
    monkeypatch.setattr(workflow, "_move", anyhow)
    assert done(edit_while_sealing(frozen, province, edited=threading.Event())) == 2
    assert halves(frozen, agreed) == ["sealed what the sealer did not see"]


def test_sealing_against_reopening_one_of_its_declarations(province, frozen):
    entry = frozen.entries.select_related("declaration").get(rank=3)
    official = people_of(entry.declaration)[2]
    shown = Declaration.objects.get(pk=entry.declaration_id)
    mine = seen(frozen)
    results = together(
        lambda: fire(mine, "seal", province.sealer), lambda: fire(shown, "reopen", official, note="材料有新情况")
    )
    assert done(results) == 1
    status = Declaration.objects.get(pk=shown.pk).status
    assert (seen(frozen).status, status) in {("sealed", "recommended"), ("frozen", "in_review")}
    assert Entry.objects.filter(list=frozen).count() == 5


# A list below and the list above


def test_withdrawing_below_against_freezing_above(province):
    """Whatever comes first: nothing is sealed above that its own list below no longer carries."""
    make.cap_cities()
    city = make.make_desk("990101")
    low = make.open_list(city)
    ranking.add_entry(low, make.qualified(), actor=city.official)
    low = make.sealed(low, city)
    high = make.open_list(province)
    (candidate,) = ranking.candidates(high)
    ranking.add_entry(high, candidate.declaration, actor=province.official, source=candidate.source)
    below, above = seen(low), seen(high)
    results = together(
        lambda: fire(below, "supersede", city.sealer, note="漏报一家"), lambda: fire(above, "freeze", province.official)
    )
    assert 1 <= done(results) <= 2
    above = seen(high)
    if above.status == "frozen" and seen(low).status == "superseded":
        with pytest.raises(workflow.Blocked):
            fire(above, "seal", province.sealer)
    assert not Seal.objects.filter(list=high).exists()
