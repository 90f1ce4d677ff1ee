"""A declaration's home: what there is to do, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from declarations import content, deadlines
from declarations.presenting import Workspace
from declarations.team import members, work
from declarations.thread import service as thread
from declarations.timeline import history
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from declarations.views.work import here
from declarations.vocabulary import Status
from smartfactory.access import roles
from smartfactory.workflow import available

if TYPE_CHECKING:
    from declarations.models import Declaration


@require_GET
@roles(*MEMBERS)
def declaration_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return page(request, own_declaration(request.user, public_id))


def page(request: HttpRequest, declaration: Declaration, status: int = 200) -> HttpResponse:
    """The page as it stands now, with what the person had typed."""
    space = Workspace(declaration, request.user)
    withdrawals = [one for one in available(declaration, request.user) if one.name.startswith("withdraw")]
    context = {"declaration": declaration, "space": space, "history": history(declaration), "withdrawals": withdrawals}
    context |= _thread(request, declaration)
    if declaration.status == Status.RETURNED:
        context["moved"] = deadlines.moved_by_return(declaration)
    if declaration.editable:
        people = members.members(declaration.enterprise)
        context["writers"] = list(dict.fromkeys(one.user for one in people if one.role in WRITERS))
        context |= {"assigned": work.assigned(declaration), "here": here(declaration, request.user)}
    return render(request, "declarations/detail.html", context, status=status)


def _thread(request: HttpRequest, declaration: Declaration) -> dict[str, Any]:
    """What was asked and answered since it was first handed in."""
    revision = declaration.latest_revision
    if revision is None:
        return {}
    found = thread.of(declaration, request.user)
    rows = content.rows(revision.content, content.describe(declaration.track)) if found.may_write else []
    url = reverse("declaration_revision", args=[declaration.public_id, revision.number])
    return {"thread": found, "thread_rows": rows, "answers_url": url, "sent": request.POST}
