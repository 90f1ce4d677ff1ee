"""What a tier asks, read from its edition: conditions, what must come before, papers, and the limits of the form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.knowledge import citing, limits
from assessment.models import Condition, Edition, TierRule
from assessment.vocabulary import COMMON, ConditionGroup, Strength

# What tells the tiers apart; the areas of building are counted beside.
TELLING = (
    ConditionGroup.PREREQUISITE,
    ConditionGroup.MATURITY,
    ConditionGroup.COVERAGE,
    ConditionGroup.AI,
    ConditionGroup.EFFECT,
)


@dataclass(frozen=True)
class Group:
    code: str
    name: str
    conditions: tuple[Condition, ...]

    @property
    def hard(self) -> int:
        return sum(one.strength == Strength.HARD for one in self.conditions)

    @property
    def soft(self) -> int:
        return len(self.conditions) - self.hard


@dataclass(frozen=True)
class Rules:
    """Tiers, conditions and the names of their groups, read in three queries."""

    edition: Edition
    tiers: tuple[TierRule, ...]
    conditions: tuple[Condition, ...]
    names: Mapping[str, str]

    @classmethod
    def read(cls, edition: Edition) -> Rules:
        conditions, tiers = tuple(edition.conditions.all()), tuple(edition.tiers.all())
        for one in (*conditions, *tiers):
            # Spares a query per citation: they all belong to this edition.
            one.edition = edition
        areas = {one.code: one.name for one in edition.areas.all()}
        return cls(edition, tiers, conditions, {**dict(ConditionGroup.choices), **areas})

    def groups(self, *tiers: str) -> list[Group]:
        found = [one for one in self.conditions if one.tier in tiers]
        made = (
            Group(code, name, tuple(one for one in found if one.area_group == code))
            for code, name in self.names.items()
        )
        return [one for one in made if one.conditions]

    def tier(self, code: str) -> TierRule | None:
        return next((one for one in self.tiers if one.tier == code), None)

    @property
    def areas(self) -> list[str]:
        return [code for code in self.names if code not in ConditionGroup.values]


@dataclass(frozen=True)
class Line:
    """One line of the table of tiers: what each tier says to one question."""

    name: str
    code: str
    cells: tuple[tuple[TierRule, tuple[Condition, ...]], ...]
    counted: bool = False


@dataclass(frozen=True)
class Rung:
    """A tier on the way up, and the conditions by which it presupposes the one below."""

    tier: TierRule
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Papers:
    """What is handed in on one track."""

    track: Mapping[str, Any]
    cited: citing.Cited
    parts: tuple[tuple[Mapping[str, Any], citing.Cited], ...]
    files: tuple[limits.Limit, ...]
    limits: tuple[limits.Limit, ...]


@dataclass(frozen=True)
class TierPage:
    rules: Rules
    tier: TierRule
    common: list[Group]
    groups: list[Group]
    chain: list[Rung]
    papers: list[Papers]

    @property
    def total(self) -> int:
        return sum(len(one.conditions) for one in (*self.common, *self.groups))


def side_by_side(rules: Rules) -> list[Line]:
    """The tiers beside each other: what tells them apart in full, the building of each area by its counts."""
    lines = [_line(rules, code, counted=False) for code in TELLING]
    lines += [_line(rules, code, counted=True) for code in rules.areas]
    return [one for one in lines if any(found for _, found in one.cells)]


def _line(rules: Rules, code: str, *, counted: bool) -> Line:
    cells = tuple(
        (tier, tuple(one for one in rules.conditions if (one.tier, one.area_group) == (tier.tier, code)))
        for tier in rules.tiers
    )
    return Line(rules.names[code], code, cells, counted)


def tier_page(rules: Rules, tier: TierRule) -> TierPage:
    return TierPage(
        rules,
        tier,
        common=rules.groups(COMMON),
        groups=rules.groups(tier.tier),
        chain=list(_chain(rules, tier)),
        papers=[_papers(rules.edition, track) for track in tracks(rules.edition, tier.tier)],
    )


def tracks(edition: Edition, tier: str = "") -> Iterator[Mapping[str, Any]]:
    """The tracks of an edition, or of one of its tiers."""
    listed = (edition.source.get("campaign") or {}).get("tracks") or ()
    return (one for one in listed if not tier or one["tier"] == tier)


def rows(edition: Edition, chapter: str, part: str, track: str) -> list[Mapping[str, Any]]:
    """The rows about one track in a part of a chapter that is told track by track."""
    listed = (edition.source.get(chapter) or {}).get(part) or ()
    return [one for one in listed if one.get("track") == track]


def _chain(rules: Rules, tier: TierRule) -> Iterable[Rung]:
    """From the lowest tier that is presupposed up to this one. An edition cannot presuppose in a circle for long."""
    way = [tier]
    while below := [one for one in map(rules.tier, way[-1].requires) if one and one not in way]:
        way.append(below[0])
    for one in reversed(way):
        yield Rung(one, tuple(c for c in rules.conditions if (c.tier, c.area_group) == (one.tier, "PRE")))


def _papers(edition: Edition, track: Mapping[str, Any]) -> Papers:
    parts = rows(edition, "campaign", "checklist", track["code"])
    return Papers(
        track,
        citing.of_row(edition, track),
        tuple((one, citing.of_row(edition, one)) for one in parts),
        tuple(limits.files(edition, track["code"])),
        tuple(limits.written(edition, track["code"])),
    )
