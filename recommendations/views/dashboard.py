"""总览: real figures of one authority and the units below it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations import deadlines
from declarations.models import Track
from recommendations.overview import charts, figures, schedule, sheets, tiles
from recommendations.views.common import DESK
from smartfactory import files, home
from smartfactory.access import roles, scope
from smartfactory.models import Authority, AuthorityKind

TASKS = 4


@require_GET
@roles(*DESK)
def dashboard(request: HttpRequest) -> HttpResponse:
    units, unit = _units(request)
    tracks = _tracks(unit)
    track = next((one for one in tracks if one.code == request.GET.get("track")), None) or figures.busiest(tracks, unit)
    context = {"unit": unit, "units": units, "tracks": tracks, "track": track}
    if track is not None:
        context |= _pictures(request, track, unit)
    return render(request, "recommendations/dashboard.html", context)


def _tracks(unit: Authority) -> list[Track]:
    """Those of the nation and of the unit's own region; the ministry looks at all."""
    rows = Track.objects.select_related("campaign__edition").filter(campaign__edition__status="published")
    return [one for one in rows if unit.kind == AuthorityKind.MINISTRY or one.edition.covers(unit.path)]


def _units(request: HttpRequest) -> tuple[list[Authority], Authority]:
    """The person's own desks, and the one asked for."""
    units = list(Authority.objects.filter(pk__in=scope(request.user).authority_ids(*DESK)).order_by("order"))
    return units, next((one for one in units if one.code == request.GET.get("unit", "")), units[0])


def _pictures(request: HttpRequest, track: Track, unit: Authority) -> dict[str, object]:
    found = figures.overview(track, unit)
    nation = unit.kind == AuthorityKind.MINISTRY
    return {
        "overview": found,
        "funnel": charts.steps(found.funnel, "从自评到推荐"),
        "segments": charts.ranked(found.segments, "涉及各环节的申报书"),
        "industries": charts.ranked(found.industries, "各行业的申报书"),
        "schedule": schedule.line(found.deadlines, deadlines.server_time()),
        "grid": tiles.grid(track, unit, request.GET.get("by", "")) if nation else None,
        "measures": [(key, label) for key, (label, _) in tiles.MEASURES.items()],
        "tasks": [one for one in home.tasks(request.user) if one.tone != home.DONE][:TASKS],
    }


@require_GET
@roles(*DESK)
def workbook(request: HttpRequest) -> HttpResponse:
    """The figures of one track and unit as Excel."""
    _, unit = _units(request)
    track = Track.objects.filter(code=request.GET.get("track", ""), campaign__edition__status="published").first()
    if track is None:
        raise Http404
    answer = HttpResponse(sheets.workbook(figures.overview(track, unit)), content_type=files.MIMES["xlsx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="overview-{unit.code}-{track.code}.xlsx"'
    return answer
