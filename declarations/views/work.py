"""Whose part it is, and who has it open."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from declarations import content
from declarations.forms import version_of
from declarations.models import Declaration
from declarations.team import work
from declarations.team.members import TeamError
from declarations.views.common import DESK, WRITERS, own_declaration
from smartfactory import presence
from smartfactory.access import roles


@require_POST
@roles(*WRITERS)
def declaration_assign(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    key, chosen = request.POST.get("part", ""), request.POST.get("user", "")
    if key not in content.describe(declaration.track).by_key:
        raise Http404
    user_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 12 else None
    try:
        work.assign(declaration, key, user_id, version=version_of(request.POST), actor=request.user)
    except TeamError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "分工已记下。")
    return redirect("declaration_detail", public_id)


@require_POST
@roles(*WRITERS)
def declaration_presence(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """A page says that it is open, and learns who else is at work."""
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    if key not in content.describe(declaration.track).by_key:
        raise Http404
    presence.note(declaration, request.user, key)
    return render(request, "declarations/parts/present.html", {"present": here(declaration, request.user, key)})


def here(declaration: Declaration, user: object, key: str = "") -> list[dict[str, object]]:
    """Colleagues at work, part by part; those in the part `key` first."""
    titles = content.describe(declaration.track).by_key
    found = [
        {"part": f"第{titles[one.place].number}部分", "by": one.user.display, "same": one.place == key}
        for one in presence.others(declaration, user)
        if one.place in titles
    ]
    return sorted(found, key=lambda one: not one["same"])
