"""The guard of the quota, seen failing without it and holding where a place becomes free."""

import threading
import time

import pytest
from django.db import transaction
from django.db.models import F

from recommendations import ranking
from recommendations.models import Entry, RecommendationList
from smartfactory import workflow
from tests.factories import recommendations as make
from tests.races import broken
from tests.support.together import together

pytestmark = pytest.mark.race


def reload(one):
    return RecommendationList.objects.select_related("authority", "track").get(pk=one.pk)


def add(one, declaration, desk, **more):
    return ranking.add_entry(reload(one), declaration, actor=desk.official, **more)


@pytest.fixture
def one(province, ranked):
    return ranked(2, limit=3)


def test_one_place_and_two_who_want_it(province, one, crowd):
    first, second = crowd(2)
    results = together(*[lambda d=d: add(one, d, province) for d in (first, second)])
    assert sum(isinstance(found, Entry) for found in results) == 1
    assert sum(isinstance(found, workflow.Blocked) for found in results) == 1
    assert broken.ranks(one) + broken.quota(one) + broken.log(one) == []


def test_looking_first_and_adding_afterwards_passes_the_limit(province, one, crowd, monkeypatch):
    """The control: the same two with the conditional UPDATE taken away are both let in."""
    looked = threading.Barrier(2)

    def unguarded(one, *, free):
        RecommendationList.objects.filter(pk=one.pk).update(size=F("size") + 1, version=F("version") + 1)

    def careless(declaration):
        if one.entries.count() < 3:
            looked.wait(10)
            add(one, declaration, province)

    monkeypatch.setattr(ranking, "_take_place", unguarded)
    together(*[lambda d=d: careless(d) for d in crowd(2)])
    assert broken.quota(one) == ["4 of 3"]


def test_same_declaration_added_twice_stands_once(province, one, crowd):
    (declaration,) = crowd(1)
    results = together(*[lambda: add(one, declaration, province)] * 4)
    assert sum(isinstance(found, Entry) for found in results) == 1
    assert broken.ranks(one) + broken.log(one) == []


def test_what_does_not_count_is_counted_when_the_place_is_taken(province, one, crowd):
    """Somebody takes out an entry that does not count while another adds one that does."""
    exempt, third, fourth = crowd(3)
    free = add(one, exempt, province, exempt_reason="承担国家任务")
    add(one, third, province)
    removed = threading.Event()

    def take_out():
        with transaction.atomic():
            ranking.remove_entry(reload(one), free, actor=province.official, version=reload(one).version)
            removed.set()
            time.sleep(0.5)

    def put_in():
        removed.wait(10)
        return add(one, fourth, province)

    results = together(take_out, put_in)
    assert isinstance(results[1], workflow.Blocked)
    assert broken.ranks(one) + broken.quota(one) + broken.log(one) == []


def test_every_rank_is_told_to_one_person_only(province, ranked, crowd):
    one = ranked(1, limit=20)
    results = together(*[lambda d=d: add(one, d, province).rank for d in crowd(12)])
    assert sorted(results) == list(range(2, 14))
    assert make.open_list(province).size == 13
