"""Fetching and answering, shared by the views of this floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest

from recommendations.models import RecommendationList
from smartfactory.models import Role
from smartfactory.workflow import Blocked, NotAllowed, StaleState, WorkflowError

if TYPE_CHECKING:
    from smartfactory.models import User

DESK = (Role.OFFICIAL, Role.SEALER)
STALE = "名单在您打开这一页之后有了变化，这次没有改动。下面是现在的名单，请看过再操作。"
STRANGER = "您在这个单位没有做这件事的角色。"


def list_for(user: User, public_id: str) -> RecommendationList:
    """The list with what every page of it needs, or 404."""
    rows = RecommendationList.objects.select_related(
        "track__campaign__edition",
        "authority",
        "frozen_by",
        "seal__sealed_by",
        "seal__issued",
        "replaces",
        "replaced_by",
    )
    return rows.get_for(user, public_id=public_id)


def whole(text: object, default: int = 0) -> int:
    """A whole number as typed, or `default`: what does not parse, or is absurdly long, must not become a 500."""
    typed = str(text).strip()
    try:
        return int(typed) if len(typed) <= 9 else default
    except ValueError:
        return default


def say(request: HttpRequest, error: WorkflowError, stale: str = STALE) -> int:
    """Put an act that did not happen into words on the page drawn now; returns the HTTP status that fits."""
    if isinstance(error, Blocked):
        request.problems = error.problems
        return 422
    if isinstance(error, StaleState):
        messages.warning(request, stale)
        return 409
    assert isinstance(error, NotAllowed)
    messages.error(request, STRANGER)
    return 403
