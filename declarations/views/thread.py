"""The enterprise's side of a thread."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from declarations.thread.posting import handle
from declarations.views import tasklist
from declarations.views.common import WRITERS, own_declaration
from smartfactory.access import roles
from smartfactory.views.keeping import keeping_text


@require_POST
@keeping_text
@roles(*WRITERS)
def declaration_thread(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    if status := handle(request, declaration):
        return tasklist.page(request, own_declaration(request.user, public_id, *WRITERS), status)
    return redirect("declaration_detail", public_id)
