"""承办: whose turn a declaration is at a desk. Everybody at the desk who may act still may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from declarations.models import Declaration
from declarations.workflow import is_official
from recommendations.models import Duty
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Authority, Membership, Role, User
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from django.db.models import QuerySet

NOT_HERE = "只能交给本单位的经办人。请重新选择"
DESK = (Role.OFFICIAL, Role.SEALER)


def desk_of(user: User) -> Authority | None:
    """The desk a person works at: the first, if there are several."""
    held = scope(user)
    keys = held.authority_ids(Role.OFFICIAL) or held.authority_ids(*DESK)
    return Authority.objects.filter(pk=min(keys)).first() if keys else None


def colleagues(desk: Authority | None) -> list[User]:
    """The officials of a desk."""
    if desk is None:
        return []
    rows = User.objects.filter(
        memberships__authority=desk, memberships__role=Role.OFFICIAL, memberships__is_active=True, is_active=True
    )
    return list(rows.order_by("full_name", "pk").distinct())


def of(declarations: Iterable[Declaration], desk: Authority | None) -> dict[int, Duty]:
    """Who deals with each at this desk; one query."""
    rows = Duty.objects.filter(declaration__in=[one.pk for one in declarations], authority=desk)
    return {one.declaration_id: one for one in rows.select_related("user")}


def give(declaration: Declaration, user_id: int | None, *, version: int, actor: User) -> Duty:
    """Say who deals with it at the actor's desk; None: nobody in particular, it goes back to all.

    Raises NotAllowed for who decides nothing on it, Blocked for somebody of another desk, StaleState when a colleague
    gave it to somebody meanwhile. Giving it to whoever has it already changes nothing.
    """
    desk = desk_of(actor)
    if desk is None or not is_official(actor, declaration):
        raise NotAllowed("承办")
    if user_id is not None and not _officials(desk).filter(user_id=user_id).exists():
        raise Blocked([Problem(NOT_HERE, field="member")])
    with transaction.atomic():
        duty, _ = Duty.objects.get_or_create(declaration=declaration, authority=desk)
        if duty.user_id == user_id:
            return duty
        _move(duty, user_id, version, actor)
        body = {"member": user_id, "before": duty.user_id, "authority": desk.code}
        audit.record("duty.give", actor=actor, obj=declaration, body=body)
    duty.refresh_from_db()
    return duty


def _move(duty: Duty, user_id: int | None, version: int, actor: User) -> None:
    moved = Duty.objects.filter(pk=duty.pk, version=version).update(
        user_id=user_id, given_by=actor, given_at=timezone.now(), version=version + 1
    )
    if not moved:
        raise StaleState("承办")


def _officials(desk: Authority) -> QuerySet[Membership]:
    return Membership.objects.filter(authority=desk, role=Role.OFFICIAL, is_active=True, user__is_active=True)
