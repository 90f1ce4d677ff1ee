"""Who fills which part, and who has it open right now."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from declarations.models import Assignment, Declaration, Presence
from declarations.team.members import STALE, TeamError, tenant
from smartfactory import audit
from smartfactory.models import Membership, Role, User

# A page says every half minute that it is open; two silent minutes mean that it is not.
FRESH = timedelta(seconds=100)


@transaction.atomic
def assign(declaration: Declaration, key: str, user_id: int | None, *, version: int, actor: User) -> None:
    """Say who fills a part; None: nobody in particular. Raises TeamError: no writer of the enterprise, or not as seen."""
    rows = Membership.objects.filter(enterprise=declaration.enterprise_id, is_active=True)
    if user_id and not rows.filter(user_id=user_id, role__in=(Role.PREPARER, Role.SIGNATORY)).exists():
        raise TeamError("只能交给本企业的填报人或企业负责人")
    Assignment.objects.get_or_create(declaration=declaration, key=key)
    found = Assignment.objects.filter(declaration=declaration, key=key, version=version)
    if not found.update(user_id=user_id, version=version + 1):
        raise TeamError(STALE)
    body = {"section": key, "member": user_id}
    audit.record("team.assign", actor=actor, obj=declaration, body=body, tenant=tenant(declaration.enterprise))


def assigned(declaration: Declaration) -> dict[str, Assignment]:
    """Assignments by part; one query."""
    return {one.key: one for one in declaration.assignments.select_related("user")}


def note(declaration: Declaration, key: str, user: User) -> None:
    """`user` has this part open. No entry in the trail: it is no act."""
    Presence.objects.update_or_create(
        declaration=declaration, user=user, defaults={"key": key, "seen_at": timezone.now()}
    )


def present(declaration: Declaration, user: User) -> list[Presence]:
    """Where colleagues are at work now; one query."""
    rows = declaration.presences.filter(seen_at__gt=timezone.now() - FRESH).exclude(user=user)
    return list(rows.select_related("user").order_by("key", "user_id"))
