"""Who speaks for whom in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.functions import Length

from declarations import notices
from declarations.models import ThreadMessage
from declarations.workflow import is_official
from smartfactory.access import scope
from smartfactory.models import Authority, AuthorityKind, Role, User

if TYPE_CHECKING:
    from declarations.models import Declaration

WRITERS = frozenset({Role.PREPARER, Role.SIGNATORY})


def is_writer(user: User, declaration: Declaration) -> bool:
    """Whether the person writes for the enterprise."""
    return bool(scope(user).enterprises.get(declaration.enterprise_id, frozenset()) & WRITERS)


def desk(user: User, declaration: Declaration) -> Authority | None:
    """The unit for which the official writes: of those where he is one, the nearest to the enterprise."""
    if not is_official(user, declaration):
        return None
    own = Authority.objects.filter(pk__in=scope(user).authority_ids(Role.OFFICIAL))
    return max((one for one in own if receives(one, declaration)), key=lambda one: len(one.path), default=None)


def receives(unit: Authority, declaration: Declaration) -> bool:
    """Whether the unit stands on the line that receives the declaration."""
    enterprise = declaration.enterprise
    units = [one for one in (enterprise.authority, enterprise.soe) if one is not None]
    return any(one.path.startswith(unit.path) for one in units)


def addressees(declaration: Declaration, *, of_office: bool) -> list[User]:
    """Whom the words are for: the enterprise's people, or the officials who wrote last, else the nearest there are."""
    if of_office:
        return notices.people(declaration)
    last = ThreadMessage.objects.filter(declaration=declaration).exclude(authority=None).last()
    unit = last.authority if last else _nearest_with_officials(declaration)
    return _officials(unit) if unit else []


def _nearest_with_officials(declaration: Declaration) -> Authority | None:
    codes = declaration.receiver.path.rstrip("/").split("/")
    staffed = {"memberships__role": Role.OFFICIAL, "memberships__is_active": True}
    units = Authority.objects.filter(code__in=codes, **staffed).exclude(kind=AuthorityKind.MINISTRY)
    return units.order_by(Length("path").desc()).first()


def _officials(unit: Authority) -> list[User]:
    held = {"memberships__authority": unit, "memberships__role": Role.OFFICIAL, "memberships__is_active": True}
    return list(User.objects.filter(is_active=True, **held).distinct().order_by("pk"))
