"""WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.template import engines
from django.urls import get_resolver
from django.utils.translation import gettext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartfactory.settings")
application = get_wsgi_application()


def load_what_is_shared() -> None:
    """Bring in all views, template libraries and messages before gunicorn forks: they are then in memory once.

    Frozen, because the collector would otherwise write to every object, and each process would get its own copy.
    """
    assert get_resolver().url_patterns
    engines.all()
    gettext("Yes")
    gc.collect()
    gc.freeze()


load_what_is_shared()
