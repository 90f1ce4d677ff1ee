"""总览: real figures of one authority and the units below it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations.models import Track
from recommendations import figures
from recommendations.views.common import DESK
from smartfactory.access import roles, scope
from smartfactory.models import Authority


@require_GET
@roles(*DESK)
def dashboard(request: HttpRequest) -> HttpResponse:
    units = Authority.objects.filter(pk__in=scope(request.user).authority_ids(*DESK)).order_by("order")
    unit = units.filter(code=request.GET.get("unit", "")).first() or units.first()
    tracks = list(Track.objects.select_related("campaign__edition").filter(campaign__edition__status="published"))
    track = next((one for one in tracks if one.code == request.GET.get("track")), None) or figures.busiest(tracks, unit)
    context = {"unit": unit, "units": units, "tracks": tracks, "track": track}
    if track is not None:
        context["overview"] = figures.overview(track, unit)
    return render(request, "recommendations/dashboard.html", context)
