"""Security headers, text without NUL, the audit's knowledge of the request, refusals in words, and idle sessions."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from smartfactory import audit
from smartfactory.views import errors

Handler = Callable[[HttpRequest], HttpResponse]
# Bootstrap's select arrow and check marks are data: images; everything else comes from here.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; script-src 'self'; style-src 'self'"
)


class SecurityHeadersMiddleware:
    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class NoNulMiddleware:
    """PostgreSQL refuses NUL in text: an address with one does not exist, and what is sent loses it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        """Not earlier: the page that says "not found" needs to know who asks."""
        if "\x00" in request.path_info:
            raise Http404
        request.GET = _without_nul(request.GET)
        if request.method == "POST":
            request.POST = _without_nul(request.POST)


def _without_nul(sent: QueryDict) -> QueryDict:
    if not any("\x00" in text for name, values in sent.lists() for text in (name, *values)):
        return sent
    kept = QueryDict(mutable=True)
    for name, values in sent.lists():
        kept.setlist(name.replace("\x00", ""), [text.replace("\x00", "") for text in values])
    kept._mutable = False
    return kept


class AuditContextMiddleware:
    """Names the request for every audit entry written while it is handled."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = secrets.token_hex(8)
        with audit.request_context(ip=request.META.get("REMOTE_ADDR", ""), request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response


class SpokenRefusalMiddleware:
    """Where a method is not taken, a person gets a page with a way back instead of an empty one."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content:
            return response
        spoken = errors.not_allowed(request)
        spoken.headers["Allow"] = response.headers.get("Allow", "")
        return spoken


class IdleTimeoutMiddleware:
    """Ends a session that saw no page or real input for SESSION_IDLE_MINUTES; background polling does not extend it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request: HttpRequest) -> None:
        now = int(time.time())
        seen = request.session.get("seen", now)
        if now - seen > settings.SESSION_IDLE_MINUTES * 60:
            logout(request)
            return
        polling = request.headers.get("X-Background") or request.headers.get("HX-Trigger-Name") == "poll"
        if not polling and (now - seen > 60 or "seen" not in request.session):
            request.session["seen"] = now
