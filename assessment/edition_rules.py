"""Where pure rules come from: the rows of a loaded edition, or the files themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from assessment.models import Edition
from assessment.rules import ConditionRule, EditionRules, PlaceGroup

CHAPTERS = ("edition", "tiers", "catalogue", "conditions", "indicators")
_FIELDS = tuple(ConditionRule.__dataclass_fields__)


def from_edition(edition: Edition) -> EditionRules:
    """The rules of a loaded edition. A published edition never changes, so they are read once per process."""
    return _from_rows(edition.pk, edition.digest)


@lru_cache(maxsize=16)
def _from_rows(pk: int, digest: str) -> EditionRules:
    edition = Edition.objects.get(pk=pk)
    segments = list(edition.segments.select_related("area"))
    return _rules(
        edition.code,
        tiers=dict(edition.tiers.values_list("tier", "name")),
        areas=dict(edition.areas.values_list("code", "name")),
        segments=[(one.code, one.name, one.area.code if one.area else None) for one in segments],
        scenarios=[(one.segment.code, one.name, one.variants) for one in edition.scenarios.select_related("segment")],
        custom_scenarios=edition.custom_scenarios,
        conditions=edition.conditions.values(*_FIELDS),
        indicators=edition.indicators.values_list("number", flat=True),
        accumulate=edition.accumulate,
        places=_places(edition.source.get("edition") or {}),
    )


def from_files(folder: Path) -> EditionRules:
    """The rules in an edition's folder, checked but not loaded. Raises loader.Refused."""
    from assessment import loader
    from assessment.yaml_nodes import plain

    read = loader.read_edition(folder, only=CHAPTERS)
    documents = {name: plain(doc) for name, doc in read.documents.items()}
    return from_documents(documents)


def from_documents(documents: Mapping[str, Any]) -> EditionRules:
    """The rules in plain chapters that were checked before."""
    catalogue = documents.get("catalogue") or {}
    tiers = documents.get("tiers") or {}
    conditions = (documents.get("conditions") or {}).get("conditions", [])
    return _rules(
        documents["edition"]["code"],
        tiers={row["tier"]: row["name"] for row in tiers.get("tiers", [])},
        areas={row["code"]: row["name"] for row in catalogue.get("areas", [])},
        segments=[(row["code"], row["name"], row["area"]) for row in catalogue.get("segments", [])],
        scenarios=[(row["segment"], row["name"], row.get("variants") or []) for row in catalogue.get("scenarios", [])],
        custom_scenarios=catalogue.get("custom_scenarios", False),
        conditions=({**row, "order": order} for order, row in enumerate(conditions, 1)),
        indicators=[row["number"] for row in (documents.get("indicators") or {}).get("indicators", [])],
        accumulate=tiers.get("accumulate", "none"),
        places=_places(documents["edition"]),
    )


def _places(head: Mapping[str, Any]) -> dict[str, PlaceGroup]:
    """The groups of places the head of an edition names."""
    return {row["key"]: PlaceGroup(row["title"], frozenset(row["units"])) for row in head.get("places") or ()}


def _rules(
    code: str,
    *,
    segments: Iterable[tuple[str, str, str | None]],
    scenarios: Iterable[tuple[str, str, list[str]]],
    conditions: Iterable[Mapping[str, Any]],
    indicators: Iterable[int],
    **rest: Any,
) -> EditionRules:
    segments = list(segments)
    names: dict[str, set[str]] = {}
    for segment, name, variants in scenarios:
        names.setdefault(segment, set()).update([name, *variants])
    return EditionRules(
        code=code,
        segments={code: area for code, _, area in segments},
        segment_codes={key: code for code, name, _ in segments for key in (code, name)},
        scenarios={segment: frozenset(found) for segment, found in names.items()},
        conditions=tuple(_condition(row) for row in conditions),
        indicators=frozenset(str(number) for number in indicators),
        **rest,
    )


def _condition(row: Mapping[str, Any]) -> ConditionRule:
    values = {key: row[key] for key in _FIELDS if row.get(key) is not None}
    return ConditionRule(**{**values, "items": tuple(values.get("items", ()))})
