"""The list of scenario instances: add, copy, move, remove. Positions stay 1..n without gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.utils import timezone

from declarations import content, returning
from declarations.models import Declaration, LateChangeError, ScenarioInstance, SectionContent
from declarations.services import StaleContent

if TYPE_CHECKING:
    from smartfactory.models import User

# A list nobody could review; bounds what one declaration can make us store.
MOST = 60


class TooMany(Exception):
    """The list is as long as it may be."""


def add(declaration: Declaration, *, version: int, actor: User, copy_of: str = "") -> ScenarioInstance:
    """Append an instance, empty or with the text of another. Raises StaleContent, LateChangeError or TooMany."""
    with transaction.atomic():
        _claim(declaration, version, actor)
        present = list(ScenarioInstance.objects.filter(declaration=declaration))
        if len(present) >= MOST:
            raise TooMany
        source = next((one.data for one in present if one.uid == copy_of), {})
        data = {**source, "name": f"{source['name']}（副本）"[:60]} if source.get("name") else dict(source)
        return ScenarioInstance.objects.create(
            declaration=declaration, position=len(present) + 1, data=data, updated_by=actor, updated_at=timezone.now()
        )


def move(declaration: Declaration, uid: str, to: int, *, version: int, actor: User) -> int:
    """Put the instance at position `to` (held within the list) and return where it now stands."""
    with transaction.atomic():
        _claim(declaration, version, actor)
        order = list(ScenarioInstance.objects.filter(declaration=declaration).order_by("position"))
        one = next(one for one in order if one.uid == uid)
        order.remove(one)
        place = max(0, min(len(order), to - 1))
        order.insert(place, one)
        _renumber(declaration, order)
        return place + 1


def remove(declaration: Declaration, uid: str, *, version: int, actor: User) -> None:
    """Remove the instance with its files from the form; revisions keep theirs."""
    with transaction.atomic():
        _claim(declaration, version, actor)
        ScenarioInstance.objects.get(declaration=declaration, uid=uid).delete()
        _renumber(declaration, list(ScenarioInstance.objects.filter(declaration=declaration).order_by("position")))


def _claim(declaration: Declaration, version: int, actor: User) -> None:
    """The list's version is that of its part of the form: one change at a time, and only while it may be changed."""
    section = content.describe(declaration.track).instance_section
    holder = next(one for one in section.fields if one.kind == "instances")
    rows = SectionContent.objects.select_for_update().select_related("declaration")
    row = rows.get(declaration=declaration, key=section.key)
    if not row.declaration.editable or not returning.is_open(row.declaration, holder.anchor):
        raise LateChangeError(row.declaration.status_word)
    if row.version != version:
        raise StaleContent
    now = timezone.now()
    changed = {**row.changed, holder.key: [version + 1, actor.display, now.isoformat(timespec="seconds")]}
    SectionContent.objects.filter(pk=row.pk).write(
        version=version + 1, changed=changed, updated_by=actor, updated_at=now
    )


def _renumber(declaration: Declaration, order: list[ScenarioInstance]) -> None:
    """Two steps, because a position may be taken by one row only at every moment."""
    rows = ScenarioInstance.objects.filter(declaration=declaration)
    if not order:
        return
    rows.write(position=-F("position"))
    places = [When(pk=one.pk, then=Value(place)) for place, one in enumerate(order, 1)]
    rows.write(position=Case(*places, output_field=IntegerField()))
