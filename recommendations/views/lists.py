"""推荐排序: the lists of an authority, and every act that changes an open one."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from declarations.models import Track
from recommendations import exports, quotas, ranking, sealing
from recommendations.desk import Desk
from recommendations.models import Entry, RecommendationList
from recommendations.models.list import CLOSED
from recommendations.opinions import standing as joint
from recommendations.views.common import DESK, list_for, say, whole
from smartfactory.access import roles, scope
from smartfactory.models import Authority, Role
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import StaleState, WorkflowError


@require_GET
@roles(*DESK)
def index(request: HttpRequest) -> HttpResponse:
    """Own lists first, then the sealed ones of the units below; tracks without a list can be begun."""
    lists = RecommendationList.objects.visible_to(request.user).select_related(
        "track__campaign__edition", "authority", "seal", "frozen_by"
    )
    mine = set(scope(request.user).authority_ids(*DESK))
    own = [one for one in lists if one.authority_id in mine]
    below = [one for one in lists if one.authority_id not in mine]
    context = {"own": own, "below": below, "startable": _startable(request, own)}
    return render(request, "recommendations/lists.html", context)


def _startable(request: HttpRequest, own: list[RecommendationList]) -> list[dict]:
    """Tracks on which one of the person's authorities recommends and has no live list yet."""
    taken = {(one.track_id, one.authority_id) for one in own if one.status != "superseded"}
    units = Authority.objects.filter(pk__in=scope(request.user).authority_ids(Role.OFFICIAL)).select_related("parent")
    tracks = list(Track.objects.select_related("campaign__edition").filter(campaign__edition__status="published"))
    pairs = quotas.Book(tracks, units).list_makers()
    return [{"track": track, "authority": unit} for track, unit in pairs if (track.pk, unit.pk) not in taken]


@require_POST
@roles(Role.OFFICIAL)
def open_list(request: HttpRequest) -> HttpResponse:
    track = Track.objects.filter(code=request.POST.get("track", "")).first()
    unit = Authority.objects.filter(
        code=request.POST.get("authority", ""), pk__in=scope(request.user).authority_ids(Role.OFFICIAL)
    ).first()
    if track is None or unit is None:
        raise Http404
    return redirect("list_detail", ranking.open_list(track=track, authority=unit, actor=request.user).public_id)


@require_GET
@roles(*DESK)
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """The summary sheet as it would be sealed now; a sealed list shows its real one."""
    one = list_for(request.user, public_id)
    if one.status in CLOSED:
        return redirect("list_document", one.public_id, "summary-sheet.pdf")
    sheet = exports.summary_sheet(sealing.preview(one, request.user))
    return render(request, "recommendations/preview.html", {"list": one, "sheet": sheet})


@require_GET
@roles(*DESK)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return page(request, list_for(request.user, public_id))


def page(request: HttpRequest, one: RecommendationList, status: int = 200, **typed: str) -> HttpResponse:
    """The list as it stands, under the quota of today; losing a race for that to a colleague is no matter."""
    with suppress(StaleState):
        ranking.renew_quota(one, actor=request.user)
    desk = Desk(one, request.user, typed)
    context = {"desk": desk, "list": one, "voices": joint.voices(one)}
    return render(request, "recommendations/list.html", context, status=status)


def _after(request: HttpRequest, public_id: str, status: int, at: str = "") -> HttpResponse:
    """Back to the list: a redirect after success, the list as it now stands with its words after a refusal.

    `at` names the control to come back to, so that who works by keyboard goes on where the work is.
    """
    if status == 200:
        return redirect(f"{reverse('list_detail', args=[public_id])}{at and '#'}{at}")
    return page(request, list_for(request.user, public_id), status)


def _entry(request: HttpRequest, one: RecommendationList) -> Entry | None:
    rows = Entry.objects.visible_to(request.user).select_related("declaration__enterprise")
    return rows.filter(list=one, pk=whole(request.POST.get("entry"))).first()


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def add(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    chosen = next(
        (c for c in ranking.candidates(one) if c.declaration.public_id == request.POST.get("declaration")), None
    )
    if chosen is None:
        messages.warning(request, "这个项目已不在待选之列，可能刚被同事加入或状态已变。")
        return _after(request, public_id, 409)
    try:
        entry = ranking.add_entry(
            one,
            chosen.declaration,
            actor=request.user,
            source=chosen.source,
            reserve="reserve" in request.POST,
            over_reason=request.POST.get("over_reason", ""),
            exempt_reason=ranking.exemption(one, key) if (key := request.POST.get("exemption", "")) else "",
        )
    except WorkflowError as error:
        return _after(request, public_id, say(request, error))
    messages.success(request, f"{chosen.declaration.enterprise.name} 已加入，排第 {entry.rank} 名。")
    return _after(request, public_id, 200, "cand")


@require_POST
@roles(Role.OFFICIAL)
def move(request: HttpRequest, public_id: str) -> HttpResponse:
    """One step up or down, or to the typed rank."""
    one = list_for(request.user, public_id)
    entry = _entry(request, one)
    if entry is None:
        messages.warning(request, "这个项目已不在名单里，可能刚被同事移出。")
        return _after(request, public_id, 409)
    wanted = request.POST.get("to", "")
    step = {"up": -1, "down": 1}.get(request.POST.get("step", ""), 0)
    target = min(max(1, entry.rank + step), one.size) if step else whole(wanted)
    if not 1 <= target <= one.size:
        messages.error(request, f"名次要填 1 到 {one.size} 的整数，填的是“{wanted[:20]}”。")
        return _after(request, public_id, 422)
    try:
        got = ranking.move(
            one,
            entry,
            target,
            actor=request.user,
            version=_version(request),
            reason=request.POST.get("reason", ""),
        )
    except WorkflowError as error:
        return _after(request, public_id, say(request, error))
    messages.success(request, f"{entry.declaration.enterprise.name}：第 {entry.rank} 名移到第 {got} 名。")
    return _after(request, public_id, 200, _pressed(step, got, one.size) + str(entry.pk))


def _pressed(step: int, rank: int, size: int) -> str:
    """The control that moved the row, or the number box where that control has no further to go."""
    if step < 0 and rank > 1:
        return "up-"
    return "down-" if step > 0 and rank < size else "to-"


def _version(request: HttpRequest) -> int:
    return whole(request.POST.get("version"), -1)


@require_POST
@roles(Role.OFFICIAL)
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    entry = _entry(request, one)
    if entry is None:
        messages.warning(request, "这个项目已不在名单里。")
        return _after(request, public_id, 409)
    try:
        ranking.remove_entry(one, entry, actor=request.user, version=_version(request))
    except WorkflowError as error:
        return _after(request, public_id, say(request, error))
    messages.success(request, f"{entry.declaration.enterprise.name} 已移出名单，仍在待选之列。")
    return _after(request, public_id, 200)


@require_POST
@roles(Role.OFFICIAL)
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    try:
        last = ranking.undo(one, actor=request.user, version=_version(request))
    except WorkflowError as error:
        return _after(request, public_id, say(request, error))
    if last:
        messages.success(request, f"已撤销：{last.declaration.enterprise.name} 回到第 {last.from_rank} 名。")
    else:
        messages.info(request, "没有可以撤销的移动。")
    return _after(request, public_id, 200)


@require_POST
@roles(Role.OFFICIAL)
def suggest(request: HttpRequest, public_id: str) -> HttpResponse:
    one = list_for(request.user, public_id)
    try:
        ranking.apply_suggestion(one, actor=request.user, version=_version(request))
    except WorkflowError as error:
        return _after(request, public_id, say(request, error))
    messages.success(request, "已按建议次序排列。建议次序只作参考，请逐项核对。")
    return _after(request, public_id, 200)
