"""What the home page says about maturity: a round to go on with, a result that has run out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from assessment.models import AttemptStatus, MaturityAttempt, MaturityReport, ReportStatus
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Role

if TYPE_CHECKING:
    from smartfactory.models import User

EXPIRED_ORDER, OPEN_ORDER = 25, 35


def waiting(user: User) -> Iterator[Task]:
    """The round under way, and the newest result if it is no longer valid."""
    if not scope(user).enterprise_ids(Role.PREPARER, Role.SIGNATORY, Role.READER):
        return
    rows = MaturityAttempt.objects.visible_to(user).filter(status=AttemptStatus.DRAFT)
    if row := rows.defer("definition", "result").first():
        saved = timezone.localtime(row.updated_at)
        about = f"{row.kind_name}，{saved.month}月{saved.day}日 {saved:%H:%M} 最近保存"
        url = reverse("maturity_detail", args=[row.public_id])
        yield Task(
            f"接着做第 {row.round} 次成熟度预评", url, "接着作答", about, state="作答中", tone="todo", order=OPEN_ORDER
        )
    report = MaturityReport.objects.visible_to(user).filter(status=ReportStatus.RECORDED).first()
    if report and report.expired():
        url = reverse("maturity_report", args=[report.public_id])
        about = f"{report.body}，有效期到 {report.valid_until:%Y-%m-%d}。有新的结果请登记。"
        yield Task(
            "成熟度评估结果已过有效期", url, "看评估结果", about, state="已过期", tone="fix", order=EXPIRED_ORDER
        )
