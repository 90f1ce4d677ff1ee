"""What is wrong with a declaration: one function a rule, pure, over the payload alone.

Errors keep a declaration from being submitted; warnings are shown and never block. Every number a rule compares with
is a row of the edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from declarations.checks import conditions, consistency, fields, indicators, tables
from declarations.checks.case import Case
from declarations.content.description import Description
from smartfactory.problems import Problem

Rule = Callable[[Case], Iterator[Problem]]
# Rules about one answer at a time: cheap enough to run on every save.
FIELD_RULES: tuple[Rule, ...] = (
    fields.readable,
    fields.chosen_from_options,
    fields.within_length,
    fields.matches_pattern,
    fields.plausible,
    fields.is_the_only_answer,
    fields.all_options_confirmed,
    fields.without_separator,
    fields.after_its_start,
    fields.at_most_the_whole,
    tables.rows_within_limit,
    tables.cells_readable,
    tables.cells_within_length,
    tables.cells_plausible,
    tables.cells_unique,
    indicators.within_bounds,
)
# Those that hold whatever the year: what is kept for later forms is held against no edition's years.
LASTING_RULES: tuple[Rule, ...] = (
    fields.readable, fields.chosen_from_options, fields.within_length, fields.matches_pattern, tables.rows_within_limit,
    tables.cells_readable, tables.cells_within_length,
)  # fmt: skip
WHOLE_RULES: tuple[Rule, ...] = (
    fields.answered,
    fields.sum_of_parts,
    tables.enough_rows,
    tables.cells_answered,
    tables.years_told,
    indicators.answered,
    indicators.recomputed,
    indicators.count_matches_list,
    indicators.models_match_instances,
    indicators.rate_matches_equipment,
    consistency.instance_names_unique,
    consistency.instance_names_its_own,
    consistency.scenario_in_its_segment,
    consistency.descriptions_differ,
    consistency.growth_matches_finances,
    consistency.results_point_the_indicators_way,
    conditions.tier_conditions,
)


def run(payload: Mapping[str, Any], description: Description, *, today: date | None = None) -> list[Problem]:
    """Every problem of the whole declaration, in the order of the form, errors and warnings."""
    case = Case(payload, description, today)
    found = [problem for rule in (*FIELD_RULES, *WHOLE_RULES) for problem in rule(case)]
    return sorted(found, key=case.place)


def quick(payload: Mapping[str, Any], description: Description, *, today: date | None = None) -> list[Problem]:
    """Problems of the answers present in a partial payload, without asking for those that are missing."""
    case = Case(payload, description, today)
    return sorted((problem for rule in FIELD_RULES for problem in rule(case)), key=case.place)


def lasting(payload: Mapping[str, Any], description: Description) -> list[Problem]:
    """Problems of answers that are kept for later forms, whatever year these will ask about."""
    case = Case(payload, description, None)
    return sorted((problem for rule in LASTING_RULES for problem in rule(case)), key=case.place)


def by_section(problems: Iterable[Problem]) -> dict[str, int]:
    """How many errors each part has, missing answers apart: those are counted as progress."""
    found: dict[str, int] = {}
    for problem in problems:
        if problem.level == "error" and not problem.message.startswith(fields.MISSING):
            found[problem.section] = found.get(problem.section, 0) + 1
    return found


def missing(problems: Iterable[Problem]) -> set[tuple[str, str]]:
    """(part, address) of every answer that is asked for and not, or not wholly, given."""
    return {(one.section, one.field) for one in problems if one.message.startswith(fields.MISSING)}
