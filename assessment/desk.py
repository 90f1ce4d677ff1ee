"""What the home page says about self-assessment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from assessment.models import SelfAssessment
from assessment.presentation import Sheet
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Role

if TYPE_CHECKING:
    from smartfactory.models import User

OPEN_ORDER, START_ORDER, DONE_ORDER = 30, 40, 60


def waiting(user: User) -> Iterator[Task]:
    """The latest self-assessment: go on with it, look at its conclusion, or begin the first."""
    held = scope(user)
    if not held.enterprise_ids(Role.PREPARER, Role.SIGNATORY, Role.READER):
        return
    latest = SelfAssessment.objects.visible_to(user).select_related("edition", "enterprise").first()
    if latest is None:
        if held.enterprise_ids(Role.PREPARER, Role.SIGNATORY):
            yield _first()
        return
    yield _known(Sheet(latest, user))


def _first() -> Task:
    about = "对照要素条件逐条作答，看看本厂达到哪一级、还差哪几项；再填申报书。"
    return Task("先做一次自评", reverse("assessment_list"), "开始自评", about, state="未开始", order=START_ORDER)


def _known(sheet: Sheet) -> Task:
    row = sheet.assessment
    name = f"第 {row.round} 次自评（{sheet.edition.title}）"
    if sheet.finished:
        url = reverse("assessment_result", args=[row.public_id])
        return Task(sheet.headline, url, "看差距", name, state="已完成", tone="done", order=DONE_ORDER)
    url = reverse("assessment_detail", args=[row.public_id])
    said = f"{name}，已作答 {sheet.answered} / {sheet.total} 项"
    return Task("接着做自评", url, "接着作答", said, state="作答中", tone="todo", order=OPEN_ORDER)
