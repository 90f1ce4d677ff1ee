"""What an enterprise already said: its known facts, and carrying last year's declaration into this year's form."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations import services
from declarations.forms import version_of
from declarations.models import Declaration, KnownFact, LateChangeError
from declarations.presenting import Workspace
from declarations.reuse import cloning, facts
from declarations.views import saving
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from smartfactory import files
from smartfactory.access import roles, scope
from smartfactory.files import BadFile
from smartfactory.models import Enterprise
from smartfactory.text import clean

ALLOWED, MAX_BYTES = ["pdf", "jpeg", "png"], 20 << 20
MEANWHILE = "同事刚刚改过这份申报书，没有带入。请再看一次再办"


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def declaration_carry(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    if not declaration.editable:
        return saving.read_only(request, declaration)
    if request.method == "POST":
        return _carry(request, declaration)
    space = Workspace(declaration, request.user)
    context = {
        "declaration": declaration,
        "space": space,
        "offers": facts.offers(declaration, space.payload),
        "sources": cloning.sources(declaration),
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
            words = f"已带入 {len(report.carried)} 项、{len(report.scenarios)} 个场景、{len(report.files)} 个文件。请逐项核对。"
        else:
            words = f"已填入 {facts.fill(declaration, request.POST.getlist('fact'), actor=request.user)} 项。"
    except (services.StaleContent, LateChangeError):
        messages.error(request, MEANWHILE)
        return redirect("declaration_carry", declaration.public_id)
    messages.success(request, words)
    return redirect("declaration_detail", declaration.public_id)


@require_GET
@roles(*MEMBERS)
def known_facts(request: HttpRequest, public_id: str) -> HttpResponse:
    own = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*MEMBERS))
    enterprise = own.get_for(request.user, public_id=public_id)
    rows = KnownFact.objects.visible_to(request.user).filter(enterprise=enterprise).select_related("updated_by")
    shown = [{"fact": one, "words": _words(one)} for one in rows]
    return render(request, "declarations/facts.html", {"enterprise": enterprise, "facts": shown})


def _words(fact: KnownFact) -> str:
    """A fact in words without its form: lists by their number of rows."""
    if isinstance(fact.value, list):
        return f"{len(fact.value)} 行"
    return (
        {True: "是", False: "否"}.get(fact.value, str(fact.value)) if isinstance(fact.value, bool) else str(fact.value)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def known_fact(request: HttpRequest, public_id: str) -> HttpResponse:
    fact = _fact(request, public_id)
    writes = bool(set(WRITERS) & set(scope(request.user).enterprises.get(fact.enterprise_id, ())))
    problem, status = "", 200
    if request.method == "POST":
        if not writes:
            raise Http404
        try:
            _mend(request, fact)
        except facts.StaleFact:
            problem, status = "同事刚刚改过这一条，没有保存。请看现在的内容再改", 409
        except BadFile as error:
            problem, status = str(error), 422
        else:
            messages.success(request, f"{fact.label}的来源已记下。")
            return redirect("known_facts", fact.enterprise.public_id)
    given = {key: clean(request.POST.get(key, getattr(fact, key))) for key in ("period", "source")}
    context = {"fact": _fact(request, public_id), "words": _words(fact), "given": given, "writes": writes}
    context["problems"] = [{"message": problem}] if problem else []
    return render(request, "declarations/fact.html", context, status=status)


def _fact(request: HttpRequest, public_id: str) -> KnownFact:
    rows = KnownFact.objects.select_related("enterprise", "evidence", "updated_by")
    return rows.get_for(request.user, public_id=public_id)


def _mend(request: HttpRequest, fact: KnownFact) -> None:
    evidence = None
    if sent := request.FILES.get("evidence"):
        found = files.inspect(sent.file, sent.name, ALLOWED, MAX_BYTES)
        sent.file.seek(0)
        evidence = files.put(sent.file, found.mime), clean(sent.name)
    texts = {key: clean(request.POST.get(key, "")).strip() for key in ("period", "source")}
    facts.mend(fact, version=version_of(request.POST), actor=request.user, evidence=evidence, **texts)


@require_GET
@roles(*MEMBERS)
def known_fact_file(request: HttpRequest, public_id: str) -> HttpResponse:
    fact = _fact(request, public_id)
    if fact.evidence is None:
        raise Http404
    return files.response(fact.evidence, fact.evidence_name)
