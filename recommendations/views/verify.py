"""公开核验: anybody, no login, no personal data."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from recommendations import inspection
from smartfactory import verification
from smartfactory.access import public


@require_http_methods(["GET", "HEAD", "POST"])
@public
def index(request: HttpRequest) -> HttpResponse:
    """Type a code, or hand in a file the system issued."""
    if upload := request.FILES.get("file"):
        return _file(request, upload)
    typed = request.GET.get("code") or request.POST.get("code") or ""
    if typed.strip():
        return redirect("verify_code", re.sub(r"[^\w-]", "", verification.normalise(typed))[:64] or "-")
    return render(request, "recommendations/verify_index.html", {"asked": request.method == "POST"})


def _file(request: HttpRequest, upload) -> HttpResponse:
    if upload.size > settings.MAX_UPLOAD_BYTES * 4:
        problem = "文件太大，不能在网页上核验。请输入纸上的校验码"
        return render(request, "recommendations/verify_index.html", {"problem": problem}, status=422)
    found = inspection.inspect(upload.read(), upload.name)
    return _page(request, found.result, found)


@require_GET
@public
def code(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, verification.check(code[:64]))


def _page(request: HttpRequest, result: verification.Result, file: inspection.Inspected | None = None) -> HttpResponse:
    context = {"result": result, "file": file, "status": file.status if file else result.status, "now": timezone.now()}
    return render(request, "recommendations/verify.html", context, status=404 if result.status == "unknown" else 200)
