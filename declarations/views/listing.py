"""The enterprise's declarations, and beginning one."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from declarations import deadlines, notices, offers, services
from declarations.models import Declaration, Track
from declarations.views.common import MEMBERS, WRITERS
from smartfactory.access import roles, scope
from smartfactory.models import Enterprise


@require_GET
@roles(*MEMBERS)
def declaration_list(request: HttpRequest) -> HttpResponse:
    rows = Declaration.objects.own(request.user).select_related("track", "enterprise", "latest_revision")
    found = list(rows.annotate(returns=Count("return_items", distinct=True)))
    context = {"declarations": found, "offers": _offers(request, found)}
    context["unread"] = notices.unread(request.user)
    context |= {"assess": reverse("assessment_list"), "policy": reverse("policy_index")}
    return render(request, "declarations/list.html", context)


def _offers(request: HttpRequest, present: list[Declaration]) -> list[dict]:
    """Open tracks on which one of the person's enterprises has not begun yet."""
    now, begun = (
        deadlines.server_time(),
        {(one.enterprise_id, one.track_id) for one in present if one.status != "rejected"},
    )
    enterprises = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*WRITERS)).select_related(
        "authority", "soe"
    )
    found = []
    for enterprise in enterprises:
        for track in offers.offered_tracks(enterprise):
            deadline = deadlines.for_enterprise(track, enterprise)
            if (enterprise.pk, track.pk) not in begun and deadlines.is_open(track, deadline, now):
                found.append({"enterprise": enterprise, "track": track, "deadline": deadline})
    return found


@require_POST
@roles(*WRITERS)
def declaration_start(request: HttpRequest, track: str) -> HttpResponse:
    row = get_object_or_404(Track, code=track)
    wanted = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*WRITERS))
    enterprise = wanted.filter(public_id=request.POST.get("enterprise", "")).select_related("authority", "soe").first()
    if enterprise is None:
        raise Http404
    try:
        declaration = services.start(enterprise=enterprise, track=row, actor=request.user)
    except services.NotOpen:
        messages.error(request, f"{row.title}现在不接受申报：还没有开始，或者已经截止。")
        return redirect("declaration_list")
    return redirect("declaration_detail", declaration.public_id)
