"""Write transactions on SQLite queue up instead of failing; on PostgreSQL the same promises hold by themselves."""

import threading
import time

import pytest
from django.db import connection, connections, transaction

from smartfactory.models import Authority
from tests.support.together import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def authority():
    return Authority.objects.create(code="999999", name="测试单位", short_name="测试", kind="district", path="999999/")


def _count_up(pk):
    with transaction.atomic():
        row = Authority.objects.select_for_update().get(pk=pk)
        row.order += 1
        row.save(update_fields=["order"])


def test_no_update_is_lost_among_thirty_writers(authority):
    before = authority.order
    results = together(*[lambda: [_count_up(authority.pk) for _ in range(5)]] * 30)
    assert [result for result in results if isinstance(result, Exception)] == []
    authority.refresh_from_db()
    assert authority.order == before + 150


def test_a_busy_writer_does_not_starve_another(authority):
    """With SQLite's own waiting, a writer beside this one gives up after the whole timeout."""
    stop = threading.Event()

    def hog():
        try:
            while not stop.is_set():
                with transaction.atomic():
                    Authority.objects.filter(pk=authority.pk).update(short_name="忙")
                    time.sleep(0.05)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hog)
    thread.start()
    try:
        waits = []
        for _ in range(5):
            started = time.monotonic()
            with transaction.atomic():
                Authority.objects.filter(pk=authority.pk).update(short_name="等")
            waits.append(time.monotonic() - started)
    finally:
        stop.set()
        thread.join()
    assert max(waits) < 2


def test_the_queue_is_left_when_a_transaction_fails(authority, engine):
    if engine != "sqlite":
        assert connection.vendor == "postgresql"
        return
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - the write is what must be undone
        Authority.objects.filter(pk=authority.pk).update(order=1)
        _ = 1 / 0
    assert not connection._queue._held
    assert together(lambda: _count_up(authority.pk), seconds=5) == [None]
