"""Maturity pre-assessment: the rounds, the questions, the result, the comparison, the report."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment.maturing import printing, service
from assessment.maturing.forms import PartForm, StartForm
from assessment.maturing.known import known
from assessment.maturing.paper import RELATED, Paper
from assessment.models import AttemptStatus, MaturityAttempt, MaturityReport
from smartfactory import workflow
from smartfactory.access import roles, scope
from smartfactory.models import Role
from smartfactory.workflow import Blocked, NotAllowed, StaleState

SHOWN = 60
MEMBERS = (Role.PREPARER, Role.SIGNATORY, Role.READER)
readers = roles(*MEMBERS)
writers = roles(Role.PREPARER, Role.SIGNATORY)


def _paper(request: HttpRequest, public_id: str) -> Paper:
    rows = MaturityAttempt.objects.select_related(*RELATED).prefetch_related("answers__updated_by")
    return Paper(rows.get_for(request.user, public_id=public_id), request.user)


@readers
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The rounds and the results of assessors; which of them stands is said first."""
    rows = MaturityAttempt.objects.visible_to(request.user).exclude(status=AttemptStatus.DROPPED)
    reports = MaturityReport.objects.visible_to(request.user).select_related("created_by", "enterprise")
    held = scope(request.user)
    mine = held.enterprise_ids(*MEMBERS)
    context = {
        "attempts": rows.select_related(*RELATED).defer("definition", "result", "standard__definition")[:SHOWN],
        "reports": reports[:SHOWN],
        # Who serves several enterprises reads it on each one's own rows: no single level stands for all of them.
        "known": known(mine[0]) if len(mine) == 1 else [],
        "writable": bool(held.enterprise_ids(Role.PREPARER, Role.SIGNATORY)),
    }
    return render(request, "assessment/maturity/index.html", context)


@writers
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.user, request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return render(request, "assessment/maturity/start.html", {"form": form})
    if not form.is_valid():
        return render(request, "assessment/maturity/start.html", {"form": form}, status=422)
    made = service.start(actor=request.user, **form.cleaned_data)
    return redirect("maturity_detail", made.public_id)


@readers
@require_GET
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    paper = _paper(request, public_id)
    if paper.finished:
        return redirect("maturity_result", public_id)
    return render(request, "assessment/maturity/detail.html", {"paper": paper})


@readers
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    paper = _paper(request, public_id)
    if code not in paper.book.subdomains:
        raise Http404
    if request.method == "POST" and not paper.may_write:
        raise Http404
    if request.method == "POST" and not paper.writable:
        messages.warning(request, "这次预评已经结束，没有保存。要改，请再评一次。")
        return redirect("maturity_part", public_id, code)
    form = PartForm(paper, code, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        return _save(request, paper, form)
    return _page(request, paper, form)


def _page(request: HttpRequest, paper: Paper, form: PartForm, status: int = 200) -> HttpResponse:
    context = {"paper": paper, "form": form, "part": paper.part(form.code)}
    return render(request, "assessment/maturity/part.html", context, status=status)


def _save(request: HttpRequest, paper: Paper, form: PartForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, paper, form, 422)
    attempt = paper.attempt
    try:
        service.save(attempt, form.code, form.given, form.version, request.user)
    except StaleState:
        fresh = _paper(request, attempt.public_id)
        form.fresh = fresh.rows[form.code]
        return _page(request, fresh, form, 409)
    fresh = _paper(request, attempt.public_id)
    messages.success(request, f"“{fresh.part(form.code).name}”已保存")
    following = None if "stay" in request.POST else fresh.after(form.code)
    return redirect(following.url if following else reverse("maturity_detail", args=[attempt.public_id]))


@readers
@require_GET
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    paper = _paper(request, public_id)
    found = [one for one in known(paper.attempt.enterprise_id) if one.kind == "external"]
    context = {"paper": paper, "it": paper.conclusion, "external": found[0] if found else None}
    return render(request, "assessment/maturity/result.html", context)


@readers
@require_GET
def comparison(request: HttpRequest, public_id: str) -> HttpResponse:
    paper = _paper(request, public_id)
    return render(request, "assessment/maturity/compare.html", {"paper": paper, "it": paper.comparison})


@readers
@require_GET
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    return printing.response(_paper(request, public_id))


@writers
@require_POST
def finish(request: HttpRequest, public_id: str) -> HttpResponse:
    return _act(request, public_id, "finish", "maturity_result")


@writers
@require_POST
def drop(request: HttpRequest, public_id: str) -> HttpResponse:
    return _act(request, public_id, "drop", "")


def _act(request: HttpRequest, public_id: str, name: str, sequel: str) -> HttpResponse:
    paper = _paper(request, public_id)
    try:
        workflow.fire(paper.attempt, name, actor=request.user, version=version_of(request))
    except Blocked as blocked:
        context = {"paper": paper, "problems": blocked.problems}
        return render(request, "assessment/maturity/detail.html", context, status=422)
    except StaleState:
        messages.warning(request, "同事刚刚保存过这次预评。请看一眼现在的答案，再办一次。")
        return redirect("maturity_detail", public_id)
    except NotAllowed:
        raise Http404 from None
    return redirect(sequel, public_id) if sequel else redirect("maturity_list")


@writers
@require_POST
def again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin the next round with these answers; `at` names the requirement ("code level.position") to open there."""
    paper = _paper(request, public_id)
    if not paper.finished:
        return redirect("maturity_detail", public_id)
    try:
        made = service.again(paper.attempt, request.user)
    except NotAllowed as refused:
        messages.warning(request, f"{refused}。请新开一次预评。")
        return redirect("maturity_result", public_id)
    code, _, key = request.POST.get("at", "").partition(" ")
    if paper.book.find(code, key) is None:
        return redirect("maturity_detail", made.public_id)
    return redirect(reverse("maturity_part", args=[made.public_id, code]) + f"#q-{key}")


def version_of(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
