"""A declaration's home: what there is to do, and where it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations.presenting import Workspace
from declarations.team import members, work
from declarations.timeline import history
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from declarations.views.work import here
from smartfactory.access import roles
from smartfactory.workflow import available


@require_GET
@roles(*MEMBERS)
def declaration_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    space = Workspace(declaration, request.user)
    withdrawals = [one for one in available(declaration, request.user) if one.name.startswith("withdraw")]
    context = {"declaration": declaration, "space": space, "history": history(declaration), "withdrawals": withdrawals}
    if declaration.editable:
        people = members.members(declaration.enterprise)
        context["writers"] = list(dict.fromkeys(one.user for one in people if one.role in WRITERS))
        context |= {"assigned": work.assigned(declaration), "here": here(declaration, request.user)}
    return render(request, "declarations/detail.html", context)
