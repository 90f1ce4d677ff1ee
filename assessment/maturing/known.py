"""Which maturity level an enterprise can state: what an assessor gave stands above what it found itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from assessment.maturing.book import level_word
from assessment.models import AttemptStatus, MaturityAttempt, MaturityReport, ReportStatus

if TYPE_CHECKING:
    from assessment.models import SelfAssessment

EXTERNAL, OWN = "external", "own"
KINDS = {EXTERNAL: "评估机构或平台的结果", OWN: "本企业预评"}


@dataclass(frozen=True)
class Known:
    """A level with its source. `doubt` says why it should be used with care."""

    kind: str
    level: int
    score: str
    source: str
    dated: date
    url: str
    doubt: str = ""

    @property
    def kind_name(self) -> str:
        return KINDS[self.kind]

    @property
    def level_name(self) -> str:
        return level_word(self.level)


def known(enterprise_id: int) -> list[Known]:
    """What there is, the one that stands first: the newest result of an assessor, then the newest own round."""
    report = MaturityReport.objects.filter(enterprise_id=enterprise_id, status=ReportStatus.RECORDED).first()
    rounds = MaturityAttempt.objects.filter(enterprise_id=enterprise_id, status=AttemptStatus.FINISHED)
    own = rounds.defer("definition", "result").first()
    return [*([of_report(report)] if report else []), *([of_attempt(own)] if own else [])]


def of_report(report: MaturityReport) -> Known:
    score = f"{report.score.normalize():f}" if report.score is not None else ""
    return Known(
        EXTERNAL,
        report.level,
        score,
        f"{report.body}，报告编号 {report.number}",
        report.assessed_on,
        reverse("maturity_report", args=[report.public_id]),
        f"有效期到 {report.valid_until:%Y-%m-%d}，已经过期" if report.expired() else "",
    )


def of_attempt(attempt: MaturityAttempt) -> Known:
    return Known(
        OWN,
        attempt.level or 0,
        attempt.score[:4],
        f"本企业第 {attempt.round} 次成熟度预评（仅供参考，不代替评估）",
        timezone.localdate(attempt.finished_at),
        reverse("maturity_result", args=[attempt.public_id]),
        "按未核实的标准数据计算，只作参考",
    )


@dataclass(frozen=True)
class Offer:
    """What a self-assessment states beside what is known. `differs`: it states something else."""

    best: Known
    others: tuple[Known, ...]
    stated: int | None

    @property
    def differs(self) -> bool:
        return self.stated is not None and self.stated != self.best.level

    @property
    def open(self) -> bool:
        """Whether there is anything to take over."""
        return self.stated != self.best.level


def offer(assessment: SelfAssessment, stated: int | None) -> Offer | None:
    """What can be taken over into a self-assessment; None when nothing is known."""
    found = known(assessment.enterprise_id)
    return Offer(found[0], tuple(found[1:]), stated) if found else None
