"""The facts a declaration states, in the shape that the conditions are judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from assessment.facts import Facts, Instance
from declarations.content.completeness import required_answers
from declarations.content.description import Description, Field
from declarations.content.values import is_blank, month_of, number, token
from declarations.vocabulary import NUMBERS, Kind

# Kinds of answer that a threshold may look at.
COMPARED = NUMBERS | {Kind.CHOICE, Kind.BOOL}


def facts(payload: Mapping[str, Any], description: Description) -> Facts:
    """What the payload says that bears on conditions; what it leaves open stays unknown."""
    applicant, factory = (payload["sections"].get(key, {}) for key in ("applicant", "factory"))
    level = number(factory.get("maturity_level"))
    entity = applicant.get("entity_type")
    instances = list(_instances(payload, description))
    return Facts(
        flags=dict(_flags(payload, description)),
        maturity_level=int(level) if level is not None else None,
        prior_tiers=_prior_tiers(payload, description),
        scenario_instances=tuple(instances) if _has_instances(payload, description) else None,
        indicators=dict(_indicators(payload, description)),
        industry=applicant.get("industry") or None,
        is_branch=None if not entity else entity == "branch",
        built_until=month_of(factory.get("built_until")) or None,
        answers=dict(_answers(payload, description)),
        places=tuple(places) if (places := payload.get("enterprise", {}).get("places")) is not None else None,
    )


def _prior_tiers(payload: Mapping[str, Any], description: Description) -> frozenset[str] | None:
    """The titles held. A blank list means none only once the rest of its part is answered; until then nobody said."""
    section, values = description.by_key.get("factory"), payload["sections"].get("factory", {})
    held = frozenset(row["tier"] for row in values.get("prior_titles") or [] if row.get("tier"))
    if not held and section and any(blank for _, blank in required_answers(payload, section)):
        return None
    return held


def _has_instances(payload: Mapping[str, Any], description: Description) -> bool:
    """Whether any scenario was begun; a list nobody began covers nothing yet and misses nothing."""
    section = description.instance_section
    values = payload["sections"].get(section.key, {}) if section else {}
    return any(values.get(one.key) for one in section.fields if one.kind == Kind.INSTANCES) if section else False


def _answers(payload: Mapping[str, Any], description: Description) -> Iterator[tuple[str, str]]:
    """Numbers and single choices as they were given: what a threshold may look at."""
    for field in description.fields():
        if field.kind in COMPARED and not field.per_instance:
            value = payload["sections"].get(field.section, {}).get(field.key)
            if not is_blank(value):
                yield field.anchor, token(value)


def _instances(payload: Mapping[str, Any], description: Description) -> Iterator[Instance]:
    section = description.instance_section
    holder = next((one for one in section.fields if one.kind == Kind.INSTANCES), None) if section else None
    for one in payload["sections"][section.key].get(holder.key) or [] if holder else []:
        if one.get("segment") in description.segments:
            yield Instance(
                one["segment"], str(one.get("scenario") or ""), str(one.get("name") or ""), one.get("uses_ai")
            )


def _flags(payload: Mapping[str, Any], description: Description) -> Iterator[tuple[str, bool]]:
    """Conditions answered by a field, an option or a commitment."""
    for field in description.fields():
        yield from _field_flags(field, payload["sections"].get(field.section, {}).get(field.key))
    confirmed = {one["key"] for one in payload.get("commitments", [])}
    for promise in description.promises:
        if promise.key in confirmed:
            yield from ((code, True) for code in promise.answers)


def _field_flags(field: Field, value: Any) -> Iterable[tuple[str, bool]]:
    if is_blank(value):
        return
    for code in field.params.get("answers", []):
        yield code, token(value) == field.params["must_be"] if "must_be" in field.params else True
    if field.kind == Kind.MULTICHOICE:
        for option in field.options:
            if option.answers:
                yield option.answers, option.value in value


def _indicators(
    payload: Mapping[str, Any], description: Description
) -> Iterator[tuple[str, dict[str, Decimal | None]]]:
    for field in description.fields():
        if field.kind == Kind.INDICATORS:
            for key, row in (payload["sections"][field.section].get(field.key) or {}).items():
                yield key, {"before": number(row.get("before")), "after": number(row.get("after"))}
