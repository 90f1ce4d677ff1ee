"""Where answers contradict what was said elsewhere, such as where last year's declaration ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from declarations import content
from declarations.content.values import number
from declarations.models import Declaration
from declarations.reuse import differences, maturity
from declarations.vocabulary import Kind
from smartfactory.problems import WARNING, Problem


def former(declaration: Declaration) -> Declaration | None:
    """What the enterprise filed last on another track of an earlier year; one query."""
    year = declaration.track.campaign.edition.year
    rows = Declaration.objects.filter(
        enterprise=declaration.enterprise, track__campaign__edition__year__lt=year, latest_revision__isnull=False
    )
    return (
        rows.select_related("latest_revision", "track")
        .order_by("-track__campaign__edition__year", "-submitted_at")
        .first()
    )


def contradictions(declaration: Declaration, payload: Mapping[str, Any]) -> list[Problem]:
    """What the answers contradict that was said elsewhere: last year's declaration, a fact mended by hand, an
    assessor's recorded result."""
    return [
        *_with_last_year(declaration, payload),
        *differences.contradictions(declaration, payload),
        *maturity.contradictions(declaration, payload),
    ]


def _with_last_year(declaration: Declaration, payload: Mapping[str, Any]) -> list[Problem]:
    """A warning for every indicator whose 建设前 differs from the 建设后 that was filed before."""
    last = former(declaration)
    if last is None:
        return []
    ended = _indicators(last.latest_revision.content, content.describe(last.track))
    description = content.describe(declaration.track)
    found = []
    for field in description.fields():
        if field.kind == Kind.INDICATORS:
            stated = payload["sections"][field.section].get(field.key) or {}
            found += [
                _problem(field, one, last.number, stated[one.number]["before"], ended[one.name])
                for one in description.indicators
                if _differs(stated.get(one.number), ended.get(one.name))
            ]
    return found


def _indicators(payload: Mapping[str, Any], description: content.Description) -> dict[str, Any]:
    """What was filed as 建设后, by the indicator's name: numbers of indicators change between editions."""
    names = {one.number: one.name for one in description.indicators}
    return {
        names[key]: row["after"]
        for field in description.fields() if field.kind == Kind.INDICATORS
        for key, row in (payload["sections"][field.section].get(field.key) or {}).items()
        if key in names and not row.get("na") and number(row.get("after")) is not None
    }  # fmt: skip


def _differs(row: Mapping[str, Any] | None, ended: Any) -> bool:
    if not row or row.get("na") or ended is None:
        return False
    begins = number(row.get("before"))
    return begins is not None and begins != number(ended)


def _problem(field: content.Field, one: content.Indicator, filed: str, before: Any, after: Any) -> Problem:
    words = (
        f"“{one.name}”的建设前填 {before}{one.unit}，而申报书 {filed} 报的建设后是 {after}{one.unit}。"
        "口径不同请在说明里写清，填错的请改正"
    )
    return Problem(
        words, level=WARNING, section=field.section, field=field.key, clause="平台要求", standing="unverified"
    )
