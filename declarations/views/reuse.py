"""What an enterprise already said: its known facts, and carrying last year's declaration into this year's form."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_http_methods

from declarations import services
from declarations.models import Declaration, LateChangeError
from declarations.presenting import Workspace
from declarations.reuse import cloning, differences, facts, maturity
from declarations.views import saving
from declarations.views.common import WRITERS, own_declaration
from smartfactory.access import roles

ALLOWED, MAX_BYTES = ["pdf", "jpeg", "png"], 20 << 20
UNNAMED = "（还没有名称）"
MEANWHILE = "同事刚刚改过这份申报书，没有带入。请再看一次再办"


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def declaration_carry(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    if not declaration.editable:
        return saving.read_only(request, declaration)
    if request.method == "POST":
        return _carry(request, declaration)
    space, found = Workspace(declaration, request.user), maturity.latest(declaration.enterprise_id)
    context = {
        "declaration": declaration,
        "space": space,
        "offers": facts.offers(declaration, space.payload),
        "differences": differences.between(declaration, space.payload),
        "sources": cloning.sources(declaration),
        "report_found": found,
        "assessed": maturity.offers(declaration, space.payload, found),
        "assessed_by": maturity.source(found) if found else "",
    }
    if wanted := request.GET.get("from"):
        context["source"] = source = _source(declaration, wanted)
        context["report"] = cloning.report(source, declaration)
    return render(request, "declarations/carry.html", context)


def _source(declaration: Declaration, wanted: str) -> Declaration:
    found = [one for one in cloning.sources(declaration) if one.public_id == wanted]
    if not found:
        raise Http404
    return found[0]


def _carry(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    try:
        if wanted := request.POST.get("from"):
            report = cloning.carry(_source(declaration, wanted), declaration, actor=request.user)
            words = (
                f"已带入 {report.fields} 项、{len(report.scenarios)} 个场景、{len(report.files)} 个文件。请逐项核对。"
            )
            words += "".join(f"{one.label}：{why}。" for one, why in report.partly)
            _unfinished(request, declaration, report)
        elif chosen := request.POST.getlist("replace"):
            words = f"已改用 {differences.take(declaration, chosen, actor=request.user)} 项。"
        elif "assessed" in request.POST:
            wanted = request.POST.getlist("assessed")
            words = f"已填入 {maturity.fill(declaration, wanted, actor=request.user)} 项。"
        else:
            words = f"已填入 {facts.fill(declaration, request.POST.getlist('fact'), actor=request.user)} 项。"
    except (services.StaleContent, LateChangeError):
        messages.error(request, MEANWHILE)
        return redirect("declaration_carry", declaration.public_id)
    messages.success(request, words)
    return redirect("declaration_detail", declaration.public_id)


def _unfinished(request: HttpRequest, declaration: Declaration, report: cloning.Report) -> None:
    """Name the scenarios that are not whole yet, each with what is to be done and a link to it."""
    if not report.unfinished:
        return
    links = format_html_join(
        "",
        '<br><a href="{}">{} {}</a>：{}。',
        (
            (reverse("declaration_instance", args=[declaration.public_id, one.place]), one.place, one.name or UNNAMED,
             "；".join(one.words))
            for one in report.unfinished
        ),
    )  # fmt: skip
    words = f"{len(report.unfinished)} 个场景没有全部带过来，请逐个补上："
    messages.warning(request, format_html("{}{}", words, links))
