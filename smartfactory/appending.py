"""Adding to numbered words that stay: who writes names the last number he has seen, so nobody talks past another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from smartfactory.workflow import StaleState

if TYPE_CHECKING:
    from smartfactory.models.append_only import AppendOnly

    T = TypeVar("T", bound=AppendOnly)


def append(wanted: T, among: QuerySet[T], alike: Sequence[str]) -> tuple[T, bool]:
    """Save `wanted` as the next of its siblings `among`; give the row and whether it is new. Needs a transaction.

    The row that stands in its place already is the answer if it has the same author, words and `alike`: a double
    click. Otherwise somebody wrote in between: StaleState, and nothing is saved.
    """
    last = among.aggregate(n=Max("number"))["n"] or 0
    if last == wanted.number - 1:
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
            return wanted, True
        except IntegrityError:
            pass
    there = among.filter(number=wanted.number).first()
    if there is None or any(getattr(there, one) != getattr(wanted, one) for one in ("by_id", "text", *alike)):
        raise StaleState(str(wanted._meta.verbose_name))
    return there, False


def seen(typed: object) -> int:
    """The number a form says was seen last; what is no number was seen by nobody."""
    words = str(typed or "")
    return int(words) if words.isascii() and words.isdecimal() and len(words) <= 9 else -1
