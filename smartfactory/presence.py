"""Who else has a thing open: a form's part, a list, a declaration under review.

What calls this has fetched the thing through its gateway, so nobody learns of what is not theirs. Being present is no
act and leaves no entry in the trail.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from smartfactory.audit import subject_of
from smartfactory.models import Presence

if TYPE_CHECKING:
    from smartfactory.models import User

# A page says every half minute that it is open; three silent turns mean that it is not.
FRESH = timedelta(seconds=100)


def note(thing: models.Model, user: User, place: str = "", *, part: str = "") -> None:
    """`user` has the thing open, at `place` in it. A person is in one place of it at a time.

    `part` tells apart pages about the same thing that different people may see.
    """
    Presence.objects.update_or_create(
        subject=_subject(thing, part), user=user, defaults={"place": place, "seen_at": timezone.now()}
    )


def others(thing: models.Model, user: User, *, part: str = "") -> list[Presence]:
    """Colleagues at the thing now; one query."""
    return list(_fresh([_subject(thing, part)]).exclude(user=user).order_by("place", "user_id"))


def others_at(things: Iterable[models.Model], user: User, *, part: str = "") -> dict[int, list[Presence]]:
    """The same for many things of one kind, by their keys; one query."""
    keys = {_subject(one, part): one.pk for one in things}
    found: dict[int, list[Presence]] = {}
    for one in _fresh(keys).exclude(user=user).order_by("user_id"):
        found.setdefault(keys[one.subject], []).append(one)
    return found


def _subject(thing: models.Model, part: str) -> str:
    return f"{subject_of(thing)}#{part}" if part else subject_of(thing)


def _fresh(subjects: Iterable[str]) -> models.QuerySet[Presence]:
    rows = Presence.objects.filter(subject__in=list(subjects), seen_at__gt=timezone.now() - FRESH)
    return rows.select_related("user")
