"""The maturity of the enterprise whose people can sign in: two rounds of its own, and the report of an assessor."""

from __future__ import annotations

import io
from datetime import date
from itertools import cycle
from typing import TYPE_CHECKING, Any

from assessment.maturing import external, service
from assessment.maturing.judging import Answer
from assessment.models import MaturityAttempt, MaturityStandard
from recommendations.demo import book, papers
from smartfactory import workflow
from smartfactory.models import Role

if TYPE_CHECKING:
    from recommendations.demo.staff import Staff
    from smartfactory.models import Enterprise, User


def measure(enterprise: Enterprise, staff: Staff) -> None:
    """Each round after the first begins with the answers of the one before."""
    actor, words = staff.at(Role.PREPARER, enterprise), book.world()["maturity"]
    standard = MaturityStandard.objects.get(active=True)
    attempt: MaturityAttempt | None = None
    for marks in words["rounds"]:
        before = attempt
        attempt = service.again(before, actor) if before else service.start(enterprise, standard, words["kind"], actor)
        attempt = _answer(attempt, marks, words, actor)
    _report(enterprise, words["report"], actor)


def _answer(attempt: MaturityAttempt, marks: dict, words: dict[str, Any], actor: User) -> MaturityAttempt:
    """Marks are dealt out in turn, level by level, through all sub-domains."""
    piles = {str(level): cycle(found) for level, found in marks.items()}
    asked = service.judged(attempt).book.requirements
    for code, found in asked.items():
        reason = words["cut"].get(code, "")
        dealt = {one.key: next(piles[str(one.level)]) for one in found}
        notes = {found[0].key: words["note"]} if found else {}
        service.save(attempt, code, Answer(dealt, notes, bool(reason), reason), 1, actor)
    return workflow.fire(attempt, "finish", actor=actor, version=attempt.version)


def _report(enterprise: Enterprise, row: dict[str, Any], actor: User) -> None:
    facts = {**row, "assessed_on": date.fromisoformat(row["assessed_on"]), "level": int(row["level"])}
    external.record(
        enterprise, facts, io.BytesIO(papers.page("智能制造能力成熟度评估报告")), "评估报告.pdf", actor=actor
    )
