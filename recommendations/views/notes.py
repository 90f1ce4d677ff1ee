"""The office's own notes on the review page."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from recommendations.notes import service
from recommendations.views import reviews
from recommendations.views.common import DESK, say, whole
from smartfactory.access import roles
from smartfactory.appending import seen
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, WorkflowError

CROSSED = "同事刚又写了一条备注，您这条还没有保存。请看过新的一条再保存。"


@require_POST
@keeping_text
@roles(*DESK)
def write(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration, sent = reviews.declaration_for(request, public_id), request.POST
    try:
        service.write(
            declaration,
            text=sent.get("note-text", ""),
            corrects=whole(sent.get("note-corrects"), 0),
            seen=seen(sent.get("note-seen")),
            actor=request.user,
        )
    except Blocked as error:
        request.problems = [replace(one, fix_url=f"#{one.field}") for one in error.problems]
        return reviews.page(request, declaration, 422)
    except WorkflowError as error:
        return reviews.page(request, declaration, say(request, error, CROSSED))
    messages.success(request, "备注已保存，只有本单位的人看得到。")
    return redirect("review_detail", public_id)
