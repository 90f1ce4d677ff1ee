"""评审材料包: ordering, progress, download."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from recommendations import packets as rules
from recommendations.models import ListStatus, Packet, RecommendationList
from recommendations.views.common import DESK, list_for, say, whole
from smartfactory import files, jobs
from smartfactory.access import roles, scope
from smartfactory.models import Role
from smartfactory.workflow import Blocked, WorkflowError

READERS = (*DESK, Role.REVIEWER)


@require_GET
@roles(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    rows = Packet.objects.visible_to(request.user).select_related("list__authority", "list__track", "job", "created_by")
    context = {"page": Paginator(rows, 20).get_page(request.GET.get("page")), "orderable": _orderable(request)}
    return render(request, "recommendations/packets.html", context)


def _orderable(request: HttpRequest) -> list[RecommendationList]:
    """Sealed lists the person may have packed: those of his own desk first."""
    held = scope(request.user)
    if not held.has_any(DESK):
        return []
    mine = set(held.authority_ids(*DESK))
    rows = RecommendationList.objects.visible_to(request.user).filter(status=ListStatus.SEALED)
    return sorted(rows.select_related("track", "authority", "seal"), key=lambda one: one.authority_id not in mine)


@require_POST
@roles(*DESK)
def order(request: HttpRequest) -> HttpResponse:
    one = list_for(request.user, request.POST.get("list", ""))
    try:
        packet = rules.order_packet(one, [whole(rank) for rank in request.POST.getlist("rank")], actor=request.user)
    except Blocked as error:
        messages.error(request, str(error))
        return redirect("packet_list")
    except WorkflowError as error:
        say(request, error)
        return redirect("packet_list")
    return redirect("packet_detail", packet.public_id)


def _packet(request: HttpRequest, public_id: str) -> Packet:
    rows = Packet.objects.select_related("list__authority", "list__track", "list__seal", "job__result", "created_by")
    return rows.get_for(request.user, public_id=public_id)


def _job_context(packet: Packet, user: object) -> dict[str, object]:
    over = packet.expired
    return {
        "packet": packet,
        "job": packet.job,
        "what": "材料包",
        "poll_url": reverse("packet_job", args=[packet.public_id]),
        "download_url": "" if over else reverse("packet_download", args=[packet.public_id]),
        "retry_url": reverse("packet_retry", args=[packet.public_id]) if scope(user).has_any(DESK) else "",
    }


@require_GET
@roles(*READERS)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    rows = [row for row in packet.list.seal.content["entries"] if row["rank"] in set(packet.ranks)]
    troubles = {one["rank"]: one["trouble"] for one in packet.failures}
    context = _job_context(packet, request.user) | {"rows": [(row, troubles.get(row["rank"], "")) for row in rows]}
    return render(request, "recommendations/packet.html", context)


@require_GET
@roles(*READERS)
def job(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    answer = render(request, "partials/job.html", _job_context(packet, request.user))
    if packet.job.is_over:
        # The rows below say now what became of each project.
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@roles(*DESK)
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    if jobs.cancel(packet.job):
        messages.success(request, "已停止生成。可以随时再生成一次。")
    else:
        messages.info(request, "已经生成完了，没有停止。")
    return redirect("packet_detail", public_id)


@require_POST
@roles(*DESK)
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    if not jobs.retry(packet.job):
        messages.info(request, "不用再生成：正在生成，或已经生成。")
    return redirect("packet_detail", public_id)


@require_GET
@roles(*READERS)
def download(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    if packet.job.result is None or packet.expired:
        messages.warning(request, "材料包还没有生成。" if not packet.expired else "材料包已过期，请经办人重新生成。")
        return redirect("packet_detail", public_id)
    rules.record_download(packet, request.user)
    return files.response(packet.job.result, packet.job.result_name)
