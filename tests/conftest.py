"""Fixtures of the whole suite. The environment is laid out before Django reads its settings."""

from tests.support import engine as test_engine

test_engine.prepare()

import io  # noqa: E402

import django  # noqa: E402

django.setup()
test_engine.settle()

import pytest  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client, TransactionTestCase  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from tests.support import baseline, processes  # noqa: E402
from tests.support import browser as chromium  # noqa: E402

# How long an example takes says something about the machine, not about the product.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# Transactional tests go back to the baseline instead of emptying every table (see tests/support/baseline.py).
TransactionTestCase._fixture_teardown = lambda self: baseline.restore()


@pytest.fixture(scope="session")
def engine():
    """The name of the engine under test: sqlite or postgres."""
    return test_engine.name()


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """Each test process has a database name of its own already."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Load every edition once; all tests begin with that. What went wrong is told to those who ask for `policy`."""
    problem = None
    with django_db_blocker.unblock():
        try:
            call_command("load_edition", "--all", verbosity=0, stdout=io.StringIO())
        except Exception as error:
            problem = error
        baseline.remember()
    return problem


@pytest.fixture
def policy(db, django_db_setup):
    """All editions of fixtures/editions are in the database."""
    if django_db_setup is not None:
        raise django_db_setup


@pytest.fixture
def client_for():
    """Return a function that gives a signed-in test client for a user."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def run_jobs(db):
    """Return a function that does all waiting background jobs now, in this process, and returns them."""
    from smartfactory import jobs
    from smartfactory.models import Job, JobState

    def run():
        waiting = list(Job.objects.filter(state=JobState.PENDING).order_by("pk"))
        for job in waiting:
            jobs.run(job.pk)
            job.refresh_from_db()
        return waiting

    return run


@pytest.fixture
def real_worker(transactional_db, settings):
    """A Celery worker process on the test's database; what the test enqueues goes to it through the broker."""
    from smartfactory.celery import app

    app.conf.task_always_eager = False
    with processes.worker(JOB_LEASE_SECONDS="3") as process:
        yield process
    app.conf.task_always_eager = True


@pytest.fixture
def real_server(transactional_db):
    """Gunicorn on the test's database; has .url, .kill(), .start()."""
    with processes.web() as process:
        yield process


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = chromium.launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def page_for(browser, live_server, settings):
    """Return a function that opens a page, signed in as a user if one is given; errors on any page fail the test."""
    settings.SITE_URL = live_server.url
    watch, contexts = chromium.Watch(), []

    def open_page(user=None, *, viewport=chromium.DESKTOP, **options):
        context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=viewport, **options)
        context.set_default_timeout(40_000)
        contexts.append(context)
        if user is not None:
            context.add_cookies([_session_cookie(user, live_server.url)])
        page = context.new_page()
        watch.attach(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.findings == []


@pytest.fixture
def page(page_for):
    """A page nobody has signed in on."""
    return page_for()


def _session_cookie(user, url):
    from django.conf import settings

    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}
