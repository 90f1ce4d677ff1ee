"""The content of a declaration as one value: what is checked, shown, frozen, hashed and printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps

from assessment.edition_rules import from_edition
from assessment.models import Edition
from declarations.content.description import Description, Field, Indicator, describe
from declarations.content.values import change, number, plain
from declarations.vocabulary import Kind
from smartfactory.canonical import canonical_json
from smartfactory.prepared import Prepared

if TYPE_CHECKING:
    from django.db.models import Model

    from declarations.models import Declaration, Evidence, ScenarioInstance, SectionContent

SCHEMA = "sf-declaration/1"


def canonical(value: Mapping[str, Any]) -> str:
    """The exact text of a payload that is hashed and kept."""
    return canonical_json(value)


class Stored(NamedTuple):
    """The rows a declaration consists of."""

    contents: list[SectionContent]
    evidence: list[Evidence]
    instances: list[ScenarioInstance]


def _model(name: str) -> type[Model]:
    return apps.get_model("declarations", name)


# Who changed what when is read where somebody asks for it: it grows with every save.
_STORED = (
    Prepared(
        lambda pk: _model("SectionContent").objects.filter(declaration=pk).select_related("updated_by").defer("changed")
    ),
    Prepared(lambda pk: _model("Evidence").objects.filter(declaration=pk).select_related("file")),
    Prepared(lambda pk: _model("ScenarioInstance").objects.filter(declaration=pk).defer("changed")),
)


def stored(declaration: Declaration) -> Stored:
    """What is stored now (three queries)."""
    found = Stored(*(ask(declaration.pk) for ask in _STORED))
    for rows in found:
        for row in rows:
            row.declaration = declaration
    return found


def payload(declaration: Declaration, found: Stored | None = None) -> dict[str, Any]:
    """Everything the declaration says now, or said in what was `found`. Decimals are text; nothing typed is left out."""
    rows = found or stored(declaration)
    description = describe(declaration.track)
    data = {one.key: one.data for one in rows.contents}
    files = _files(rows.evidence, description)
    instances = [_instance(description, one, files) for one in rows.instances]
    sections = {
        section.key: _section(declaration, section.fields, data.get(section.key, {}), files, instances)
        for section in description.sections
    }
    _compute_indicators(description, sections, instances)
    return {
        "schema": SCHEMA,
        "edition": description.edition,
        "track": {"code": description.track, "tier": description.tier, "title": description.title},
        "declaration": {"number": declaration.number, "id": declaration.public_id},
        "enterprise": _enterprise(declaration, description),
        "sections": sections,
    }


def _enterprise(declaration: Declaration, description: Description) -> dict[str, Any]:
    """Who declares; and where it stands, if the edition sets numbers by place."""
    found: dict[str, Any] = {
        "name": declaration.enterprise.name,
        "credit_code": declaration.enterprise.credit_code,
    }
    edition = Edition(pk=description.edition_pk, digest=description.edition_digest)
    if from_edition(edition).places:
        found["places"] = declaration.enterprise.authority.path.strip("/").split("/")
    return found


def _section(
    declaration: Declaration, fields: Iterable[Field], data: Mapping[str, Any], files: Mapping, instances: list[dict]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        if field.fixed:
            found[field.key] = getattr(declaration.enterprise, field.fixed)
        elif field.kind == Kind.FILES:
            found[field.key] = files[(field.section, field.key, None)]
        elif field.kind == Kind.INSTANCES:
            found[field.key] = instances
        else:
            found[field.key] = data.get(field.key)
    return found


def _clauses(description: Description) -> dict[str, str]:
    """The conditions that bind the declaration's tier and the clause of each."""
    rules = from_edition(Edition(pk=description.edition_pk, digest=description.edition_digest))
    binding = rules.binding(description.tier) if description.tier in rules.tiers else ()
    return {one.code: one.clause for one in binding}


def _files(
    rows: Iterable[Evidence], description: Description
) -> Mapping[tuple[str, str, int | None], list[dict[str, Any]]]:
    found: dict[tuple[str, str, int | None], list[dict[str, Any]]] = defaultdict(list)
    for one in rows:
        entry = {
            "name": one.name,
            "digest": one.file_id,
            "size": one.file.size,
            "mime": one.file.mime,
            "pages": one.pages,
        }
        # A condition the edition does not have, such as one of the year before, is answered by nothing.
        known = _clauses(description) if one.anchors else {}
        if answers := [at | {"clause": known[at["condition"]]} for at in one.anchors if at["condition"] in known]:
            entry["answers"] = answers
        found[(one.section, one.field, one.instance_id)].append(entry)
    return found


def _instance(description: Description, row: ScenarioInstance, files: Mapping) -> dict[str, Any]:
    section = description.instance_section
    segment = description.segments.get(str(row.data.get("segment")))
    values = {
        field.key: files[(section.key, field.key, row.pk)] if field.kind == Kind.FILES else row.data.get(field.key)
        for field in section.instance_fields
    }
    named = {"segment_name": segment.name if segment else "", "area": segment.area if segment else ""}
    return {"uid": row.uid, **values, **named}


def _compute_indicators(description: Description, sections: dict[str, dict], instances: list[dict]) -> None:
    """Write the values the system computes: shares over the instances, changes from before and after."""
    for field in description.fields():
        if field.kind == Kind.INDICATORS:
            typed = sections[field.section].get(field.key) or {}
            sections[field.section][field.key] = computed(description, field, typed, instances)


def computed(description: Description, field: Field, typed: Mapping, instances: list[dict]) -> dict[str, dict]:
    """The indicators with every value that follows from others filled in."""
    decreasing = {str(one) for one in field.params.get("decreasing", [])}
    found = {number_: dict(row) for number_, row in typed.items()}
    for indicator in description.indicators:
        row = found.get(indicator.number, {})
        if indicator.computed == "ai_share":
            share = ai_share(instances)
            if share is not None:
                found[indicator.number] = {"value": share, "na": False, "note": row.get("note", "")}
        elif indicator.kind == "change" and row and not row.get("na"):
            row["value"] = _change(indicator, row, indicator.number in decreasing)
    return found


def _change(indicator: Indicator, row: Mapping[str, Any], decreasing: bool) -> str:
    """The change in percent; nothing where a base is missing or cannot be true."""
    before, after = number(row.get("before")), number(row.get("after"))
    if before is None or after is None or any(indicator.impossible(key, row[key]) for key in ("before", "after")):
        return ""
    return change(before, after, decreasing=decreasing) or ""


def ai_share(instances: list[dict]) -> str | None:
    """Instances that use AI in percent of all, to two places; None while one has not been answered."""
    if not instances or any(one.get("uses_ai") is None for one in instances):
        return None
    share = Fraction(sum(one["uses_ai"] is True for one in instances) * 100, len(instances))
    return plain(Decimal(round(share * 100)).scaleb(-2))
