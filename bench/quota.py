"""Adding to a list with quota 20 by fifty clients at once, against one UPDATE and one INSERT with the same guard."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from bench.rows import Row, compared

CLIENTS, LIMIT, ROUNDS = 50, 20, 5


def run() -> list[Row]:
    from smartfactory.models import Role
    from tests.factories import declarations as make
    from tests.factories.organisations import make_member

    ready = [make.make_declaration(status="qualified") for _ in range(CLIENTS)]
    authority = ready[0].enterprise.receiver
    actors = [make_member(Role.OFFICIAL, authority=authority) for _ in range(CLIENTS)]
    one = open_list(ready[0].track, authority, actors[0])
    acts = [adding(one.pk, declaration, actor) for declaration, actor in zip(ready, actors, strict=True)]
    table()
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(measure(acts))
        assert_full(one)
        empty(one)
        bare.append(measure([bare_adding(number) for number in range(CLIENTS)]))
        empty_table()
    base = statistics.median(bare)
    return [
        Row("guarded UPDATE and INSERT alone, attempts", base, "per s"),
        compared("add_entry, attempts", statistics.median(ours), "per s", base, "UPDATE and INSERT alone"),
        Row("entries after each round", LIMIT, f"of {LIMIT}"),
    ]


def open_list(track, authority, actor):
    from recommendations import ranking

    one = ranking.open_list(track=track, authority=authority, actor=actor)
    type(one).objects.filter(pk=one.pk).update(quota_limit=LIMIT, quota_strength="hard")
    one.refresh_from_db()
    return one


def measure(acts: list[Callable[[], None]]) -> float:
    """Attempts per second, the refused ones included: they too must wait for the verdict."""
    from tests.support.together import together

    started = time.perf_counter()
    problems = [result for result in together(*acts) if isinstance(result, Exception)]
    assert not problems, problems[0]
    return len(acts) / (time.perf_counter() - started)


def adding(pk: int, declaration: object, actor: object) -> Callable[[], None]:
    from recommendations import ranking
    from recommendations.models import RecommendationList
    from smartfactory.workflow import Blocked

    def act() -> None:
        one = RecommendationList.objects.select_related("authority", "track").get(pk=pk)
        try:
            ranking.add_entry(one, declaration, actor=actor)
        except Blocked:
            return

    return act


def assert_full(one: object) -> None:
    ranks = sorted(one.entries.values_list("rank", flat=True))
    assert ranks == list(range(1, LIMIT + 1)), ranks


def empty(one: object) -> None:
    one.entries.all().delete()
    type(one).objects.filter(pk=one.pk).update(size=0)


def table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_list (id integer PRIMARY KEY, size integer NOT NULL)")
        cursor.execute("CREATE TABLE bench_entry (list_id integer, declaration integer, UNIQUE (list_id, declaration))")
        cursor.execute("INSERT INTO bench_list VALUES (1, 0)")


def empty_table() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_entry")
        assert cursor.fetchone() == (LIMIT,)
        cursor.execute("DELETE FROM bench_entry")
        cursor.execute("UPDATE bench_list SET size = 0")


def bare_adding(number: int) -> Callable[[], None]:
    from django.db import connection, transaction

    def act() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE bench_list SET size = size + 1 WHERE id = 1 AND size < %s", [LIMIT])
            if cursor.rowcount:
                cursor.execute("INSERT INTO bench_entry VALUES (1, %s)", [number])

    return act
