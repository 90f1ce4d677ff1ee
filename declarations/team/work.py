"""Who fills which part."""

from __future__ import annotations

from django.db import transaction

from declarations.models import Assignment, Declaration
from declarations.team.members import STALE, TeamError, tenant
from smartfactory import audit
from smartfactory.models import Membership, Role, User


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
