"""The demonstration for journeys."""

import io

import pytest
from django.core.management import call_command

from smartfactory.celery import app


@pytest.fixture
def demo(transactional_db, settings):
    """The demonstration, its documents still waiting for a worker; what a journey itself asks for is done at once."""
    settings.DEMO = True
    app.conf.task_always_eager = False
    call_command("load_authorities", stdout=io.StringIO())
    call_command("demo", stdout=io.StringIO())
    app.conf.task_always_eager = True
