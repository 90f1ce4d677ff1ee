"""Fetching for the views: through the gateway, for the roles a page is for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import Http404

from declarations.models import Declaration, Revision, ScenarioInstance
from declarations.team.activity import REVEAL
from declarations.team.members import tenant
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Role
from smartfactory.prepared import Prepared

if TYPE_CHECKING:
    from smartfactory.models import User

MEMBERS = (Role.PREPARER, Role.SIGNATORY, Role.READER)
WRITERS = (Role.PREPARER, Role.SIGNATORY)
READERS = (*MEMBERS, Role.OFFICIAL, Role.SEALER)


RELATED = ("track", "enterprise__authority", "enterprise__soe", "latest_revision__issued")
# Pages that people type into are asked for most, and show the least of what surrounds the text.
DESK = ("track", "enterprise")


def own_declaration(user: User, public_id: str, *roles: str, related: tuple[str, ...] = RELATED) -> Declaration:
    """The declaration of the person's own enterprise, or 404."""
    held = scope(user).enterprise_ids(*(roles or MEMBERS))
    found = _own(related)(public_id, *held) if held else []
    if not found:
        raise Http404
    return found[0]


@cache
def _own(related: tuple[str, ...]) -> Prepared:
    rows = Declaration.objects.order_by().select_related(*related)
    return Prepared(lambda public_id, *enterprises: rows.of(enterprises).filter(public_id=public_id)[:1])


def visible_revision(user: User, public_id: str, number: int) -> Revision:
    """A revision the person may read: own people, and officials of the receiving line; or 404."""
    rows = Revision.objects.select_related(
        "declaration__track",
        "declaration__enterprise__authority",
        "declaration__enterprise__soe",
        "submitted_by",
        "issued",
    )
    return rows.get_for(user, declaration__public_id=public_id, number=number)


def own_instance(declaration: Declaration, place: int) -> ScenarioInstance:
    """The instance at a position, or 404."""
    found = (
        ScenarioInstance.objects.filter(declaration=declaration, position=place).select_related("updated_by").first()
    )
    if found is None:
        raise Http404
    found.declaration = declaration
    return found


def is_own(user: User, revision: Revision) -> bool:
    """Whether the person belongs to the enterprise that filed it."""
    return bool(scope(user).enterprises.get(revision.declaration.enterprise_id))


def note_download(user: User, revision: Revision, *, whole: bool = False, **what: str) -> None:
    """Officials leave a trace when they take a copy; of one with full contact details the enterprise learns.

    Own people take their own.
    """
    if is_own(user, revision):
        return
    act, owner = (REVEAL, tenant(revision.declaration.enterprise)) if whole else ("declaration.download", "")
    with transaction.atomic():
        body = {"revision": revision.number, **what}
        audit.record(act, actor=user, obj=revision.declaration, body=body, tenant=owner)
