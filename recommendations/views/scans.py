"""盖章扫描件: upload, what the check found, and the files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from recommendations import esealing
from recommendations.models import ListStatus, ScanFile, StampedScan
from recommendations.scans import checking
from recommendations.views.common import DESK, list_for, say
from smartfactory import eseal, files, jobs
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.workflow import WorkflowError


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*DESK)
def index(request: HttpRequest, public_id: str) -> HttpResponse:
    """A list's scans, the newest first, and the form for the next."""
    one = list_for(request.user, public_id)
    if getattr(one, "seal", None) is None:
        raise Http404
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            scan = checking.upload(one, request.FILES.getlist("scan"), actor=request.user)
            return redirect("scan_detail", scan.public_id)
        except BadFile as error:
            more = {"refused": str(error), "status": 422}
        except WorkflowError as error:
            more = {"status": say(request, error)}
    return _index(request, one, **more)


def _index(request: HttpRequest, one: Any, *, refused: str = "", status: int = 200) -> HttpResponse:
    context = {
        "list": one,
        "scans": one.scans.select_related("job", "created_by")[:50],
        "may": one.status == ListStatus.SEALED and checking.may_upload(request.user, one),
        "refused": refused,
        "lacking": eseal.missing(one.authority.code),
        "eseals": esealing.lines(one.seal),
        "may_seal": one.status == ListStatus.SEALED and esealing.may_ask(request.user, one),
    }
    return render(request, "recommendations/scans.html", context, status=status)


def _scan(request: HttpRequest, public_id: str) -> StampedScan:
    rows = StampedScan.objects.select_related(
        "list__authority", "list__track", "list__seal", "job__result", "created_by"
    )
    return rows.get_for(request.user, public_id=public_id)


def _job_context(scan: StampedScan) -> dict[str, Any]:
    return {
        "scan": scan,
        "list": scan.list,
        "job": scan.job,
        "what": "核对记录",
        "poll_url": reverse("scan_job", args=[scan.public_id]),
        "download_url": reverse("scan_report", args=[scan.public_id]),
        "retry_url": reverse("scan_retry", args=[scan.public_id]),
    }


@require_GET
@roles(*DESK)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    scan = _scan(request, public_id)
    kept = list(scan.files.all())
    marked = {one.page: one for one in kept if not one.place}
    pages = [(place, page, marked.get(place)) for place, page in enumerate(scan.findings.get("pages", []), 1)]
    context = _job_context(scan) | {
        "uploads": [one for one in kept if one.place],
        "pages": pages,
        "found": scan.findings,
    }
    return render(request, "recommendations/scan.html", context)


@require_GET
@roles(*DESK)
def job(request: HttpRequest, public_id: str) -> HttpResponse:
    scan = _scan(request, public_id)
    answer = render(request, "partials/job.html", _job_context(scan))
    if scan.job.is_over:
        # The page below says now what was found.
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@roles(*DESK)
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    if not jobs.retry(_scan(request, public_id).job):
        messages.info(request, "不用再核对：正在核对，或已经核对完。")
    return redirect("scan_detail", public_id)


@require_GET
@roles(*DESK)
def file(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """An uploaded file, or the picture of a page with what differs marked."""
    scan = _scan(request, public_id)
    found = ScanFile.objects.select_related("file").filter(scan=scan, pk=pk).first()
    if found is None:
        raise Http404
    checking.record_download(scan, found.name, request.user)
    return files.response(found.file, found.name)


@require_GET
@roles(*DESK)
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    scan = _scan(request, public_id)
    if scan.job.result is None:
        messages.info(request, "还没有核对完。")
        return redirect("scan_detail", public_id)
    checking.record_download(scan, checking.REPORT, request.user)
    return files.response(scan.job.result, scan.job.result_name)
