"""Messages of a person, and the dates of a declaration for the calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations import calendar, deadlines, notices
from declarations.models import Notice
from declarations.views.common import MEMBERS, READERS, own_declaration
from smartfactory.access import roles, scope

SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*READERS)
def declaration_messages(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        count = notices.read_all(request.user)
        messages.success(request, f"{count} 条标为已看。" if count else "没有新消息。")
        return redirect("declaration_messages")
    rows = Notice.objects.of(request.user).select_related("declaration__track", "enterprise")[:SHOWN]
    context = {"notices": rows, "unread": notices.unread(request.user), "own": scope(request.user).enterprises}
    return render(request, "declarations/messages.html", context)


@require_GET
@roles(*MEMBERS)
def declaration_calendar(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    text = calendar.calendar(declaration, deadlines.server_time())
    response = HttpResponse(text, content_type=calendar.MIME)
    response.headers["Content-Disposition"] = f'attachment; filename="{declaration.number}.ics"'
    return response
