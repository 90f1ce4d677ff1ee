"""An edition arranged for reading: conditions by group and tier, found by words, tier, group, strength or standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from assessment import changes, questionnaire
from assessment.models import (
    Area,
    Condition,
    DraftStatus,
    Edition,
    EditionDraft,
    Indicator,
    Segment,
    TierRule,
)
from assessment.vocabulary import COMMON, ConditionGroup, Standing, Strength
from assessment.yaml_nodes import plain, read_text
from smartfactory.text import clean


@dataclass(frozen=True)
class Search:
    """What the reader asked for; empty means everything."""

    q: str = ""
    tier: str = ""
    group: str = ""
    strength: str = ""
    standing: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Search:
        return cls(**{name: clean(data.get(name, "")).strip()[:60] for name in cls.__dataclass_fields__})

    @property
    def active(self) -> bool:
        return any(vars(self).values())

    def condition_q(self) -> Q:
        chosen = {"tier": self.tier, "area_group": self.group, "strength": self.strength, "standing": self.standing}
        found = Q(**{key: value for key, value in chosen.items() if value})
        for word in self.q.split():
            found &= Q(text__icontains=word) | Q(clause__icontains=word) | Q(code__icontains=word)
        return found


@dataclass(frozen=True)
class TierBlock:
    code: str
    name: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class GroupBlock:
    code: str
    name: str
    tiers: tuple[TierBlock, ...]


@dataclass(frozen=True)
class SegmentBlock:
    segment: Segment
    scenarios: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    search: Search
    groups: tuple[GroupBlock, ...]
    found: int
    total: int
    tiers: tuple[TierRule, ...]
    areas: tuple[Area, ...]
    segments: tuple[SegmentBlock, ...]
    indicators: tuple[Indicator, ...]
    choices: Mapping[str, list[tuple[str, str]]]


def build(edition: Edition, search: Search) -> Page:
    """Read the edition in a fixed number of queries."""
    tiers, areas = tuple(edition.tiers.all()), tuple(edition.areas.all())
    found = list(edition.conditions.filter(search.condition_q()))
    for condition in found:
        # Spares a query per citation: they all belong to this edition.
        condition.edition = edition
    names = {**dict(ConditionGroup.choices), **{one.code: one.name for one in areas}}
    return Page(
        search=search,
        groups=tuple(_groups(found, names, tiers)),
        found=len(found),
        total=edition.conditions.count(),
        tiers=tiers,
        areas=areas,
        segments=_segments(edition),
        indicators=tuple(edition.indicators.all()),
        choices=_choices(names, tiers),
    )


def amendments(edition: Edition) -> list[EditionDraft]:
    """The dated corrections in force, newest first."""
    rows = edition.amendments.filter(status=DraftStatus.PUBLISHED).select_related("proposed_by", "status_by")
    return list(rows.defer("before").order_by("-status_at"))


def amendment_report(edition: Edition, amendment: EditionDraft) -> changes.Report:
    """What this correction changed: the content before it beside the content it brought."""
    texts = {one.name: read_text(one.text, one.name) for one in amendment.chapters.all()}
    return changes.compare(amendment.before, {name: plain(doc) for name, doc in texts.items()})


def _groups(found: list[Condition], names: Mapping[str, str], tiers: Iterable[TierRule]) -> Iterable[GroupBlock]:
    tier_names = {COMMON: questionnaire.COMMON_NAME, **{one.tier: one.name for one in tiers}}
    for code, name in names.items():
        blocks = tuple(
            TierBlock(tier, tier_name, chosen)
            for tier, tier_name in tier_names.items()
            if (chosen := tuple(one for one in found if (one.area_group, one.tier) == (code, tier)))
        )
        if blocks:
            yield GroupBlock(code, name, blocks)


def _segments(edition: Edition) -> tuple[SegmentBlock, ...]:
    scenarios: dict[int, list[Any]] = {}
    for one in edition.scenarios.all():
        scenarios.setdefault(one.segment_id, []).append(one)
    segments = edition.segments.select_related("area")
    return tuple(SegmentBlock(one, tuple(scenarios.get(one.pk, ()))) for one in segments)


def _choices(names: Mapping[str, str], tiers: Iterable[TierRule]) -> dict[str, list[tuple[str, str]]]:
    return {
        "tier": [(COMMON, questionnaire.COMMON_NAME), *((one.tier, one.name) for one in tiers)],
        "group": list(names.items()),
        "strength": list(Strength.choices),
        "standing": list(Standing.choices),
    }
