"""完整件调阅: asking from a declaration or a sealed list, and the second person's word."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from declarations.models import Declaration
from recommendations import releases
from recommendations.models import RecommendationList, Release
from recommendations.models.list import CLOSED
from recommendations.views.common import DESK, list_for, say, whole
from recommendations.views.lists import page as list_page
from recommendations.views.reviews import declaration_for
from recommendations.views.reviews import page as review_page
from smartfactory.access import roles
from smartfactory.text import clean
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import WorkflowError, available, fire

ASKED = "已申请。同单位另一位同事同意后，您可以下载完整件。"
DONE = {"give": "已同意调阅。", "refuse": "没有同意。", "end": "已收回，不能再下载完整件。"}
STALE = "这件申请在您打开这一页之后已经办过，这次没有改动。"


@require_POST
@keeping_text
@roles(*DESK)
def of_declaration(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = declaration_for(request, public_id)
    try:
        _ask(request, declaration)
    except WorkflowError as error:
        return review_page(request, declaration, say(request, error))
    return redirect("review_detail", public_id)


@require_POST
@keeping_text
@roles(*DESK)
def of_list(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    if one.status not in CLOSED or releases.desk_of(one, request.user) is None:
        raise Http404
    try:
        _ask(request, one)
    except WorkflowError as error:
        return list_page(request, one, say(request, error))
    return redirect("list_detail", public_id)


def _ask(request: HttpRequest, thing: Declaration | RecommendationList) -> None:
    releases.ask(thing, clean(request.POST.get("for", "")), actor=request.user)
    messages.success(request, ASKED)


def _release(request: HttpRequest, public_id: str) -> Release:
    rows = Release.objects.select_related(
        "authority", "asked_by", "status_by", "declaration__enterprise", "declaration__track",
        "list__authority", "list__track",
    )  # fmt: skip
    return rows.get_for(request.user, public_id=public_id)


@require_GET
@roles(*DESK)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _release(request, public_id))


def _page(request: HttpRequest, one: Release, status: int = 200) -> HttpResponse:
    context = {"release": one, "acts": available(one, request.user), "own": one.asked_by_id == request.user.pk}
    return render(request, "recommendations/release.html", context, status=status)


@require_POST
@roles(*DESK)
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    one, name = _release(request, public_id), request.POST.get("act", "")
    if name not in DONE:
        raise Http404
    try:
        fire(one, name, actor=request.user, version=whole(request.POST.get("version"), -1))
    except WorkflowError as error:
        return _page(request, _release(request, public_id), say(request, error, STALE))
    messages.success(request, DONE[name])
    return redirect("release_detail", public_id)
