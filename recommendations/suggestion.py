"""The suggested order: points computed from the filed content by weights that are data, with the arithmetic shown.

It is a starting point for people. No notice prescribes it, and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assessment import edition_rules
from assessment.rules import Verdict, evaluate
from declarations import content
from recommendations.models import DocumentLayout, Entry

if TYPE_CHECKING:
    from assessment.facts import Facts
    from declarations.models import Declaration

HIGHEST_LEVEL = 5
Measure = Callable[["Facts", Verdict], Fraction]


def _met_share(facts: Facts, verdict: Verdict) -> Fraction:
    tier = verdict.tiers[verdict.target]
    return Fraction(tier.met_count, len(tier.applicable)) if tier.applicable else Fraction(0)


def _maturity(facts: Facts, verdict: Verdict) -> Fraction:
    return Fraction(facts.maturity_level or 0, HIGHEST_LEVEL)


def _ai_share(facts: Facts, verdict: Verdict) -> Fraction:
    return verdict.ai_share or Fraction(0)


def _coverage(facts: Facts, verdict: Verdict) -> Fraction:
    return Fraction(len(verdict.coverage or ()), len(verdict.rules.areas))


MEASURES: dict[str, Measure] = {
    "met_share": _met_share,
    "maturity_level": _maturity,
    "ai_share": _ai_share,
    "area_coverage": _coverage,
}


def points(declaration: Declaration) -> tuple[Decimal | None, list[dict[str, Any]]]:
    """(points, arithmetic) of the latest revision; (None, []) where the track has no weights."""
    layout = DocumentLayout.objects.filter(track_id=declaration.track_id, kind="suggestion").first()
    if layout is None:
        return None, []
    rules = edition_rules.from_edition(declaration.track.edition)
    facts = content.facts(declaration.latest_revision.content, content.describe(declaration.track))
    verdict = evaluate(rules, facts, declaration.track.tier)
    lines = [_line(one, MEASURES[one["key"]](facts, verdict)) for one in layout.content["criteria"]]
    return sum((Decimal(line["points"]) for line in lines), Decimal(0)), lines


def _line(criterion: dict[str, Any], share: Fraction) -> dict[str, Any]:
    got = share * Fraction(str(criterion["weight"]))
    return {
        "label": criterion["label"],
        "weight": str(criterion["weight"]),
        "share": _rounded(share * 100),
        "points": _rounded(got),
    }


def _rounded(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def order(entries: Sequence[Entry]) -> list[Entry]:
    """By points, highest first; ties keep the order of the lower list, then the present one."""
    return sorted(entries, key=lambda one: (-(one.points or Decimal(0)), one.rank))
