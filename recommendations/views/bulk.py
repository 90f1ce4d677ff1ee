"""审核: one act on many declarations: what would happen, doing it, and what became of each."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from declarations.models import Declaration
from recommendations.models import BulkRun
from recommendations.queue import bulk, duties, filters
from recommendations.queue.page import Queue
from recommendations.queue.rules import rules
from recommendations.views.common import whole
from smartfactory.access import roles
from smartfactory.models import Role, User
from smartfactory.models.base import random_id
from smartfactory.workflow import NotAllowed

NOTHING = "还没有选中申报书。请在左边勾选，或选“按上面条件找到的都选”。"


@require_POST
@roles(Role.OFFICIAL)
def preview(request: HttpRequest) -> HttpResponse:
    """What would happen to each; nothing has happened yet."""
    act, query = request.POST.get("act", ""), filters.parse(QueryDict(request.POST.get("query", "")[:2000]).dict())
    back = f"{reverse('review_queue')}?{query.text() or 'status='}"
    if act not in bulk.ACTS or (member := _member(request, act)) is False:
        return _back(request, back, "没有选要办什么，或选的承办人不在本单位。请重新选择。")
    rows = _rows(request, query)
    if not rows:
        return _back(request, back, NOTHING)
    plan = bulk.plan(rows, act, member or None, actor=request.user)
    context = {"plan": plan, "back": back, "token": random_id(), "most": rules().bulk, "member": _member_code(request)}
    return render(request, "recommendations/bulk.html", context)


def _back(request: HttpRequest, back: str, words: str) -> HttpResponse:
    messages.warning(request, words)
    return redirect(back)


def _rows(request: HttpRequest, query: filters.Query) -> list[Declaration]:
    """What was ticked, or everything the filters find, up to as many as may be done at once."""
    if "every" not in request.POST:
        return bulk.chosen(request.user, request.POST.getlist("pick"))
    queue = Queue(request.user, QueryDict(query.text()))
    ids = queue.found.values_list("public_id", flat=True)[: rules().bulk]
    return bulk.chosen(request.user, ids)


def _member(request: HttpRequest, act: str) -> User | bool | None:
    """Whom to give it to; None: nobody in particular; False: nobody of this desk."""
    code = request.POST.get("member", "")
    if act != bulk.GIVE or not code:
        return None
    if code == filters.MINE:
        return request.user
    known = {one.pk: one for one in duties.colleagues(duties.desk_of(request.user))}
    return known.get(whole(code, -1), False)


def _member_code(request: HttpRequest) -> str:
    return request.POST.get("member", "")


@require_POST
@roles(Role.OFFICIAL)
def start(request: HttpRequest) -> HttpResponse:
    """Do it to the rows that were confirmed, each at the version that was shown."""
    act, token = request.POST.get("act", ""), request.POST.get("token", "")
    seen = dict(_seen(one) for one in request.POST.getlist("row")[: rules().bulk])
    rows = bulk.chosen(request.user, seen)
    if act not in bulk.ACTS or not rows or (member := _member(request, act)) is False:
        return _back(request, reverse("review_queue"), NOTHING)
    plan = bulk.Plan(act, member or None, [bulk.Line(one, seen[one.public_id]) for one in rows])
    try:
        run = bulk.start(plan, seen, token if re.fullmatch("[0-9a-f]{32}", token) else random_id(), actor=request.user)
    except NotAllowed:
        return _back(request, reverse("review_queue"), "您在这个单位没有做这件事的角色。")
    return redirect("review_bulk_result", run.public_id)


def _seen(text: str) -> tuple[str, int]:
    public_id, _, version = text.partition(":")
    return public_id[:32], whole(version, -1) if whole(version, -1) >= 0 else 0


@roles(Role.OFFICIAL)
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    """What became of each row; a part of the page asks again while there is something left to do."""
    rows = BulkRun.objects.select_related("job", "by", "member")
    run = rows.get_for(request.user, public_id=public_id)
    lines = list(run.rows.select_related("declaration__enterprise"))
    context = {"run": run, "lines": lines, "summary": bulk.summary(lines), "word": bulk.ACTS.get(run.act, "")}
    name = "bulk_rows" if request.headers.get("HX-Request") else "bulk_result"
    return render(request, f"recommendations/{name}.html", context)
