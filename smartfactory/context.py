"""What every page knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from smartfactory import navigation


def page(request: HttpRequest) -> dict[str, object]:
    return {
        "navigation": navigation.items(request),
        "demo": settings.DEMO,
        "site_url": settings.SITE_URL,
        # Why the act just sent was not done: the page is the answer to it.
        "refusals": getattr(request, "problems", ()),
    }
