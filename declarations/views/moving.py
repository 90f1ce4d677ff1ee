"""A draft and the next edition: what would change, and the move."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations import moving
from declarations.views.common import WRITERS, own_declaration
from smartfactory.access import roles
from smartfactory.workflow import StaleState

RELATED = ("track__campaign__edition", "enterprise__authority", "enterprise__soe")


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def declaration_move(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS, related=RELATED)
    if request.method == "POST":
        return _move(request, declaration)
    return _page(request, declaration)


def _move(request: HttpRequest, declaration) -> HttpResponse:
    sent = request.POST.get("version", "")
    version = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0
    try:
        done = moving.move(declaration, request.POST.get("track", ""), version=version, actor=request.user)
    except moving.NoMove as error:
        messages.error(request, f"{error}。没有转")
        return _page(request, declaration, 422)
    except StaleState:
        messages.warning(request, "申报书在您打开之后有了变化，这次没有转。请看过再办")
        return _page(request, declaration, 409)
    messages.success(request, f"已转到{done.track.title}，编号 {done.number}")
    return redirect("declaration_detail", done.public_id)


def _page(request: HttpRequest, declaration, status: int = 200) -> HttpResponse:
    found = [(one, moving.report(declaration, one)) for one in moving.targets(declaration)[:1]]
    context = {"declaration": declaration, "found": found, "movable": moving.movable(declaration)}
    return render(request, "declarations/move.html", context, status=status)
