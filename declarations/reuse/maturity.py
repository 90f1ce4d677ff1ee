"""The recorded result of an assessor, offered to the form's questions about maturity and compared with their answers.

Nothing is taken over by itself: the form's own answers stand until a person says otherwise. Which question a result
answers is data: `assessed` names the part of the result, `assessed_as` the choice that says it came from an assessor.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse

from assessment.models import MaturityReport, ReportStatus
from declarations import content
from declarations.content.values import is_blank, number
from declarations.reuse.facts import write_parts
from smartfactory import audit
from smartfactory.forms import Note
from smartfactory.prepared import Prepared
from smartfactory.problems import WARNING, Problem
from smartfactory.templatetags.yan import cn_date

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import Enterprise, User


@dataclass(frozen=True)
class Offer:
    """What the result says to a question that is still blank."""

    field: content.Field
    value: Any
    words: str


def latest(enterprise: Enterprise | int) -> MaturityReport | None:
    """The newest result the enterprise has recorded and not withdrawn; one query."""
    found = _newest(enterprise if isinstance(enterprise, int) else enterprise.pk)
    return found[0] if found else None


_newest = Prepared(lambda pk: MaturityReport.objects.filter(enterprise=pk, status=ReportStatus.RECORDED)[:1])


def source(report: MaturityReport) -> str:
    """Whose result it is, as people name it."""
    over = "，报告已过有效期" if report.expired() else ""
    return f"{report.body}，报告 {report.number}，{cn_date(report.assessed_on)}{over}"


def _answers(report: MaturityReport, fields: Collection[content.Field]) -> Iterator[tuple[content.Field, Any]]:
    said = {
        "level": str(report.level),
        "body": report.body,
        "date": report.assessed_on.isoformat(),
        "score": None if report.score is None else str(report.score),
    }
    for field in fields:
        value = field.params.get("assessed_as") or said.get(field.params.get("assessed", ""))
        if value is not None:
            yield field, content.clean(field, value)


def _fields(declaration: Declaration) -> list[content.Field]:
    known = content.describe(declaration.track).fields()
    return [one for one in known if "assessed" in one.params or "assessed_as" in one.params]


def _given(payload: Mapping[str, Any], field: content.Field) -> Any:
    return payload["sections"].get(field.section, {}).get(field.key)


def offers(declaration: Declaration, payload: Mapping[str, Any], report: MaturityReport | None) -> list[Offer]:
    """What the result would fill in: blank answers only."""
    if report is None:
        return []
    return [
        Offer(field, value, content.shown(field, value))
        for field, value in _answers(report, _fields(declaration))
        if is_blank(_given(payload, field))
    ]


def fill(declaration: Declaration, wanted: Collection[str], *, actor: User) -> int:
    """Write the chosen answers where they are still blank, and return how many.

    Raises StaleContent when a colleague wrote into the part meanwhile, LateChangeError once it is closed.
    """
    with transaction.atomic():
        report = latest(declaration.enterprise_id)
        by_part: dict[str, dict[str, Any]] = {}
        for one in offers(declaration, content.payload(declaration), report):
            if one.field.anchor in wanted:
                by_part.setdefault(one.field.section, {})[one.field.key] = one.value
        write_parts(declaration, by_part, actor)
        filled = sorted(f"{part}.{key}" for part, values in by_part.items() for key in values)
        if filled:
            body = {"fields": filled, "number": report.number}
            audit.record("declaration.fill_maturity", actor=actor, obj=declaration, body=body)
    return len(filled)


def contradictions(declaration: Declaration, payload: Mapping[str, Any]) -> list[Problem]:
    """A warning for every answer that differs from the recorded result.

    Where the form says the enterprise assessed itself, only the level is compared: the rest is of another assessment.
    """
    fields = _fields(declaration)
    report = latest(declaration.enterprise_id) if fields else None
    if report is None:
        return []
    own = any(
        "assessed_as" in one.params and _given(payload, one) not in (None, "", one.params["assessed_as"])
        for one in fields
    )
    return [
        _problem(field, _given(payload, field), value, report)
        for field, value in _answers(report, fields)
        if "assessed_as" not in field.params
        and (not own or field.params["assessed"] == "level")
        and _differs(_given(payload, field), value)
    ]


def _differs(given: Any, said: Any) -> bool:
    if is_blank(given):
        return False
    numbers = number(given), number(said)
    return numbers[0] != numbers[1] if None not in numbers else str(given) != str(said)


def _problem(field: content.Field, given: Any, said: Any, report: MaturityReport) -> Problem:
    words = (
        f"{field.label}填的是 {content.shown(field, given)}，而记录的评估结果是 {content.shown(field, said)}"
        f"（{source(report)}）。填错的请改正，用的是另一次评估的请在这里换成它的报告"
    )
    return Problem(
        words, level=WARNING, section=field.section, field=field.key, clause="平台要求", standing="unverified"
    )


def notes(declaration: Declaration, section: content.Section) -> dict[str, tuple[Note, ...]]:
    """Beside the question about the level: the recorded result and where it comes from. No query where none is asked."""
    asked = [one for one in section.fields if one.params.get("assessed") == "level"]
    report = latest(declaration.enterprise_id) if asked else None
    if report is None:
        return {}
    words = f"{report.level_word}，{source(report)}。空着的项可以在“从已有资料带入”里填入，不会自动改。"
    url = reverse("maturity_report", args=[report.public_id])
    return {one.key: (Note("已记录的评估结果", words, clause=f"报告 {report.number}", url=url),) for one in asked}
