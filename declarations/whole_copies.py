"""Who besides the enterprise may take a declaration away with its private values in full: the floor above knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import User

Permit = Callable[["User", "Declaration"], bool]
_permits: list[Permit] = []


def register(permit: Permit) -> Permit:
    """Add somebody's permission; a permit reads the database afresh each time, because permissions end."""
    if permit not in _permits:
        _permits.append(permit)
    return permit


def permitted(user: User, declaration: Declaration) -> bool:
    """Whether anybody permits it now. The enterprise's own people need no permission and are not asked about here."""
    return any(permit(user, declaration) for permit in _permits)
