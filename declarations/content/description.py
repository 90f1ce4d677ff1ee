"""The description of a track's form, read once per process: the edition it comes from never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from assessment.citing import cite
from declarations.content.values import number
from declarations.vocabulary import LISTS, Kind

if TYPE_CHECKING:
    from assessment.models import Edition
    from declarations.models import FormField, FormSection, Track


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    answers: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table field; `width` is its share of the table in percent."""

    key: str
    label: str
    kind: str
    required: bool = False
    width: int = 0
    options: tuple[Option, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    max_chars: int | None = None


@dataclass(frozen=True)
class Field:
    section: str
    key: str
    label: str
    kind: str
    group: str = ""
    per_instance: bool = False
    required: bool = False
    max_chars: int | None = None
    limit_clause: str = ""
    limit_standing: str = ""
    options: tuple[Option, ...] = ()
    columns: tuple[Column, ...] = ()
    unit: str = ""
    help: str = ""
    note_title: str = ""
    note: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""
    standing: str = ""
    source: str = ""

    @property
    def anchor(self) -> str:
        return f"{self.section}.{self.key}"

    @property
    def stored(self) -> bool:
        """Whether the value lies in the section's data; files and instances are rows of their own."""
        return self.kind not in (Kind.FILES, Kind.INSTANCES)

    @property
    def fixed(self) -> str:
        """The attribute of the enterprise's registration this value is taken from, if it cannot be typed."""
        return self.params.get("fixed", "")


@dataclass(frozen=True)
class Indicator:
    """A key performance indicator as the form asks for it."""

    number: str
    name: str
    unit: str
    group: str
    kind: str
    lower: str
    upper: str
    base_lower: str
    base_upper: str
    computed: str
    formula: str
    note: str

    def bounds(self, key: str) -> tuple[str, str]:
        """Least and most that the value (or, for a change, its `before` and `after`) can be; blank for no bound."""
        return (self.lower, self.upper) if key == "value" else (self.base_lower, self.base_upper)

    def impossible(self, key: str, value: Any) -> str:
        """Why a value cannot be true, nothing if it can or is no number."""
        low, high = self.bounds(key)
        found = number(value)
        if found is not None and low and found < Decimal(low):
            return f"不会小于 {low}"
        return f"不会大于 {high}" if found is not None and high and found > Decimal(high) else ""


@dataclass(frozen=True)
class Section:
    key: str
    number: str
    title: str
    short_title: str
    summary: str
    clause: str
    standing: str
    fields: tuple[Field, ...]
    instance_fields: tuple[Field, ...]

    @cached_property
    def by_key(self) -> dict[str, Field]:
        return {one.key: one for one in self.fields}

    @cached_property
    def instance_by_key(self) -> dict[str, Field]:
        return {one.key: one for one in self.instance_fields}


@dataclass(frozen=True)
class Segment:
    code: str
    name: str
    area: str
    area_name: str


@dataclass(frozen=True)
class Promise:
    """One commitment of the signatory."""

    key: str
    text: str
    clause: str
    standing: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    track: str
    tier: str
    title: str
    short_title: str
    cover_title: str
    edition: str
    edition_pk: int
    edition_digest: str
    recommender_cell: str
    recommender_text: str
    recommender_note: str
    sections: tuple[Section, ...]
    indicators: tuple[Indicator, ...]
    segments: Mapping[str, Segment]
    scenarios: Mapping[str, tuple[str, ...]]
    custom_scenarios: bool
    promises: tuple[Promise, ...]

    @cached_property
    def by_key(self) -> dict[str, Section]:
        return {one.key: one for one in self.sections}

    def section(self, key: str) -> Section:
        """Raises KeyError for a part this form does not have."""
        return self.by_key[key]

    def fields(self) -> Iterator[Field]:
        for section in self.sections:
            yield from section.fields

    @cached_property
    def has_lists(self) -> bool:
        """Whether anything in it is long enough to be filled in a worksheet."""
        return any(one.kind in LISTS and not one.fixed for one in self.fields())

    @cached_property
    def instance_section(self) -> Section | None:
        return next((one for one in self.sections if one.instance_fields), None)


def describe(track: Track) -> Description:
    """The form of `track`."""
    return _describe(track.pk, track.code, track.edition_digest)


@lru_cache(maxsize=32)
def _describe(pk: int, code: str, digest: str) -> Description:
    from declarations.models import Track

    track = Track.objects.select_related("campaign__edition").get(pk=pk)
    edition = track.campaign.edition
    sections = track.sections.prefetch_related("fields").all()
    scenarios: dict[str, tuple[str, ...]] = {}
    for one in edition.scenarios.select_related("segment"):
        scenarios[one.segment.code] = (*scenarios.get(one.segment.code, ()), one.name)
    return Description(
        track=track.code,
        tier=track.tier,
        title=track.title,
        short_title=track.short_title,
        cover_title=track.cover_title,
        edition=edition.code,
        edition_pk=edition.pk,
        edition_digest=digest,
        recommender_cell=track.recommender_cell,
        recommender_text=track.recommender_text,
        recommender_note=track.recommender_note,
        sections=tuple(_section(one, edition) for one in sections),
        indicators=tuple(_indicator(one) for one in edition.indicators.all()),
        segments={one.code: _segment(one) for one in edition.segments.select_related("area")},
        scenarios=scenarios,
        custom_scenarios=edition.custom_scenarios,
        promises=tuple(
            Promise(one.key, one.text, cite(edition, one.source, one.clause), one.standing, tuple(one.answers))
            for one in track.commitments.all()
        ),
    )


def _segment(row: Any) -> Segment:
    return Segment(row.code, row.name, row.area.code if row.area else "", row.area.name if row.area else "")


def _indicator(row: Any) -> Indicator:
    names = [name for name in Indicator.__dataclass_fields__ if name != "number"]
    return Indicator(str(row.number), **{name: getattr(row, name) for name in names})


def _section(row: FormSection, edition: Edition) -> Section:
    fields = [_field(row.key, one, edition) for one in row.fields.all()]
    return Section(
        key=row.key,
        number=row.number,
        title=row.title,
        short_title=row.short_title,
        summary=row.summary,
        clause=cite(edition, row.source, row.clause),
        standing=row.standing,
        fields=tuple(one for one in fields if not one.per_instance),
        instance_fields=tuple(one for one in fields if one.per_instance),
    )


_PLAIN = (
    "key", "label", "kind", "group", "per_instance", "required", "max_chars", "limit_clause", "limit_standing", "unit",
    "help", "note_title", "note", "params", "standing", "source",
)  # fmt: skip


def _field(section: str, row: FormField, edition: Edition) -> Field:
    return Field(
        section=section,
        clause=cite(edition, row.source, row.clause),
        options=_options(row.options),
        columns=tuple(_column(one) for one in row.columns),
        **{name: getattr(row, name) for name in _PLAIN},
    )


def _options(rows: list[dict]) -> tuple[Option, ...]:
    return tuple(Option(str(one["value"]), one["label"], one.get("answers", "")) for one in rows)


def _column(row: dict) -> Column:
    return Column(
        key=row["key"],
        label=row["label"],
        kind=row["kind"],
        required=row.get("required", False),
        width=row.get("width", 0),
        options=_options(row.get("options", [])),
        params=row.get("params", {}),
        max_chars=row.get("max_chars"),
    )
