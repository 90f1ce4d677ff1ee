"""Self-assessment: the list, the questions, the conclusion, the report."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assessment import report as paper
from assessment import self_assessment_service as service
from assessment.forms import StartForm, form_for
from assessment.models import SelfAssessment
from assessment.presentation import Sheet
from smartfactory.access import roles
from smartfactory.models import Role
from smartfactory.workflow import StaleState

SHOWN = 60
readers = roles(Role.PREPARER, Role.SIGNATORY, Role.READER)
writers = roles(Role.PREPARER, Role.SIGNATORY)


def _sheet(request: HttpRequest, public_id: str) -> Sheet:
    rows = SelfAssessment.objects.select_related("edition", "enterprise", "created_by")
    return Sheet(rows.get_for(request.user, public_id=public_id), request.user)


@readers
def index(request: HttpRequest) -> HttpResponse:
    rows = SelfAssessment.objects.visible_to(request.user).select_related("edition", "enterprise", "created_by")
    sheets = [Sheet(one, request.user) for one in rows.prefetch_related("edition__indicators")[:SHOWN]]
    form = StartForm(request.user)
    return render(request, "assessment/index.html", {"sheets": sheets, "form": form})


@writers
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.user, request.POST)
    if not form.is_valid():
        return render(request, "assessment/index.html", {"sheets": [], "form": form}, status=422)
    made = service.start(actor=request.user, **form.cleaned_data)
    return redirect("assessment_detail", made.public_id)


@readers
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    sheet = _sheet(request, public_id)
    template = "assessment/result.html" if sheet.finished else "assessment/detail.html"
    return render(request, template, {"sheet": sheet})


@readers
def result(request: HttpRequest, public_id: str) -> HttpResponse:
    return render(request, "assessment/result.html", {"sheet": _sheet(request, public_id)})


@readers
def part(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    sheet = _sheet(request, public_id)
    if key not in sheet.part_keys:
        raise Http404
    if not sheet.writable:
        return redirect("assessment_result", public_id)
    form = form_for(sheet, key, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        return _save(request, sheet, key, form)
    return render(request, "assessment/part.html", {"sheet": sheet, "form": form, "part": sheet.part(key)})


def _save(request: HttpRequest, sheet: Sheet, key: str, form) -> HttpResponse:
    context = {"sheet": sheet, "form": form, "part": sheet.part(key)}
    if not form.is_valid():
        return render(request, "assessment/part.html", context, status=422)
    try:
        service.save(sheet.assessment, form.answers(), form.version, request.user, **form.extras())
    except StaleState:
        fresh = SelfAssessment.objects.get_for(request.user, pk=sheet.assessment.pk)
        context |= {"conflict": True, "current_version": fresh.version}
        return render(request, "assessment/part.html", context, status=409)
    following = sheet.after(key)
    if "stay" in request.POST or following is None:
        messages.success(request, f"“{sheet.part(key).title}”已保存")
        return redirect("assessment_detail", sheet.assessment.public_id)
    return redirect("assessment_part", sheet.assessment.public_id, following.key)


@writers
@require_POST
def finish(request: HttpRequest, public_id: str) -> HttpResponse:
    sheet = _sheet(request, public_id)
    try:
        service.finish(sheet.assessment, _version(request), request.user)
    except StaleState as stale:
        messages.warning(request, str(stale))
    return redirect("assessment_result", public_id)


@writers
@require_POST
def again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open the next round; `at` names the condition to answer there first."""
    made = service.again(_sheet(request, public_id).assessment, request.user)
    sheet = Sheet(made, request.user)
    rules = [one for one in sheet.rules.conditions if one.code == request.POST.get("at")]
    return redirect(sheet.question_url(rules[0]) if rules else reverse("assessment_detail", args=[made.public_id]))


@readers
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    sheet = _sheet(request, public_id)
    return paper.response(sheet)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
