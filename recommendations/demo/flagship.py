"""The enterprise whose people can sign in: a long draft with two small things to do, and a finished self-assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assessment import edition_rules
from assessment import self_assessment_service as assessing
from assessment.models import Edition, SelfAssessment
from declarations import content
from declarations.vocabulary import Kind
from recommendations.demo import book, filing, papers
from recommendations.demo.writing import Writer
from smartfactory.models import Role

if TYPE_CHECKING:
    from declarations.models import Declaration, Track
    from recommendations.demo.staff import Staff
    from smartfactory.models import Enterprise


def write(enterprise: Enterprise, track: Track, staff: Staff) -> Declaration:
    """The draft, with pictures and proofs, and what is left open for the person at the keyboard."""
    words = book.world()["flagship"]
    declaration = filing.draft(book.flagship(), enterprise, track, staff, open_fields=words["open"])
    _attach(declaration, words, staff)
    return declaration


def _attach(declaration: Declaration, words: dict[str, Any], staff: Staff) -> None:
    actor = staff.at(Role.PREPARER, declaration.enterprise)
    description = content.describe(declaration.track)
    for anchor in words["proofs"]:
        section, _, key = anchor.partition(".")
        field = description.section(section).by_key[key]
        papers.attach(declaration, field, f"{field.label}.pdf", papers.page(field.label), actor)
    section = description.instance_section
    own = next(one for one in section.fields if one.kind == Kind.FILES)
    each = next(one for one in section.instance_fields if one.kind == Kind.FILES)
    for file, name, position in words["pictures"]:
        instance = declaration.instances.get(position=position) if position else None
        papers.attach(declaration, each if instance else own, name, papers.picture(file), actor, instance)


def assess(enterprise: Enterprise, track: Track, staff: Staff) -> SelfAssessment:
    """One finished round: most of it met, a few gaps left towards the tier."""
    actor = staff.at(Role.PREPARER, enterprise)
    words, edition = book.world()["assessment"], Edition.objects.get(code=track.edition.code)
    answers = words["facts"] | {"flags": _flags(edition, words), "scenario_instances": _instances(track)}
    source = {"maturity_source": words["source"], "maturity_date": words["date"]}
    round_ = assessing.start(enterprise, edition, actor)
    round_ = assessing.save(round_, answers, round_.version, actor, maturity=source)
    return assessing.finish(round_, round_.version, actor)


def _flags(edition: Edition, words: dict[str, Any]) -> dict[str, bool]:
    """Yes to what is asked up to the tier, but for the gaps; the tier above and the open ones stay unanswered."""
    asked = [one for one in edition_rules.from_edition(edition).conditions if one.asks_person]
    open_codes = set(words["open"])
    return {
        one.code: one.code not in words["gaps"]
        for one in asked
        if one.tier != words["unanswered_tier"] and one.code not in open_codes
    }


def _instances(track: Track) -> list[dict[str, Any]]:
    rows = Writer(book.flagship(), content.describe(track)).instances()
    keys = ("segment", "scenario", "name")
    return [{key: row[key] for key in keys} | {"uses_ai": row["uses_ai"] == "yes"} for row in rows]
