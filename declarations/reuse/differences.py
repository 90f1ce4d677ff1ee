"""Answers that differ from what a person vouched for in 企业资料: pointed out, and replaced only where one says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from declarations import content
from declarations.content.values import is_blank
from declarations.models import Declaration, KnownFact
from declarations.reuse.facts import is_fact, said, table, write_parts
from declarations.reuse.fitting import fit
from declarations.vocabulary import Kind
from smartfactory import audit
from smartfactory.canonical import canonical_json, sha256
from smartfactory.problems import WARNING, Problem

if TYPE_CHECKING:
    from smartfactory.models import User

# Of a long text this much is enough to recognise it.
SHOWN = 40


@dataclass(frozen=True)
class Difference:
    """An answer beside the fact that says otherwise; `choice` names both, so that only what was seen is replaced."""

    field: content.Field
    fact: KnownFact
    value: Any
    present: str
    words: str
    choice: str
    tables: tuple[content.Table | None, content.Table | None]


def mended(declaration: Declaration) -> dict[str, KnownFact]:
    """By address, what a person vouches for and offers to forms; one query."""
    rows = KnownFact.objects.filter(enterprise=declaration.enterprise, by_hand=True, withdrawn=False)
    return {one.key: one for one in rows}


def between(declaration: Declaration, payload: Mapping[str, Any]) -> list[Difference]:
    """Every answer given that differs from a fact mended by hand, in the order of the form; one query."""
    known, found = mended(declaration), []
    for field in content.describe(declaration.track).fields():
        fact = known.get(field.anchor)
        present = payload["sections"].get(field.section, {}).get(field.key)
        if fact is None or fact.kind != field.kind or not is_fact(field) or is_blank(present):
            continue
        value = fit(field, fact.value).value
        if not is_blank(value) and value != content.clean(field, present):
            mark = sha256(canonical_json([present, value]))[:8]
            words, tables = (tuple(how(field, one) for one in (present, value)) for how in (said, table))
            found.append(Difference(field, fact, value, *words, f"{field.anchor}:{mark}", tables))
    return found


def take(declaration: Declaration, wanted: Collection[str], *, actor: User) -> int:
    """Replace the chosen answers by what was vouched for, where both still read as the person saw them.

    Returns how many. Raises StaleContent when a colleague wrote into a part meanwhile, LateChangeError once closed.
    """
    with transaction.atomic():
        by_part: dict[str, dict[str, Any]] = {}
        for one in between(declaration, content.payload(declaration)):
            if one.choice in wanted:
                by_part.setdefault(one.field.section, {})[one.field.key] = one.value
        write_parts(declaration, by_part, actor)
        taken = sorted(f"{part}.{key}" for part, values in by_part.items() for key in values)
        if taken:
            audit.record("declaration.fill", actor=actor, obj=declaration, body={"fields": taken})
    return len(taken)


def contradictions(declaration: Declaration, payload: Mapping[str, Any]) -> list[Problem]:
    """A warning for each difference; tables are of their year and may well differ."""
    return [_problem(one) for one in between(declaration, payload) if one.field.kind != Kind.TABLE]


def _problem(one: Difference) -> Problem:
    words = (
        f"{one.field.label}填的是“{_short(one.present)}”，而企业资料里手工改过的是“{_short(one.words)}”"
        f"（{one.fact.source}）。填错的请改正；这里的是新的，提交后请到企业资料里改用"
    )
    return Problem(
        words, level=WARNING, section=one.field.section, field=one.field.key, clause="平台要求", standing="unverified"
    )


def _short(words: str) -> str:
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}…"
