"""Chooses the engine (TEST_ENGINE=sqlite|postgres) and lays out the environment before Django reads its settings.

One run has one folder and, for PostgreSQL, one server and one Redis, started by the process that the person called;
the processes of pytest-xdist find them in the environment and use a database of their own.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.support import postgres, redis

SETTINGS = "tests.support.settings"


def name():
    engine = os.environ.get("TEST_ENGINE", "sqlite")
    if engine not in {"sqlite", "postgres"}:
        raise SystemExit(f"TEST_ENGINE={engine}: expected sqlite or postgres")
    return engine


def prepare():
    """Set VAR_DIR, DATABASE_URL, REDIS_URL and the rest for this process."""
    run = Path(os.environ.get("TEST_RUN_DIR") or _new_run())
    me = os.environ.get("PYTEST_XDIST_WORKER", "main")
    var = run.resolve() / me
    (var / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE=SETTINGS,
        VAR_DIR=str(var),
        CELERY_EAGER="1",
        SQLITE_SYNCHRONOUS="OFF",
        DEBUG="1",
        DEMO="0",
        LOG_LEVEL="ERROR",
        # Playwright keeps an event loop in the thread that also uses the ORM.
        DJANGO_ALLOW_ASYNC_UNSAFE="1",
    )
    for variable in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SITE_URL"):
        os.environ.pop(variable, None)
    if name() == "postgres":
        os.environ["DATABASE_URL"] = f"{os.environ['TEST_POSTGRES']}/test_{me}"
        os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS']}/{_number(me)}"


def settle():
    """After Django's setup: make sure it read this environment, and do not pass the module's name on.

    pytest-django would load it in an xdist process before that process has laid out its own environment.
    """
    from django.conf import settings

    assert str(settings.VAR) == os.environ["VAR_DIR"], "unset DJANGO_SETTINGS_MODULE before running the tests"
    del os.environ["DJANGO_SETTINGS_MODULE"]


def child_environment():
    """Return the environment of a real web or worker process beside the tests: same database, real background work."""
    return {**os.environ, "CELERY_EAGER": "0", "DJANGO_SETTINGS_MODULE": SETTINGS}


def _new_run():
    """Start what the whole run shares; this process stops it again."""
    run = tempfile.mkdtemp(prefix="smartfactory-test-")
    os.environ["TEST_RUN_DIR"] = run
    atexit.register(shutil.rmtree, run, ignore_errors=True)
    if name() == "postgres":
        os.environ["TEST_POSTGRES"] = postgres.start()
        os.environ["TEST_REDIS"] = redis.start()
    return run


def _number(worker):
    """Redis has sixteen numbered databases: one for each test process."""
    return int(worker.removeprefix("gw")) + 1 if worker.startswith("gw") else 0
