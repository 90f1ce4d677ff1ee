"""Membership of an enterprise: change a role, hand over, end, leave. Somebody who signs always remains.

Every act names the role it saw; if the membership has changed meanwhile, nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from declarations.models import Assignment
from smartfactory import audit
from smartfactory.models import Enterprise, Membership, Role, User
from smartfactory.models.accounts import ENTERPRISE_ROLES


class TeamError(Exception):
    """Why an act about members did not happen, in words."""


STALE = "这位成员的角色刚刚变了，没有改动。请看现在的情况再办"
LAST = "只剩一位企业负责人，不能让企业没有人签字。请先邀请或移交给另一位"


def tenant(enterprise: Enterprise) -> str:
    """The name the enterprise has in the trail."""
    return f"enterprise:{enterprise.pk}"


def members(enterprise: Enterprise) -> Iterable[Membership]:
    """Active members, those who sign first."""
    rows = enterprise.memberships.filter(is_active=True).select_related("user")
    order = list(Role)
    return sorted(rows, key=lambda one: (one.role != Role.SIGNATORY, order.index(one.role), one.user.display))


@transaction.atomic
def admit(enterprise: Enterprise, user: User, role: str) -> Membership:
    """Make somebody a member, or again one; a person has one role in an enterprise."""
    _lock(enterprise)
    Membership.objects.filter(enterprise=enterprise, user=user).exclude(role=role).update(is_active=False)
    return Membership.objects.update_or_create(
        enterprise=enterprise, user=user, role=role, defaults={"is_active": True}
    )[0]


@transaction.atomic
def change_role(enterprise: Enterprise, user_id: int, *, seen: str, role: str, actor: User) -> None:
    """Raises TeamError: unknown role, not as seen, or nobody left to sign."""
    if role not in ENTERPRISE_ROLES:
        raise TeamError("请选择一个角色")
    _lock(enterprise)
    member = _as_seen(enterprise, user_id, seen)
    if seen == Role.SIGNATORY != role:
        _keep_one_who_signs(enterprise, member)
    admit(enterprise, member.user, role)
    _record("team.role", actor, enterprise, member, role=role)


@transaction.atomic
def hand_over(enterprise: Enterprise, user_id: int, *, seen: str, actor: User) -> None:
    """The actor's signature passes to a colleague; the actor goes on as a preparer. Raises TeamError."""
    _lock(enterprise)
    _as_seen(enterprise, actor.pk, Role.SIGNATORY)
    heir = _as_seen(enterprise, user_id, seen)
    if heir.user_id == actor.pk:
        raise TeamError("请选择另一位成员来接手")
    admit(enterprise, heir.user, Role.SIGNATORY)
    admit(enterprise, actor, Role.PREPARER)
    _record("team.hand_over", actor, enterprise, heir)


@transaction.atomic
def end(enterprise: Enterprise, user_id: int, *, seen: str, actor: User) -> None:
    """Somebody stops being a member, by their own wish or by whoever signs. Raises TeamError."""
    _lock(enterprise)
    member = _as_seen(enterprise, user_id, seen)
    if seen == Role.SIGNATORY:
        _keep_one_who_signs(enterprise, member)
    Membership.objects.filter(enterprise=enterprise, user_id=user_id).update(is_active=False)
    Assignment.objects.filter(declaration__enterprise=enterprise, user_id=user_id).update(user=None)
    _record("team.leave" if actor.pk == user_id else "team.end", actor, enterprise, member)


def _lock(enterprise: Enterprise) -> None:
    """Acts about one enterprise's members happen one after the other."""
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)


def _as_seen(enterprise: Enterprise, user_id: int, role: str) -> Membership:
    rows = Membership.objects.filter(enterprise=enterprise, user_id=user_id, role=role, is_active=True)
    if (member := rows.select_related("user").first()) is None:
        raise TeamError(STALE)
    return member


def _keep_one_who_signs(enterprise: Enterprise, leaving: Membership) -> None:
    others = Membership.objects.filter(enterprise=enterprise, role=Role.SIGNATORY, is_active=True)
    if not others.exclude(user_id=leaving.user_id).filter(user__is_active=True).exists():
        raise TeamError(LAST)


def _record(act: str, actor: User, enterprise: Enterprise, member: Membership, **more: str) -> None:
    body = {"member": member.user_id, "from": member.role, **more}
    audit.record(act, actor=actor, obj=enterprise, body=body, tenant=tenant(enterprise))
