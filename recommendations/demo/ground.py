"""What must stand before anybody can act: dates that have not passed, the province's caps, the enterprises."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from declarations.models import Deadline, Track
from recommendations.demo import book
from recommendations.models import LocalQuota
from smartfactory import audit
from smartfactory.models import Authority, Enterprise

if TYPE_CHECKING:
    from recommendations.demo.book import Firm

LAST_SECOND = time(23, 59, 59)


def keep_open(*more: str) -> int:
    """Put the demonstration's deadlines ahead of today, unless all of them still are. Returns how many were set.

    `more` names tracks beyond those of the demonstration.
    """
    rows = book.world()["deadlines"]
    codes, reason = {*rows["tracks"], *more}, rows["reason"]
    present = list(
        Deadline.objects.filter(track__code__in=codes, authority__code__in=rows["authorities"], reason=reason)
    )
    wanted = len(codes) * len(rows["authorities"]) * len(rows["days"])
    if len(present) == wanted and all(one.at > timezone.now() for one in present):
        return 0
    for track in Track.objects.filter(code__in=codes):
        for authority in Authority.objects.filter(code__in=rows["authorities"]):
            _set(track, authority, rows["days"], rows["clause"], reason)
    return wanted


def _set(track: Track, authority: Authority, days: dict[str, int], clause: str, reason: str) -> None:
    today, body = timezone.localdate(), {}
    for stage, after in days.items():
        at = timezone.make_aware(datetime.combine(today + timedelta(days=after), LAST_SECOND))
        body[stage] = at.isoformat()
        Deadline.objects.update_or_create(
            track=track,
            authority=authority,
            stage=stage,
            defaults={"at": at, "clause": clause, "standing": "unverified", "reason": reason},
        )
    audit.record("deadline.local", obj=authority, body={"track": track.code, "at": body, "reason": reason})


def set_caps() -> None:
    """The province's own numbers for its cities, on the tracks where cities make lists."""
    for row in book.world()["caps"]:
        values = dict(row)
        track, parent = Track.objects.get(code=values.pop("track")), Authority.objects.get(code=values.pop("parent"))
        LocalQuota.objects.create(track=track, parent=parent, **values)
        audit.record("quota.local", obj=parent, body=row)


def found(firm: Firm) -> Enterprise:
    """Register one enterprise."""
    city = Authority.objects.get(code=firm.city)
    return Enterprise.objects.create(
        name=firm.name,
        credit_code=firm.credit_code,
        authority=city,
        soe=Authority.objects.get(code=firm.soe) if firm.soe else None,
        address=f"云泽省{city.short_name}演示路 {firm.number} 号",
        is_demo=True,
    )
