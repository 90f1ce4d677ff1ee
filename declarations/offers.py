"""Which tracks are open to whom: a notice of a place stands before the national one it carries out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from declarations.models import Track

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartfactory.models import Authority, Enterprise


def offered(track: Track, authority: Authority) -> bool:
    """Whether declarations this authority receives go on this track: it is covered, and no notice of its own stands
    before it."""
    return track.edition.covers(authority.path) and not _replaced(track, authority, _local([track.code]))


def offered_pairs(tracks: Iterable[Track], units: Iterable[Authority]) -> set[tuple[int, int]]:
    """The keys of each track and unit for which `offered` holds, in one query."""
    tracks = list(tracks)
    local = _local([one.code for one in tracks])
    return {
        (track.pk, unit.pk)
        for unit in units
        for track in tracks
        if track.edition.covers(unit.path) and not _replaced(track, unit, local)
    }


def way(track: Track, enterprise: Enterprise) -> Authority:
    """The unit through which the enterprise's declaration goes up: its group, unless the notice says its place."""
    return enterprise.authority if track.groups_by_place else enterprise.receiver


def offered_tracks(enterprise: Enterprise) -> list[Track]:
    """All published tracks for this enterprise, newest first."""
    rows = Track.objects.filter(campaign__edition__status="published").select_related("campaign__edition")
    tracks = [one for one in rows.defer("campaign__edition__source") if one.edition.covers(way(one, enterprise).path)]
    local = _local([one.code for one in tracks])
    return [one for one in tracks if not _replaced(one, way(one, enterprise), local)]


def _local(codes: Iterable[str]) -> list[Track]:
    """The tracks of places that stand for one of these."""
    rows = Track.objects.filter(like__in=list(codes), campaign__edition__status="published")
    return list(rows.select_related("campaign__edition").defer("campaign__edition__source"))


def _replaced(track: Track, authority: Authority, local: Iterable[Track]) -> bool:
    return any(one.like == track.code and one.edition.covers(authority.path) for one in local)
