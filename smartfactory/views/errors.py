"""Pages for what did not work: what happened, and what to do now. They say nothing about the inside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from smartfactory.access import public

TEMPLATE = "smartfactory/error.html"


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse({"message": title}, status=status)
    return render(request, TEMPLATE, {"title": title, "text": text, "status": status}, status=status)


@public
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, "没有这一页", "地址可能写错了，也可能您的账号看不到这份材料。请从首页重新进入。")


@public
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, "这一步不由您办理", "您的账号可以看，但不能办这件事。请联系本单位负责的同事。")


@public
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, "这次请求看不懂", "请回到上一页重新打开，再填一次。已保存的内容都在。")


@public
def not_allowed(request: HttpRequest) -> HttpResponse:
    """An address that only takes what a page sends, opened by itself: after signing in again, or from a bookmark."""
    text = "这个地址只接收页面上提交的内容，不能直接打开。刚才要办的那一步没有办，请从首页或审核、申报页面重新进入再办一次。"
    return _page(request, 405, "这一步要从页面上办", text)


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        "这一页放得太久，没有提交",
        "为防止他人冒用，要重新打开这一页。请返回刷新后再提交；已自动保存的内容都在。",
    )


@public
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without context processors: whatever broke must not break this page too."""
    return HttpResponse(render_to_string("smartfactory/error_500.html"), status=500)
