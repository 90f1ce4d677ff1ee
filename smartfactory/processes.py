"""The command lines of the processes, said once for the supervisor, the containers and the operator."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.conf import settings

from smartfactory import env

GUNICORN = [sys.executable, "-m", "gunicorn", "smartfactory.wsgi:application", "--worker-class", "gthread"]
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "smartfactory"]


def address() -> tuple[str, int]:
    return env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000)


def web() -> list[str]:
    """Gunicorn with threads. A process is replaced after some thousand requests so that it stays small."""
    host, port = address()
    options = {
        "bind": f"{host}:{port}",
        "workers": env.integer("WEB_PROCESSES", 2),
        "threads": env.integer("WEB_THREADS", 4),
        "timeout": 60,
        "graceful-timeout": 20,
        "max-requests": 5000,
        "max-requests-jitter": 500,
        "log-level": env.text("WEB_LOG_LEVEL", "warning"),
    }
    flags = ["--no-control-socket", "--preload"]
    if Path("/dev/shm").is_dir():  # noqa: S108  a heartbeat on disk would stall with the disk
        flags += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return [*GUNICORN, *(f"--{name}={value}" for name, value in options.items()), *flags]


def worker(*, with_beat: bool) -> list[str]:
    """A Celery worker with its own pool; the embedded one also keeps the clock (beat)."""
    command = [
        *CELERY, "worker", "--pool=prefork", f"--concurrency={env.integer('WORKER_PROCESSES', 1)}",
        "--without-gossip", "--without-mingle", "--loglevel=WARNING",
    ]  # fmt: skip
    return [*command, "--beat", f"--schedule={_schedule()}"] if with_beat else command


def beat() -> list[str]:
    """The clock alone; there must be exactly one beside any number of workers."""
    return [*CELERY, "beat", f"--schedule={_schedule()}", "--pidfile=", "--loglevel=WARNING"]


def worker_environment() -> dict[str, str]:
    """Temporary files on the disk of the queue, so that a message is moved, not copied; and no system checks.

    They would pull the PDF engine into every process of the worker; only the one that renders needs it.
    """
    folder = settings.VAR / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return {"TMPDIR": os.environ.get("TMPDIR", str(folder)), "CELERY_SKIP_CHECKS": "1"}


def _schedule() -> str:
    return str(settings.VAR / "beat-schedule")
