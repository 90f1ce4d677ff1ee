"""Documents of a sealed list: the manifest itself, and the files a worker drew from it."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from recommendations import releases, seal_package, sealing
from recommendations.models import RecommendationList, Seal
from recommendations.views.common import DESK, list_for
from smartfactory import audit, files, verification
from smartfactory.access import roles
from smartfactory.models import Job, User

NAMES = {"summary-sheet.pdf": "推荐汇总表", "summary-sheet.xlsx": "推荐汇总表（Excel）", "cover-letter.pdf": "推荐函"}


@require_GET
@roles(*DESK)
def manifest(request: HttpRequest, public_id: str) -> HttpResponse:
    """Exactly the bytes that were signed; the signature is in the headers."""
    one = list_for(request.user, public_id)
    seal = _seal(one)
    with transaction.atomic():
        audit.record(
            "list.download", actor=request.user, obj=one, body={"name": "manifest.json", "sha256": seal.sha256}
        )
    answer = HttpResponse(seal.manifest, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{seal.code}.json"'
    answer.headers["X-Signature"] = f"{seal.signed.algorithm} {seal.signed.key_id} {seal.signed.value}"
    return answer


def _seal(one: RecommendationList) -> Seal:
    seal = getattr(one, "seal", None)
    if seal is None:
        raise Http404
    return seal


@require_GET
@roles(*DESK)
def document(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """The finished file; or, while a worker draws it, a page that says so and leads on (202)."""
    one = list_for(request.user, public_id)
    seal = _seal(one)
    if name not in sealing.documents_of(seal):
        raise Http404
    kept = verification.rendered(seal.issued, name)
    if kept is None:
        return _waiting(request, one, seal, name)
    with transaction.atomic():
        # The sheet and the workbook carry phone numbers.
        audit.record("list.download", actor=request.user, obj=one, body={"name": name, "sha256": seal.sha256})
    number, suffix = NAMES[name].split("（")[0], name.rpartition(".")[2]
    file_name = f"{one.authority.short_name}-{number}-{seal.code}.{suffix}"
    return files.response(kept, file_name, inline="inline" in request.GET and suffix == "pdf")


@require_GET
@roles(*DESK)
def package(request: HttpRequest, public_id: str) -> HttpResponse:
    """封存包; `?contacts=no` leaves the sheets out, `?contacts=all` (with a colleague's leave) adds annex and filed contents."""
    one = list_for(request.user, public_id)
    seal = _seal(one)
    contacts = request.GET.get("contacts", seal_package.SHEETS)
    if contacts not in seal_package.HOLDS or not _may_take(request, one, contacts):
        raise Http404
    if name := seal_package.missing(seal, contacts):
        return _waiting(request, one, seal, name)
    try:
        made = seal_package.build(seal, contacts)
    except seal_package.NotIntact as error:
        messages.error(request, f"没有生成封存包：{error}。请先核验，并联系系统管理员")
        return redirect("list_detail", one.public_id)
    body = {"name": "package.zip", "sha256": seal.sha256, "contacts": contacts}
    with transaction.atomic():
        audit.record("list.download", actor=request.user, obj=one, body=body)
    answer = HttpResponse(made, content_type="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{seal.code}.zip"'
    return answer


def _may_take(request: HttpRequest, one: RecommendationList, contacts: str) -> bool:
    """What holds every contact and filed content leaves the house only with a second person's leave."""
    return contacts != seal_package.ALL or releases.permits(request.user, one)


def _job(seal: Seal, name: str, user: User) -> Job:
    with transaction.atomic():
        return sealing.enqueue_document(seal, name, by=user)


def _waiting(request: HttpRequest, one: RecommendationList, seal: Seal, name: str) -> HttpResponse:
    context = {"list": one, "job": _job(seal, name, request.user), "what": NAMES[name], "poll_url": _poll(one, name)}
    return render(request, "recommendations/waiting.html", context, status=202)


def _poll(one: RecommendationList, name: str) -> str:
    return reverse("list_document_job", args=[one.public_id, name])


@require_GET
@roles(*DESK)
def job(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """The progress fragment that a waiting page asks for."""
    one = list_for(request.user, public_id)
    if name not in NAMES:
        raise Http404
    found = Job.objects.filter(kind=sealing.DOCUMENT_JOB, subject=f"seal:{_seal(one).pk}:{name}").first()
    if found is None:
        raise Http404
    context = {"job": found, "what": NAMES[name], "poll_url": _poll(one, name)}
    context["download_url"] = reverse("list_document", args=[one.public_id, name])
    return render(request, "partials/job.html", context)
