"""Results of assessors: record one, read it, take it down; take a known level over into a self-assessment."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessment import self_assessment_service as assessing
from assessment.maturing import external, known, service
from assessment.maturing.forms import REASON_CHARS, ReportForm
from assessment.maturing.views import readers, version_of, writers
from assessment.models import MaturityReport, SelfAssessment
from smartfactory import files, workflow
from smartfactory.files import BadFile
from smartfactory.text import clean
from smartfactory.workflow import NotAllowed, StaleState


@writers
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    form = ReportForm(request.user, *([request.POST, request.FILES] if request.method == "POST" else []))
    if form.is_bound and form.is_valid() and (made := _record(request, form)):
        messages.success(request, "评估结果已登记。")
        return redirect("maturity_report", made.public_id)
    return render(request, "assessment/maturity/report_add.html", {"form": form}, status=422 if form.is_bound else 200)


def _record(request: HttpRequest, form: ReportForm) -> MaturityReport | None:
    facts = dict(form.cleaned_data)
    sent, enterprise = facts.pop("file"), facts.pop("enterprise")
    try:
        return external.record(enterprise, facts, sent.file, sent.name, actor=request.user)
    except BadFile as problem:
        form.add_error("file", str(problem))
        return None


def _report(request: HttpRequest, public_id: str) -> MaturityReport:
    rows = MaturityReport.objects.select_related("enterprise", "file", "created_by", "status_by")
    return rows.get_for(request.user, public_id=public_id)


@readers
@require_GET
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _report(request, public_id))


def _page(request: HttpRequest, report: MaturityReport, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "report": report,
        "known": known.of_report(report),
        "may_write": service.may_write(request.user, report.enterprise_id),
        "reason": request.POST.get("reason", ""),
        "problems": [{"message": problem, "fix_url": "#reason"}] if problem else [],
    }
    return render(request, "assessment/maturity/report.html", context, status=status)


@readers
@require_GET
def file(request: HttpRequest, public_id: str) -> HttpResponse:
    report = _report(request, public_id)
    return files.response(report.file, report.file_name)


@writers
@require_POST
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    report = _report(request, public_id)
    reason = clean(request.POST.get("reason", "")).strip()
    if not 0 < len(reason) <= REASON_CHARS:
        return _page(request, report, f"请写撤下的理由，{REASON_CHARS} 字以内", 422)
    try:
        workflow.fire(report, "withdraw", actor=request.user, version=version_of(request), note=reason)
    except StaleState:
        messages.warning(request, "这一条已经有人处理过。")
    except NotAllowed:
        raise Http404 from None
    return redirect("maturity_report", public_id)


@writers
@require_POST
def take_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the level that is known, with its source, into a self-assessment: only when asked to."""
    assessment = SelfAssessment.objects.select_related("edition", "enterprise").get_for(
        request.user, public_id=public_id
    )
    found = [one for one in known.known(assessment.enterprise_id) if one.kind == request.POST.get("kind")]
    if not found:
        raise Http404
    best = found[0]
    source = {"maturity_source": f"{best.kind_name}：{best.source}"[:120], "maturity_date": best.dated}
    try:
        assessing.save(assessment, {"maturity_level": best.level}, version_of(request), request.user, maturity=source)
        messages.success(request, f"成熟度等级已填为{best.level_name}，来源是{best.kind_name}。")
    except StaleState:
        messages.warning(request, "这次自评刚被别人保存或已经完成，没有填入。请看一眼再办。")
    except NotAllowed:
        raise Http404 from None
    return redirect(reverse("assessment_part", args=[public_id, "facts"]))
