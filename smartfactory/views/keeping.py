"""A form sent after the session has ended: its text waits behind a sign-in form of its own and is taken right after.

For every page with a box to write in, of an enterprise or of an office.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from smartfactory import login as gate
from smartfactory.views.account import LoginForm

View = Callable[..., HttpResponse]
# What every form sends beside what was typed: who holds nothing else is led to the login page.
CONTROLS = frozenset({
    "csrfmiddlewaretoken", "version", "review_version", "base", "multiple", "go", "more", "upload", "take_out", "uid",
    "act", "then",
})  # fmt: skip
# What the sign-in itself asks for; the names cannot be those of a field.
ASKED = {"username": "again-username", "password": "again-password"}


def keeping_text(view: View) -> View:
    """Put outside the access declaration: a plain form with text is never answered by an empty login page.

    Scripts get 401 as everywhere and keep their text themselves.
    """

    @functools.wraps(view)
    def kept(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        plain = request.headers.get("X-Requested-With") != "fetch"
        if request.method != "POST" or request.user.is_authenticated or not plain or not _typed(request):
            return view(request, *args, **kwargs)
        form = LoginForm(request, _answers(request), prefix="again")
        if not form.is_bound or not form.is_valid():
            return _ask(request, form)
        login(request, form.user)
        gate.record_login(form.user)
        return view(request, *args, **kwargs)

    return sensitive_post_parameters(ASKED["password"])(kept)


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """The typed text, name by name; empty for a form that carries none."""
    named = set(request.POST) - set(ASKED.values())
    if not named - CONTROLS:
        return []
    return [(name, text) for name in request.POST if name in named for text in request.POST.getlist(name)]


def _answers(request: HttpRequest) -> dict[str, str] | None:
    """Name and password, if this form already asked for them."""
    return request.POST if ASKED["password"] in request.POST else None


def _ask(request: HttpRequest, form: LoginForm) -> HttpResponse:
    carried = [(name, text) for name, text in _typed(request) if name != "csrfmiddlewaretoken"]
    context = {"form": form, "carried": carried, "files": bool(request.FILES)}
    return render(request, "smartfactory/sign_in_again.html", context, status=401)
