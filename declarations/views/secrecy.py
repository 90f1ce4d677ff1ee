"""脱密自查: what was found and where, and the two things that can be mended here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from declarations.models import Declaration, LateChangeError
from declarations.presenting import Workspace
from declarations.secrecy import look_through, mending
from declarations.secrecy.patterns import rules
from declarations.secrecy.report import Count, Finding, Report
from declarations.views import saving
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from smartfactory.access import roles
from smartfactory.files import BadFile

# What was uploaded for a part this form does not have.
ELSEWHERE = "别的附件"


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def declaration_secrecy(request: HttpRequest, public_id: str) -> HttpResponse:
    if request.method == "POST":
        return _mend(request, own_declaration(request.user, public_id, *WRITERS))
    declaration = own_declaration(request.user, public_id)
    if not declaration.editable:
        return saving.read_only(request, declaration)
    space = Workspace(declaration, request.user)
    report = look_through(declaration, space.payload)
    context = {"declaration": declaration, "space": space, "report": report, "rules": rules()}
    context |= {"groups": _groups(space, report), "may_edit": space.may_edit}
    context["back"] = reverse("declaration_check", args=[public_id])
    return render(request, "declarations/secrecy.html", context)


def _groups(space: Workspace, report: Report) -> list[dict[str, Any]]:
    """Every finding once, by part of the form, each with the address where it is mended."""
    titles = {one.key: f"{one.number}、{one.title}" for one in space.description.sections}
    by_part: dict[str, list[Finding]] = {key: [] for key in titles}
    for one in report.findings:
        by_part.setdefault(one.section, []).append(one)
    return [
        {
            "key": key,
            "title": titles.get(key, ELSEWHERE),
            "count": Count.of(found),
            "items": [{"finding": one, "url": space.url(one.section, one.field)} for one in found],
        }
        for key, found in by_part.items()
        if found
    ]


def _mend(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    try:
        if evidence_id := request.POST.get("strip"):
            evidence = mending.strip(declaration, evidence_id, actor=request.user)
            messages.success(request, f"“{evidence.name}”的隐藏信息已清理，内容没有变。")
        elif key := request.POST.get("cover"):
            mending.cover(declaration, key, request.POST.get("code", ""), actor=request.user)
            messages.success(request, "已遮盖，请再看一遍这一项的意思是否完整。")
        else:
            messages.info(request, "没有要处理的内容。")
    except mending.NotThere:
        messages.warning(request, "这一处刚被改过，没有处理。下面是现在的结果。")
    except LateChangeError as error:
        messages.error(request, f"申报书现在是“{error}”，这一项不能改。")
    except BadFile as error:
        messages.error(request, str(error))
    return redirect("declaration_secrecy", declaration.public_id)
