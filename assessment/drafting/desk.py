"""What the home page says to those who keep the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from assessment.models import DraftStatus, EditionDraft
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Role

if TYPE_CHECKING:
    from smartfactory.models import User

PUBLISH_ORDER, DRAFT_ORDER, SHOWN = 10, 30, 10


def waiting(user: User) -> Iterator[Task]:
    """Every open draft, as what this very person has to do about it."""
    if not scope(user).has_any([Role.POLICY]):
        return
    rows = EditionDraft.objects.visible_to(user).filter(status__in=[DraftStatus.DRAFTING, DraftStatus.PROPOSED])
    for row in rows.select_related("authority", "proposed_by").defer("before")[:SHOWN]:
        yield _task(row, user)


def _task(row: EditionDraft, user: User) -> Task:
    url = reverse("policy_draft", args=[row.public_id])
    about = f"{row.authority.short_name}，编码 {row.code}"
    if row.open:
        return Task(
            f"接着起草{row.title}", url, "接着改", about, state=row.status_label, tone="todo", order=DRAFT_ORDER
        )
    if row.proposed_by_id == user.pk:
        return Task(
            f"{row.title}等另一位政策管理员发布", url, "看草案", about, state=row.status_label, order=DRAFT_ORDER
        )
    title = f"复核并发布{row.title}"
    about = f"{about}，{row.proposed_by.display}提交"
    return Task(title, url, "核对草案", about, state=row.status_label, tone="todo", order=PUBLISH_ORDER)
