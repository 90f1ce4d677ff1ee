"""联合审核: the pages of a department that stands beside a recommending unit."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from recommendations.models import RecommendationList
from recommendations.models.opinion import Stance
from recommendations.opinions import service, standing
from recommendations.views.common import say
from smartfactory.access import roles
from smartfactory.appending import seen
from smartfactory.models import Role
from smartfactory.text import clean
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, WorkflowError

STALE = "名单在您打开这一页之后有了变化，或者同事刚表了态，您的意见没有签署。下面是现在的样子，请看过再签。"
RELATED = ("authority", "track__campaign__edition")
SHOWN = 100


@require_GET
@roles(Role.DEPARTMENT)
def index(request: HttpRequest) -> HttpResponse:
    rows = RecommendationList.objects.beside(request.user).select_related(*RELATED).order_by("-pk")[:SHOWN]
    return render(request, "recommendations/opinions.html", {"lists": rows, "open": service.OPEN})


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(Role.DEPARTMENT)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    one = RecommendationList.objects.beside(request.user).select_related(*RELATED).filter(public_id=public_id).first()
    if one is None:
        raise Http404
    if request.method == "POST":
        return _sign(request, one)
    return _page(request, one)


def _page(request: HttpRequest, one: RecommendationList, status: int = 200) -> HttpResponse:
    own = service.own(request.user, one)
    entries = one.entries.order_by("rank").select_related(
        "declaration__enterprise__authority", "declaration__enterprise__soe"
    )
    context = {
        "list": one,
        "entries": entries,
        "voices": standing.voices(one),
        "own": own[0] if own else None,
        "last": service.last(one, own[0].key) if own else 0,
        "basis": standing.basis(one),
        "stances": Stance.choices,
        "may_sign": bool(own) and one.status in service.OPEN,
        "sent": request.POST,
    }
    return render(request, "recommendations/opinion.html", context, status=status)


def _sign(request: HttpRequest, one: RecommendationList) -> HttpResponse:
    sent = request.POST
    try:
        service.sign(
            one,
            department=sent.get("department", ""),
            stance=sent.get("stance", ""),
            text=sent.get("opinion-text", ""),
            about=clean(sent.get("opinion-about", ""))[:32],
            basis=sent.get("basis", ""),
            seen=seen(sent.get("seen")),
            actor=request.user,
        )
    except Blocked as error:
        request.problems = [replace(found, fix_url=f"#{found.field}") for found in error.problems]
        return _page(request, one, 422)
    except WorkflowError as error:
        return _page(
            request, RecommendationList.objects.select_related(*RELATED).get(pk=one.pk), say(request, error, STALE)
        )
    messages.success(request, "意见已签署，推荐单位能看到。写错了可以再签一次，以最后一次为准，前面的都保留。")
    return redirect("opinion_detail", one.public_id)
