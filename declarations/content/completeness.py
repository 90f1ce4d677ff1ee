"""How far each part of a declaration has come."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declarations.content.description import Description, Field, Section
from declarations.content.values import is_blank, token
from declarations.vocabulary import Kind

DONE, FIX, DOING, EMPTY = "done", "fix", "doing", "empty"


@dataclass(frozen=True)
class Progress:
    """Required answers given and asked for in one part; `wrong` counts answers given that break a rule."""

    section: Section
    done: int
    total: int
    wrong: int = 0

    @property
    def state(self) -> str:
        if self.wrong:
            return FIX
        if self.done == self.total:
            return DONE
        return DOING if self.done else EMPTY


def completeness(
    payload: Mapping[str, Any],
    description: Description,
    wrong: Mapping[str, int] | None = None,
    missing: Collection[tuple[str, str]] = (),
) -> list[Progress]:
    """One Progress per part. `wrong` counts broken rules by part; `missing` are answers begun but not finished."""
    found = []
    for section in description.sections:
        answers = list(required_answers(payload, section))
        given = sum(not blank and (section.key, key) not in missing for key, blank in answers)
        found.append(Progress(section, given, len(answers), (wrong or {}).get(section.key, 0)))
    return found


def required_answers(payload: Mapping[str, Any], section: Section) -> Iterator[tuple[str, bool]]:
    """(address, whether it is blank) of every answer the form requires of this declaration."""
    values = payload["sections"].get(section.key, {})
    for field in section.fields:
        if field.kind == Kind.INSTANCES:
            yield from _instance_answers(section, field, values.get(field.key) or [])
        elif is_required(field, values):
            yield field.key, is_blank(values.get(field.key))


def _instance_answers(section: Section, holder: Field, instances: list[dict]) -> Iterator[tuple[str, bool]]:
    if not instances:
        yield holder.key, True
    for values in instances:
        for field in section.instance_fields:
            if is_required(field, values):
                yield f"{values['uid']}.{field.key}", is_blank(values.get(field.key))


def is_required(field: Field, values: Mapping[str, Any]) -> bool:
    """Whether the field must be answered, given the other answers of its part or instance."""
    when = field.params.get("required_when")
    if when:
        return token(values.get(when["field"])) == str(when["equals"])
    return field.required
