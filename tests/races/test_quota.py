"""The quota under a rush: fifty officials add at the same moment, a hundred times over."""

import threading
import time

import pytest

from recommendations import ranking
from recommendations.models import Entry, ListStatus, RecommendationList
from smartfactory import workflow
from tests.factories import recommendations as make
from tests.races import broken
from tests.support.together import together

pytestmark = pytest.mark.race

ROUNDS, ACTORS, LIMIT = 100, 50, 20


class Rounds:
    """The same actors round after round on a fresh list each, so that connections are made only once."""

    def __init__(self, desk, rounds, actors):
        self.desk, self.one, self.rounds, self.broken = desk, None, rounds, []
        self.accepted = [[] for _ in range(rounds)]
        self.gate = threading.Barrier(actors)

    def actor(self, declaration, leads):
        for number in range(self.rounds):
            if leads:
                self._turn()
            self.gate.wait(60)
            self.accepted[number].append(self._add(declaration))
            self.gate.wait(60)
        if leads:
            self._judge()

    def _add(self, declaration):
        one = RecommendationList.objects.select_related("authority", "track").get(pk=self.one.pk)
        try:
            ranking.add_entry(one, declaration, actor=self.desk.official)
        except workflow.Blocked:
            return 0
        return 1

    def _turn(self):
        self._judge()
        self.one = make.open_list(self.desk)

    def _judge(self):
        if self.one is not None:
            self.broken += broken.ranks(self.one) + broken.quota(self.one)
            RecommendationList.objects.filter(pk=self.one.pk).update(status=ListStatus.SUPERSEDED)


def test_fifty_at_once_a_hundred_times_never_pass_the_limit(province, crowd, record_property):
    declarations = crowd(ACTORS)
    rush = Rounds(province, ROUNDS, ACTORS)
    started = time.monotonic()
    acts = [lambda d=d, n=n: rush.actor(d, n == 0) for n, d in enumerate(declarations)]
    assert [one for one in together(*acts, seconds=240) if one is not None] == []
    record_property("seconds", round(time.monotonic() - started, 1))
    assert rush.broken == []
    assert [sum(one) for one in rush.accepted] == [LIMIT] * ROUNDS
    assert Entry.objects.count() == ROUNDS * LIMIT
