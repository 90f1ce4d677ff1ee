"""电子签章: asking for it, and the sealed documents."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from recommendations import esealing
from recommendations.models import RecommendationList
from recommendations.views.common import DESK, STRANGER, list_for
from smartfactory import files, verification
from smartfactory.access import roles
from smartfactory.workflow import Blocked, NotAllowed


def _sealed(request: HttpRequest, public_id: str, name: str) -> RecommendationList:
    one = list_for(request.user, public_id)
    if getattr(one, "seal", None) is None or name not in [line.name for line in esealing.lines(one.seal)]:
        raise Http404
    return one


@require_POST
@roles(*DESK)
def ask(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    one = _sealed(request, public_id, name)
    try:
        esealing.ask(one, name, actor=request.user)
        messages.success(request, "已送去签章服务，盖好后在这里下载。")
    except Blocked as error:
        messages.error(request, str(error))
    except NotAllowed:
        messages.error(request, STRANGER)
    return redirect("scan_index", public_id)


@require_GET
@roles(*DESK)
def document(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    one = _sealed(request, public_id, name)
    title, sealed_name = esealing.SEALABLE[name]
    kept = verification.rendered(one.seal.issued, sealed_name)
    if kept is None:
        messages.info(request, "这份文书还没有电子签章。")
        return redirect("scan_index", public_id)
    esealing.record_download(one, sealed_name, request.user)
    return files.response(kept, f"{one.authority.short_name}-{title}-{one.seal.code}-电子签章.pdf")
