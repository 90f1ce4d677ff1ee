"""公开核验: anybody, no login, no personal data."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from recommendations import inspection, printed_pages
from smartfactory import signing, verification
from smartfactory.access import public
from smartfactory.canonical import grouped
from smartfactory.text import clean

# What is shown again; a code pasted with the words around it is never cut in two.
MOST_TYPED = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@public
def index(request: HttpRequest) -> HttpResponse:
    """Type a code, or hand in a file the system issued."""
    if upload := request.FILES.get("file"):
        return _file(request, upload)
    typed = clean(request.GET.get("code") or request.POST.get("code") or "")[:MOST_TYPED]
    wanted = verification.normalise(typed)
    if verification.readable(wanted):
        return redirect("verify_code", wanted)
    context = {"asked": request.method == "POST" and not typed, "typed": typed, "keys": _fingerprints()}
    if typed.strip():
        context["mistyped"] = f"校验码是 16 位，只有数字 0–9 和字母 A–F；输入的是 {len(wanted)} 位。请对照纸上再输一次"
    return render(request, "recommendations/verify_index.html", context, status=422 if typed.strip() else 200)


def _file(request: HttpRequest, upload) -> HttpResponse:
    if upload.size > settings.MAX_UPLOAD_BYTES * 4:
        problem = "文件太大，不能在网页上核验。请输入纸上的校验码"
        return render(
            request, "recommendations/verify_index.html", {"problem": problem, "keys": _fingerprints()}, status=422
        )
    found = inspection.inspect(upload.read(), upload.name)
    return _page(request, found.result, found)


def _fingerprints() -> list[str]:
    """Of every public key, in groups, for two people to compare over the telephone."""
    return [grouped(signing.fingerprint(key), 16) for _, key in sorted(signing.public_keys().items())]


@require_GET
@public
def keys(request: HttpRequest) -> HttpResponse:
    """Every public key this installation has sealed with."""
    return _text(signing.public_pems(), "application/x-pem-file", "keys.pem")


@require_GET
@public
def program(request: HttpRequest) -> HttpResponse:
    """The offline verifier, as it stands in the source."""
    text = (settings.BASE_DIR / "verify_seal.py").read_text(encoding="utf-8")
    return _text(text, "text/x-python; charset=utf-8", "verify_seal.py")


def _text(text: str, mime: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type=mime, headers=headers)


@require_GET
@public
def code(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, verification.check(code[:64]))


def _page(request: HttpRequest, result: verification.Result, file: inspection.Inspected | None = None) -> HttpResponse:
    context = {"result": result, "file": file, "status": file.status if file else result.status, "now": timezone.now()}
    if result.issued and not file and context["status"] != "altered":
        context["printed"] = printed_pages.describe(result.issued, request.GET)
    return render(
        request, "recommendations/verify.html", context, status=404 if context["status"] == "unknown" else 200
    )
