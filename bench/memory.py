"""Memory of the worker while it draws sixty pages: the whole process tree, and its largest process."""

from __future__ import annotations

import time

from bench import meter
from bench.rows import Row

PATIENCE = 180


def run() -> list[Row]:
    from bench.pdf import sixty_pages
    from smartfactory.models import Job, JobState
    from tests.support.processes import worker

    with worker(DJANGO_SETTINGS_MODULE="bench.settings") as process:
        time.sleep(4)
        idle = meter.memory_mb(process.process.pid)
        with meter.peak(process.process.pid) as seen:
            revision = sixty_pages()
            started = time.perf_counter()
            wait_until_drawn(Job.objects.filter(subject__endswith=f":{revision.pk}"), JobState.READY)
            seconds = time.perf_counter() - started
    return [
        Row("worker, idle (shared pages once)", idle, "MB"),
        Row("worker while drawing, highest", seen["total"], "MB", seen["total"] / 400, "the aim of 400 MB"),
        Row("its largest process", seen["largest"], "MB"),
        Row("until the document is ready", seconds, "s"),
    ]


def wait_until_drawn(jobs, ready) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        states = set(jobs.values_list("state", flat=True))
        if states == {ready}:
            return
        assert "failed" not in states, list(jobs.values_list("error", flat=True))
        time.sleep(0.1)
    raise AssertionError(f"no document after {PATIENCE} s: {states}")
