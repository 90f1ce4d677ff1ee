"""Memory of the web server before and after work, and of the worker while it draws sixty pages.

Totals count pages that processes share once; the aims stand beside them.
"""

from __future__ import annotations

import time

from bench import load, meter
from bench.rows import Row, compared

PATIENCE = 180
WEB_AIM_MB, WORKER_AIM_MB = 120, 400
REQUESTS_PER_CLIENT = 60


def run() -> list[Row]:
    return [*web_rows(), *worker_rows()]


def web_rows() -> list[Row]:
    """Four signed-in preparers read and save in turn; what a process has grown to it keeps until it is replaced."""
    from bench.web import desk, requests
    from tests.support.processes import web

    desks = [desk() for _ in range(load.CLIENTS)]
    with web(DJANGO_SETTINGS_MODULE="bench.settings", LOG_LEVEL="CRITICAL") as server:
        port, pid = int(server.url.rsplit(":", 1)[1]), server.process.pid
        makers = requests(desks)
        load.run(port, pid, makers["bare view"], each=5)
        idle = meter.memory_mb(pid)
        with meter.peak(pid) as seen:
            for name in ("section page", "autosave"):
                load.run(port, pid, makers[name], each=REQUESTS_PER_CLIENT)
        resting = meter.memory_mb(pid)
    return [
        compared("web, all processes, idle", idle, "MB", WEB_AIM_MB, f"the aim of {WEB_AIM_MB} MB"),
        compared("web, highest under load", seen["total"], "MB", WEB_AIM_MB, f"the aim of {WEB_AIM_MB} MB"),
        Row("web, its largest process", seen["largest"], "MB"),
        Row("web, after the load", resting, "MB"),
    ]


def worker_rows() -> list[Row]:
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
        resting = meter.memory_mb(process.process.pid)
    aim = f"the aim of {WORKER_AIM_MB} MB"
    return [
        Row("worker, all processes, idle", idle, "MB"),
        compared("worker, highest while drawing 60 pages", seen["total"], "MB", WORKER_AIM_MB, aim),
        Row("worker, its largest process", seen["largest"], "MB"),
        Row("worker, afterwards", resting, "MB"),
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
