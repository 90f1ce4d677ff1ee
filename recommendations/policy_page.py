"""What the page of an edition shows of this floor: quota rules, and every recommending unit with its number."""

from __future__ import annotations

from typing import Any

from assessment.models import Edition
from assessment.policy_sections import Section
from declarations.models import Track
from recommendations import quotas
from recommendations.models import QuotaRule
from smartfactory.models import Authority, AuthorityKind

RECOMMENDING = (AuthorityKind.PROVINCE, AuthorityKind.PLANNED_CITY, AuthorityKind.XPCC)


def units(edition: Edition, kinds: tuple[str, ...] = RECOMMENDING) -> list[Authority]:
    """The real units an edition speaks to; that of a place also to the cities below."""
    kinds = (*kinds, AuthorityKind.CITY) if edition.region else kinds
    return [one for one in Authority.objects.filter(kind__in=kinds, is_demo=False) if edition.covers(one.path)]


def context(edition: Edition) -> dict[str, Any] | None:
    rules = QuotaRule.objects.filter(track__campaign__edition=edition).select_related("track__campaign__edition")
    tracks = list(Track.objects.filter(quota_rules__in=rules).distinct())
    if not tracks:
        return None
    below = units(edition)
    tables = []
    for track in tracks:
        found = quotas.resolve_many(track, below)
        tables.append({"track": track, "rules": [one for one in rules if one.track_id == track.pk],
                       "units": [(unit, found[unit.code]) for unit in below]})  # fmt: skip
    return {"tables": tables}


SECTION = Section("quotas", "推荐名额", "recommendations/policy_quotas.html", context, order=30)
