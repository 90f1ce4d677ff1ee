"""What the declarations are about: production segments and industries, as filed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KT

from assessment.models import Segment
from declarations.models import Declaration, ScenarioInstance

if TYPE_CHECKING:
    from declarations.models import Track

MOST = 12
OTHERS = "其他"


@dataclass(frozen=True)
class Share:
    """So many declarations; `width` is the percentage of the longest bar. One declaration may stand in several."""

    label: str
    count: int
    width: int


def segments(track: Track, rows: QuerySet[Declaration]) -> list[Share]:
    """Declarations with a scenario in each segment, most first; none for a track whose form has no scenarios."""
    instances = ScenarioInstance.objects.filter(declaration__in=rows.order_by()).annotate(segment=KT("data__segment"))
    found = instances.order_by().values_list("segment").annotate(n=Count("declaration", distinct=True))
    names = dict(Segment.objects.filter(edition_id=track.campaign.edition_id).values_list("code", "name"))
    return _shares({names[code]: count for code, count in found if code in names})


def industries(rows: QuerySet[Declaration]) -> list[Share]:
    """Declarations by the industry they were filed under, most first; the name is the one used most for the code."""
    found = rows.exclude(industry="").order_by().values_list("industry", "industry_name").annotate(n=Count("pk"))
    counts: Counter[str] = Counter()
    names: dict[str, Counter[str]] = {}
    for code, name, count in found:
        counts[code] += count
        names.setdefault(code, Counter())[name] += count
    return _shares({f"{code} {names[code].most_common(1)[0][0]}".strip(): count for code, count in counts.items()})


def _shares(counts: dict[str, int]) -> list[Share]:
    rows = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    rest = sum(count for _, count in rows[MOST:])
    shown = rows[:MOST] + ([(OTHERS, rest)] if rest else [])
    longest = max((count for _, count in shown), default=1)
    return [Share(label, count, round(count * 100 / longest)) for label, count in shown]
