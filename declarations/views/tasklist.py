"""A declaration's home: what there is to do, and where it stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations.presenting import Workspace
from declarations.timeline import history
from declarations.views.common import MEMBERS, own_declaration
from smartfactory.access import roles
from smartfactory.workflow import available


@require_GET
@roles(*MEMBERS)
def declaration_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    space = Workspace(declaration, request.user)
    withdrawals = [one for one in available(declaration, request.user) if one.name.startswith("withdraw")]
    context = {"declaration": declaration, "space": space, "history": history(declaration), "withdrawals": withdrawals}
    return render(request, "declarations/detail.html", context)
