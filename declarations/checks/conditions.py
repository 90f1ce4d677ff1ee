"""The conditions of the tier, as far as a declaration itself can answer them; the rest is for reviewers."""

from __future__ import annotations

from collections.abc import Iterator

from assessment.edition_rules import from_edition
from assessment.models import Edition
from assessment.rules import Result, evaluate_tier
from assessment.vocabulary import Status
from declarations.checks.case import Case
from declarations.content.facts import facts
from declarations.vocabulary import Kind
from smartfactory.problems import ERROR, WARNING, Problem


def tier_conditions(case: Case) -> Iterator[Problem]:
    """A hard condition that the declaration itself contradicts blocks; a soft one asks for an explanation.

    What the declaration leaves open is not held against it here: either the form requires the answer, or a person
    judges it.
    """
    description = case.description
    edition = Edition(pk=description.edition_pk, digest=description.edition_digest)
    stated = facts(case.payload, description)
    for result in evaluate_tier(from_edition(edition), stated, description.tier).results:
        if result.status == Status.UNMET and not (result.needs_explanation and _explained(case, result.rule.code)):
            yield _problem(case, result)


def _explained(case: Case, code: str) -> bool:
    return any(one.value for one, codes in case.with_rule("explains") if code in codes)


def _problem(case: Case, result: Result) -> Problem:
    rule = result.rule
    section, _, field = rule.fix.partition(".")
    if result.blocks:
        message = f"{result.reason or rule.text}。达到后再申报；填错的请改正"
    else:
        message = f"{result.reason or rule.text}，原则上应满足。请在“{_note(case, rule.code)}”里写明原因"
    return Problem(
        message,
        level=ERROR if result.blocks else WARNING,
        section=section,
        field=field or _instances(case, section),
        clause=rule.clause,
        standing=str(rule.standing),
    )


def _note(case: Case, code: str) -> str:
    labels = (one.field.label for one, codes in case.with_rule("explains") if code in codes)
    return next(labels, "说明")


def _instances(case: Case, section: str) -> str:
    kinds = (one.field.key for one in case.of_kind(Kind.INSTANCES) if one.field.section == section)
    return next(kinds, "")
