"""Who else has an open list on the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from recommendations.models import ListPresence, RecommendationList

if TYPE_CHECKING:
    from smartfactory.models import User

# A page says every half minute that it is open; three silent turns mean that it is not.
FRESH = timedelta(seconds=100)


def note(one: RecommendationList, user: User) -> None:
    """`user` has the list open. No entry in the trail: it is no act."""
    ListPresence.objects.update_or_create(list=one, user=user, defaults={"seen_at": timezone.now()})


def others(one: RecommendationList, user: User) -> list[ListPresence]:
    """Colleagues at the list now; one query."""
    rows = one.presences.filter(seen_at__gt=timezone.now() - FRESH).exclude(user=user)
    return list(rows.select_related("user").order_by("user_id"))
