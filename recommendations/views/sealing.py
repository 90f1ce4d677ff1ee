"""定稿、封存、作废: the acts that bind an authority."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import sealing as rules
from recommendations.desk import Desk
from recommendations.models import ListStatus, RecommendationList
from recommendations.views import lists
from recommendations.views.common import DESK, list_for, say, whole
from smartfactory.access import roles
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, WorkflowError, fire


@require_POST
@roles(Role.OFFICIAL)
def freeze(request: HttpRequest, public_id: str) -> HttpResponse:
    return _plain(request, public_id, "freeze", "名单已定稿。请另一位用印人核对后封存。")


@require_POST
@roles(*DESK)
def unfreeze(request: HttpRequest, public_id: str) -> HttpResponse:
    return _plain(request, public_id, "unfreeze", "已退回排序，可以继续调整。")


def _plain(request: HttpRequest, public_id: str, name: str, done: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    try:
        fire(one, name, actor=request.user, version=whole(request.POST.get("version"), -1))
    except WorkflowError as error:
        return lists.page(request, list_for(request.user, public_id), say(request, error))
    messages.success(request, done)
    return redirect("list_detail", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(Role.SEALER)
def seal(request: HttpRequest, public_id: str) -> HttpResponse:
    """The dialog's page: what becomes unchangeable, one tick per fact, the typed count, the password."""
    one = list_for(request.user, public_id)
    if request.method == "POST":
        return _seal(request, one)
    if one.status != ListStatus.FROZEN:
        return redirect("list_detail", public_id)
    return _seal_page(request, one, [])


def _seal(request: HttpRequest, one: RecommendationList) -> HttpResponse:
    sent = request.POST
    try:
        rules.confirm_and_seal(
            one,
            actor=request.user,
            version=whole(sent.get("version"), -1),
            password=sent.get("password", ""),
            count=sent.get("count", ""),
            ticks=set(sent.getlist("tick")),
        )
    except Blocked as error:
        return _seal_page(request, one, error.problems, 422)
    except WorkflowError as error:
        return lists.page(request, list_for(request.user, one.public_id), say(request, error))
    messages.success(request, "推荐名单已封存。汇总表和推荐函正在生成。")
    return redirect("list_detail", one.public_id)


def _seal_page(
    request: HttpRequest, one: RecommendationList, problems: list[Problem], status: int = 200
) -> HttpResponse:
    context = {
        "desk": Desk(one, request.user),
        "list": one,
        "problems": [_linked(problem) for problem in problems],
        "ticked": request.POST.getlist("tick"),
        "count": request.POST.get("count", ""),
    }
    return render(request, "recommendations/seal.html", context, status=status)


def _linked(problem: Problem) -> dict[str, str]:
    target = {"count": "#count", "password": "#password", "ticks": "#tick-content"}.get(problem.field, "")
    return problem.as_json() | {"fix_url": target}


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(Role.SEALER)
def supersede(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            fire(one, "supersede", actor=request.user, version=whole(request.POST.get("version"), -1),
                 note=request.POST.get("note", "").strip())  # fmt: skip
        except Blocked as error:
            problems = error.problems
        except WorkflowError as error:
            return lists.page(request, list_for(request.user, public_id), say(request, error))
        else:
            messages.success(request, "已作废。新的名单沿用原来的次序，可以重新排序、定稿、封存。")
            return redirect("list_detail", RecommendationList.objects.get(replaces=one).public_id)
    elif one.status != ListStatus.SEALED:
        return redirect("list_detail", public_id)
    context = {"list": one, "problems": problems, "note": request.POST.get("note", "")}
    return render(request, "recommendations/supersede.html", context, status=422 if problems else 200)
