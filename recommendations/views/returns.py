"""退回统计: which answers this desk's line sends back, and why; on the screen and as a worksheet."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from declarations import content, often_returned
from declarations.models import ReturnItem, Track
from declarations.models.return_item import ReturnReason
from declarations.often_returned import Often
from recommendations.views.common import DESK
from smartfactory import documents, files
from smartfactory.access import roles
from smartfactory.spreadsheets import Column

HEAD = (Column("部分", 18), Column("项目", 30), Column("退回次数", 10, True), Column("涉及企业", 10, True))


@dataclass(frozen=True)
class Line:
    """One answer with its part's name and how often each reason was given, in the order of the vocabulary."""

    often: Often
    part: str
    reasons: tuple[tuple[str, int], ...]


@require_GET
@roles(*DESK)
def returned(request: HttpRequest) -> HttpResponse:
    tracks = _tracks(request)
    track = _chosen(request, tracks)
    lines = _lines(request, track)
    context = {"tracks": tracks, "track": track, "lines": lines, "reasons": ReturnReason.choices}
    context["total"] = sum(one.often.count for one in lines)
    return render(request, "recommendations/returned.html", context)


@require_GET
@roles(*DESK)
def returned_sheet(request: HttpRequest) -> HttpResponse:
    track = _chosen(request, _tracks(request))
    columns = (*HEAD, *(Column(label, 12, True) for _, label in ReturnReason.choices))
    title = f"退回统计（{track.title}）" if track else "退回统计"
    rows = [_cells(one) for one in _lines(request, track)]
    made = documents.write_xlsx([documents.Sheet(name="退回统计", columns=columns, rows=rows, title=title)])
    response = HttpResponse(made, content_type=files.MIMES["xlsx"])
    response.headers["Content-Disposition"] = 'attachment; filename="returned.xlsx"'
    return response


def _cells(one: Line) -> list[str]:
    said = [str(count) if count else "" for _, count in one.reasons]
    return [one.part, one.often.label, str(one.often.count), str(one.often.enterprises), *said]


def _tracks(request: HttpRequest) -> list[Track]:
    """Tracks on which something this person may see was sent back, newest first."""
    items = ReturnItem.objects.visible_to(request.user)
    rows = Track.objects.filter(declarations__return_items__in=items).select_related("campaign__edition").distinct()
    return list(rows.order_by("-campaign__edition__year", "pk"))


def _chosen(request: HttpRequest, tracks: list[Track]) -> Track | None:
    code = request.GET.get("track", "")
    return next((one for one in tracks if one.code == code), tracks[0] if tracks else None)


def _lines(request: HttpRequest, track: Track | None) -> list[Line]:
    if track is None:
        return []
    description = content.describe(track)
    items = ReturnItem.objects.visible_to(request.user).filter(declaration__track=track)
    found = often_returned.tally(often_returned.rows_of(items), description)
    return [_line(one, description.by_key[one.section].short_title) for one in found]


def _line(one: Often, part: str) -> Line:
    counts = dict(one.reasons)
    return Line(one, part, tuple((str(label), counts.get(str(label), 0)) for _, label in ReturnReason.choices))
