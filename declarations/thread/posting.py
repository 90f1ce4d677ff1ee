"""Answering the form of a thread, the same on the enterprise's page and on the officials'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.contrib import messages

from declarations.thread import service
from smartfactory.appending import seen
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from django.http import HttpRequest

    from declarations.models import Declaration

CLOSED = "这份申报书现在不能再沟通，没有发出。"


def handle(request: HttpRequest, declaration: Declaration) -> int:
    """Post a message, or mark what there is as seen; 0 when done, else the status with which to draw the page again."""
    if "read" in request.POST:
        count = service.read(declaration, request.user)
        messages.success(request, f"{count} 条标为已看。" if count else "没有新的。")
        return 0
    sent = request.POST
    try:
        text, anchor = sent.get("thread-text", ""), clean(sent.get("thread-anchor", ""))[:120]
        service.post(declaration, text=text, anchor=anchor, seen=seen(sent.get("seen")), actor=request.user)
    except Blocked as error:
        request.problems = [replace(one, fix_url=f"#{one.field}") for one in error.problems]
        return 422
    except StaleState:
        still = type(declaration).objects.filter(pk=declaration.pk, status__in=service.OPEN).exists()
        messages.warning(request, service.CROSSED if still else CLOSED)
        return 409
    except NotAllowed:
        messages.error(request, CLOSED)
        return 403
    messages.success(request, "已发出，对方会收到提醒。")
    return 0
