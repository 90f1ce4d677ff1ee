"""The number that applies to this enterprise, beside the question it is about: by its place and its other answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assessment.citing import cite
from assessment.edition_rules import from_edition
from assessment.models import Edition
from assessment.thresholds import Threshold, Unknown, of_rule, possible
from declarations.content.facts import facts
from smartfactory.forms import Note

if TYPE_CHECKING:
    from assessment.rules import ConditionRule
    from declarations.content import Section
    from declarations.presenting import Workspace


def own_notes(space: Workspace, section: Section) -> dict[str, tuple[Note, ...]]:
    """Margin notes by field of the part: what a condition asks of this enterprise, with its clause."""
    found: dict[str, tuple[Note, ...]] = {}
    for key, note in _notes(space, section):
        found[key] = (*found.get(key, ()), note)
    return found


def _notes(space: Workspace, section: Section) -> Iterator[tuple[str, Note]]:
    description = space.description
    edition = Edition(pk=description.edition_pk, digest=description.edition_digest)
    rules = from_edition(edition)
    if description.tier not in rules.tiers:
        return
    asked = [(rule, params) for rule in rules.binding(description.tier) for params in of_rule(rule)]
    stated = facts(space.payload, description) if asked else None
    for rule, params in asked:
        place, _, key = params["of"].partition(".")
        if place == section.key and key in section.by_key:
            try:
                numbers = possible(params, stated, rules.places)
            except Unknown:
                continue
            if numbers:
                yield key, _note(space, rule, numbers)


def _note(space: Workspace, rule: ConditionRule, numbers: list[Threshold]) -> Note:
    clause = cite(space.declaration.track.edition, rule.source, rule.clause)
    return Note("对本企业的要求", "；".join(one.words for one in numbers), clause=clause, standing=str(rule.standing))
