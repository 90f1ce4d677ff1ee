"""Inviting a colleague: a link that works once, for a week, and is shown to the inviter alone."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from declarations.models import Invitation
from declarations.team.members import TeamError, admit, tenant
from smartfactory import audit
from smartfactory.canonical import sha256
from smartfactory.models import Enterprise, User
from smartfactory.models.accounts import ENTERPRISE_ROLES
from smartfactory.text import clean

DAYS = 7
# An enterprise's team is a handful of people; more open links than that are a mistake.
MOST = 20


@transaction.atomic
def invite(enterprise: Enterprise, *, role: str, name: str, actor: User) -> tuple[Invitation, str]:
    """A new invitation and its code, which is kept nowhere. Raises TeamError in words."""
    name = clean(name).strip()[:40]
    if role not in ENTERPRISE_ROLES:
        raise TeamError("请选择一个角色")
    if not name:
        raise TeamError("还没有写邀请谁。请写姓名或称呼，方便以后认出这条邀请")
    if Invitation.objects.filter(enterprise=enterprise).waiting().count() >= MOST:
        raise TeamError(f"没有用掉的邀请已有 {MOST} 条。请先收回不用的")
    code = secrets.token_urlsafe(24)
    row = Invitation.objects.create(
        enterprise=enterprise, role=role, name=name, code_digest=sha256(code), created_by=actor,
        expires_at=timezone.now() + timedelta(days=DAYS),
    )  # fmt: skip
    audit.record("team.invite", actor=actor, obj=row, body={"role": role}, tenant=tenant(enterprise))
    return row, code


def by_code(code: str) -> Invitation | None:
    """The invitation a code opens, if it may still be used."""
    rows = Invitation.objects.filter(code_digest=sha256(code)).waiting()
    return rows.select_related("enterprise", "created_by").first()


@transaction.atomic
def accept(code: str, user: User) -> Enterprise:
    """Use the invitation up and make `user` a member. Raises TeamError when it has ended meanwhile."""
    row = by_code(code)
    ended = row and Invitation.objects.filter(pk=row.pk).waiting().update(ended_at=timezone.now(), accepted_by=user)
    if not ended:
        raise TeamError("这条邀请已经用过、收回或过期。请向邀请您的同事要一条新的")
    admit(row.enterprise, user, row.role)
    audit.record("team.join", actor=user, obj=row, body={"role": row.role}, tenant=tenant(row.enterprise))
    return row.enterprise


@transaction.atomic
def revoke(enterprise: Enterprise, public_id: str, *, actor: User) -> None:
    """Take an invitation back. Raises TeamError when it was used meanwhile."""
    row = Invitation.objects.filter(enterprise=enterprise, public_id=public_id).first()
    if row is None or not Invitation.objects.filter(pk=row.pk).waiting().update(ended_at=timezone.now()):
        raise TeamError("这条邀请已经用过、收回或过期，不用再收回")
    audit.record("team.revoke", actor=actor, obj=row, tenant=tenant(enterprise))
