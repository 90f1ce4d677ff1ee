"""The home page (what is next for this person) and the help page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from smartfactory import home as desk
from smartfactory.access import public, scope, signed_in
from smartfactory.navigation import AUDIENCES


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    found = desk.tasks(request.user)
    tasks = [one for one in found if one.tone != desk.DONE] or found[:1]
    held = scope(request.user)
    audience = next((key for key, roles in AUDIENCES.items() if held.has_any(roles)), "")
    context = {"first": tasks[0] if tasks else None, "tasks": tasks[1:], "audience": audience}
    context["finished"] = [one for one in found if one not in tasks]
    return render(request, "smartfactory/home.html", context)


@public
def help_page(request: HttpRequest) -> HttpResponse:
    context = {
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "lock_minutes": settings.LOGIN_LOCK_MINUTES,
        "failures": settings.LOGIN_FAILURES,
        "max_mb": settings.MAX_UPLOAD_BYTES // 1024 // 1024,
    }
    return render(request, "smartfactory/help.html", context)
