"""评审材料包: choosing, ordering, progress, download."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations.models import Declaration
from recommendations import packets as rules
from recommendations.models import CLOSED, Packet, PacketPart, RecommendationList
from recommendations.queue import duties
from recommendations.queue.page import visible
from recommendations.views.common import DESK, list_for, say, whole
from smartfactory import files, jobs
from smartfactory.access import roles, scope
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, WorkflowError

READERS = (*DESK, Role.REVIEWER)
# More ticks than any page has are no ticks.
MOST_PICKED = 500


@require_GET
@roles(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    rows = Packet.objects.visible_to(request.user).select_related("authority", "job", "created_by")
    context = {
        "page": Paginator(rows, 20).get_page(request.GET.get("page")),
        "orderable": _orderable(request),
        "may_order": scope(request.user).has_any(DESK),
    }
    return render(request, "recommendations/packets.html", context)


def _orderable(request: HttpRequest) -> list[RecommendationList]:
    """Sealed lists the person may have packed: those of his own desk first."""
    held = scope(request.user)
    if not held.has_any(DESK):
        return []
    mine = set(held.authority_ids(*DESK))
    rows = RecommendationList.objects.visible_to(request.user).filter(status="sealed")
    return sorted(rows.select_related("track", "authority", "seal"), key=lambda one: one.authority_id not in mine)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*DESK)
def choose(request: HttpRequest) -> HttpResponse:
    """What would go in: the projects of a sealed list, or declarations ticked elsewhere. Nothing happens yet."""
    sent = request.POST if request.method == "POST" else request.GET
    if "list" in sent:
        one = list_for(request.user, sent["list"])
        if one.status not in CLOSED:
            raise Http404
        context: dict[str, Any] = {"list": one, "entries": one.seal.content["entries"]}
    else:
        context = {"declarations": _picked(request, sent.getlist("pick"))}
    return render(request, "recommendations/packet_choose.html", context)


def _picked(request: HttpRequest, public_ids: list[str]) -> list[Declaration]:
    """The ticked declarations the person may see, in the order of their numbers."""
    rows = visible(request.user).filter(public_id__in=public_ids[:MOST_PICKED], latest_revision__isnull=False)
    return list(rows.select_related("enterprise", "latest_revision").order_by("number"))


@require_POST
@roles(*DESK)
def order(request: HttpRequest) -> HttpResponse:
    ticked = {"with_files": "with_files" in request.POST, "for_experts": "keep_back" not in request.POST}
    try:
        if "list" in request.POST:
            one = list_for(request.user, request.POST["list"])
            ranks = [whole(rank) for rank in request.POST.getlist("rank")]
            if not ranks and "chosen" in request.POST:
                raise Blocked([Problem("一个项目也没有勾选，没有生成。请勾选要放进材料包的项目")])
            packet = rules.order_packet(one, ranks, actor=request.user, **ticked)
        else:
            chosen = _picked(request, request.POST.getlist("pick"))
            packet = rules.order_selection(chosen, duties.desk_of(request.user), actor=request.user, **ticked)
    except Blocked as error:
        messages.error(request, str(error))
        return redirect("packet_list")
    except WorkflowError as error:
        say(request, error)
        return redirect("packet_list")
    return redirect("packet_detail", packet.public_id)


def _packet(request: HttpRequest, public_id: str) -> Packet:
    rows = Packet.objects.select_related(
        "list__seal", "list__track", "authority", "job__result", "manifest", "created_by"
    )
    return rows.get_for(request.user, public_id=public_id)


def _job_context(packet: Packet, user: object) -> dict[str, object]:
    retry = scope(user).has_any(DESK) and not packet.expired
    parts = list(packet.parts.all())
    single = reverse("packet_download", args=[packet.public_id]) if len(parts) == 1 else ""
    return {
        "packet": packet,
        "parts": parts,
        "job": packet.job,
        "what": "材料包",
        "poll_url": reverse("packet_job", args=[packet.public_id]),
        "download_url": "" if packet.expired else single,
        "retry_url": reverse("packet_retry", args=[packet.public_id]) if retry else "",
        "may_give": scope(user).covers(packet.authority.path, *DESK),
    }


@require_GET
@roles(*READERS)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    made = {one.place: one for one in packet.pieces.all()}
    troubles: dict[int, list[str]] = {}
    for one in packet.failures:
        troubles.setdefault(one["rank"], []).append(one["trouble"])
    rows = [(row, made.get(row["rank"]), troubles.get(row["rank"], [])) for row in packet.rows]
    return render(request, "recommendations/packet.html", _job_context(packet, request.user) | {"rows": rows})


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
        messages.success(request, "已停止生成。做好的部分留着，可以随时接着生成。")
    else:
        messages.info(request, "已经生成完了，没有停止。")
    return redirect("packet_detail", public_id)


@require_POST
@roles(*DESK)
def retry(request: HttpRequest, public_id: str) -> HttpResponse:
    packet = _packet(request, public_id)
    if packet.expired:
        messages.info(request, "材料包已过期，没有再生成。请重新生成一个。")
    elif not jobs.retry(packet.job):
        messages.info(request, "不用再生成：正在生成，或已经生成。")
    return redirect("packet_detail", public_id)


@require_POST
@roles(*DESK)
def give(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let the reviewers have it, or take it back."""
    packet = _packet(request, public_id)
    given = request.POST.get("to") == "experts"
    rules.give(packet, given, actor=request.user)
    messages.success(request, "评审专家现在可以下载。" if given else "已收回，评审专家看不到这个材料包了。")
    return redirect("packet_detail", public_id)


@require_GET
@roles(*READERS)
def download(request: HttpRequest, public_id: str, number: int = 1) -> HttpResponse:
    """One volume."""
    packet = _packet(request, public_id)
    part = PacketPart.objects.select_related("file").filter(packet=packet, number=number).first()
    if part is None and packet.parts.exists():
        raise Http404
    if part is None or part.file is None or packet.expired:
        messages.warning(request, "材料包还没有生成。" if not packet.expired else "材料包已过期，请经办人重新生成。")
        return redirect("packet_detail", public_id)
    rules.record_download(packet, request.user, part.name)
    return files.response(part.file, part.name)


@require_GET
@roles(*READERS)
def manifest(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is in the packet, with the digests of all of it."""
    packet = _packet(request, public_id)
    if packet.manifest is None or packet.expired:
        messages.warning(request, "没有清单：材料包还没有生成，或已过期。")
        return redirect("packet_detail", public_id)
    rules.record_download(packet, request.user, "manifest.json")
    return files.response(packet.manifest, f"材料包清单-{packet.public_id[:8]}.json")
