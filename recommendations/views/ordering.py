"""次序说明 and the ranking as a worksheet: why the order is as it is, and the order brought from Excel."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recommendations import ranking, ranking_sheet
from recommendations.desk import Desk
from recommendations.models import RecommendationList
from recommendations.ranking_sheet import LONGEST
from recommendations.views.common import list_for, say, whole
from recommendations.views.lists import page
from smartfactory import files
from smartfactory import presence as presences
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, NotAllowed, WorkflowError

MOST_BYTES = 2 * 1024 * 1024
FIELD = "reason-"


def _own(request: HttpRequest, public_id: str) -> RecommendationList:
    """The list if the person ranks it. Raises NotAllowed for those who may only read it."""
    one = list_for(request.user, public_id)
    if not ranking.may_rank(request.user, one):
        raise NotAllowed("推荐排序")
    return one


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def explain(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    typed = {name: text for name, text in request.POST.items() if name.startswith(FIELD)}
    try:
        _fits(typed)
        reasons = {whole(name.removeprefix(FIELD)): text for name, text in typed.items()}
        ranking.explain(one, reasons, actor=request.user, version=whole(request.POST.get("version"), -1))
    except WorkflowError as error:
        status = say(request, error)
        return page(request, list_for(request.user, public_id), status, **typed)
    messages.success(request, "次序说明已保存。")
    return redirect("list_detail", public_id)


def _fits(typed: dict[str, str]) -> None:
    for name, text in typed.items():
        if len(text.strip()) > LONGEST:
            words = f"次序说明最多 {LONGEST} 字，现在 {len(text.strip())} 字。请删减后再保存"
            raise Blocked([Problem(words, field=name)])


@require_POST
@roles(Role.OFFICIAL)
def presence(request: HttpRequest, public_id: str) -> HttpResponse:
    """An open list's page says that it is open, and learns who else is at it."""
    one = list_for(request.user, public_id)
    if ranking.may_rank(request.user, one):
        presences.note(one, request.user)
    context = {"others": presences.others(one, request.user)}
    return render(request, "recommendations/list_present.html", context)


@require_GET
@roles(Role.OFFICIAL)
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    made = ranking_sheet.write(one, Desk(one, request.user).entries)
    response = HttpResponse(made, content_type=files.MIMES["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="ranking-{one.authority.code}.xlsx"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@roles(Role.OFFICIAL)
def by_sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    try:
        if request.method != "POST":
            return _page(request, one)
        _own(request, public_id)
        return _take_over(request, one) if "packed" in request.POST else _read(request, one)
    except BadFile as error:
        return _page(request, one, status=422, refused=str(error))
    except WorkflowError as error:
        status = say(request, error)
        return page(request, list_for(request.user, public_id), status)


def _page(request: HttpRequest, one: RecommendationList, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"list": one, "desk": Desk(one, request.user), **more}
    return render(request, "recommendations/ranking_sheet.html", context, status=status)


def _read(request: HttpRequest, one: RecommendationList) -> HttpResponse:
    """Show what the sheet would change. Raises BadFile for what is no sheet of this list."""
    sent = request.FILES.get("sheet")
    if sent is None:
        raise BadFile("还没有选择文件。请选择改好的排序表，再按“检查”")
    files.inspect(sent.file, sent.name, ["xlsx"], MOST_BYTES)
    sent.file.seek(0)
    entries = Desk(one, request.user).entries
    reading = ranking_sheet.read(sent.file.read(), one, entries)
    if reading.errors:
        return _page(request, one, status=422, errors=reading.errors)
    packed = ranking_sheet.pack(one, reading, entries)
    return _page(request, one, changes=ranking_sheet.changes(reading, entries), packed=packed)


def _take_over(request: HttpRequest, one: RecommendationList) -> HttpResponse:
    held = ranking_sheet.unpack(one, request.POST["packed"])
    reasons = {int(key): text for key, text in held["reasons"].items()}
    ranking.reorder(one, held["order"], reasons, actor=request.user, version=held["version"])
    messages.success(request, "已按 Excel 里的名次排列。")
    return redirect("list_detail", one.public_id)
