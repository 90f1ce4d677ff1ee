"""How a round of pre-assessment ends, and how a recorded result is taken down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from assessment.exact import decimal
from assessment.maturing import service
from assessment.maturing.book import level_word
from assessment.models import AttemptStatus, MaturityAttempt, MaturityReport, ReportStatus
from smartfactory.problems import Problem
from smartfactory.workflow import Act, Transition, register

if TYPE_CHECKING:
    from smartfactory.models import User


def _writes(user: User, row: MaturityAttempt | MaturityReport) -> bool:
    return service.may_write(user, row.enterprise_id)


def unanswered(attempt: MaturityAttempt) -> list[Problem]:
    """Why the round cannot end yet: each sub-domain with open requirements that still bear on the level."""
    judged = service.judged(attempt)
    found: dict[str, list[int]] = {}
    for one in judged.needed:
        found.setdefault(one.code, []).append(one.level)
    return [
        Problem(
            f"“{judged.book.subdomains[code].name}”{level_word(levels[0])}还有 {levels.count(levels[0])} 条没有答",
            fix_url=reverse("maturity_part", args=[attempt.public_id, code]) + f"#level-{levels[0]}",
        )
        for code, levels in found.items()
    ]


def _finish(attempt: MaturityAttempt, act: Act) -> dict[str, Any]:
    outcome = service.judged(attempt).outcome
    result = outcome.as_json()
    values = {"result": result, "score": decimal(outcome.total), "level": outcome.band.level}
    MaturityAttempt.objects.filter(pk=attempt.pk).update(finished_at=timezone.now(), **values)
    return {"level": outcome.band.level, "score": values["score"], "standard": attempt.standard.code}


def _withdraw(report: MaturityReport, act: Act) -> dict[str, Any]:
    MaturityReport.objects.filter(pk=report.pk).update(withdrawn_reason=act.note)
    return {"number": report.number}


register(
    MaturityAttempt,
    [
        Transition(
            "finish",
            "完成预评",
            frozenset({AttemptStatus.DRAFT}),
            AttemptStatus.FINISHED,
            allowed=_writes,
            blockers=unanswered,
            effect=_finish,
            style="primary",
        ),
        Transition("drop", "作废这次预评", frozenset({AttemptStatus.DRAFT}), AttemptStatus.DROPPED, allowed=_writes),
    ],
    AttemptStatus,
)
register(
    MaturityReport,
    [
        Transition(
            "withdraw",
            "撤下评估结果",
            frozenset({ReportStatus.RECORDED}),
            ReportStatus.WITHDRAWN,
            allowed=_writes,
            effect=_withdraw,
        )
    ],
    ReportStatus,
)
