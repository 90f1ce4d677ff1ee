"""The list of scenario instances: add, copy, move, remove. Positions stay 1..n without gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.utils import timezone

from declarations import content, returning
from declarations.checks.consistency import COPY_MARK
from declarations.models import (
    Declaration,
    Evidence,
    LateChangeError,
    RemovedInstance,
    ScenarioInstance,
    SectionContent,
)
from declarations.models.scenario_instance import short_id
from declarations.services import StaleContent
from smartfactory import audit
from smartfactory.text import count_chars

if TYPE_CHECKING:
    from smartfactory.models import User

# A list nobody could review; bounds what one declaration can make us store.
MOST = 60
# How many removed instances the list offers to put back.
SHOWN = 5


class TooMany(Exception):
    """The list is as long as it may be."""


class OutOfList(Exception):
    """The asked position is not one of the list's; the argument is how long the list is."""


def add(declaration: Declaration, *, version: int, actor: User) -> ScenarioInstance:
    """Append an empty instance. Raises StaleContent, LateChangeError or TooMany."""
    with transaction.atomic():
        part = _claim(declaration, version, actor)
        made = _append(declaration, {}, actor)
        body = {"field": f"{part}.{made.uid}", "to": made.position}
        audit.record("scenario.add", actor=actor, obj=declaration, body=body)
        return made


def duplicate(declaration: Declaration, uid: str, *, version: int, actor: User) -> ScenarioInstance:
    """Put a copy of the instance right after it and return the copy.

    Names must differ, so the copy says in its own that it is one; a scenario without a name leaves a copy without.
    Files stay with the original: each stands in the trail as somebody's upload about that one scenario.
    Raises StaleContent, LateChangeError, TooMany, or ScenarioInstance.DoesNotExist when the original is gone.
    """
    with transaction.atomic():
        part = _claim(declaration, version, actor)
        order = list(ScenarioInstance.objects.filter(declaration=declaration).order_by("position"))
        source = _find(order, uid)
        made = _append(declaration, source.data | _copied_name(declaration, source, order), actor)
        place = order.index(source) + 1
        order.insert(place, made)
        _renumber(declaration, order)
        made.position = place + 1
        body = {"copied_from": f"{part}.{uid}", "field": f"{part}.{made.uid}", "to": made.position}
        audit.record("scenario.copy", actor=actor, obj=declaration, body=body)
        return made


def _copied_name(declaration: Declaration, source: ScenarioInstance, order: list[ScenarioInstance]) -> dict[str, str]:
    """The name of a copy: the original's with a mark, cut to the limit of the question, unlike all other names."""
    base = COPY_MARK.sub("", str(source.data.get("name") or "").strip())
    if not base:
        return {}
    field = content.describe(declaration.track).instance_section.instance_by_key["name"]
    taken = {str(one.data.get("name") or "").strip() for one in order}
    marks = ("（副本）", *(f"（副本{number}）" for number in range(2, MOST + 2)))
    return {
        "name": next(name for name in (_cut(base, mark, field.max_chars) + mark for mark in marks) if name not in taken)
    }


def _cut(name: str, mark: str, most: int | None) -> str:
    while most and len(name) > 1 and count_chars(name + mark) > most:
        name = name[:-1].rstrip()
    return name


def move(declaration: Declaration, uid: str, to: int, *, version: int, actor: User) -> int:
    """Put the instance at position `to` and return where it stood before; moving it nowhere is not an act.

    Raises StaleContent, LateChangeError, OutOfList, or ScenarioInstance.DoesNotExist when it is gone.
    """
    with transaction.atomic():
        row, holder = _hold(declaration, version)
        order = list(ScenarioInstance.objects.filter(declaration=declaration).order_by("position"))
        one = _find(order, uid)
        if not 1 <= to <= len(order):
            raise OutOfList(len(order))
        if to != one.position:
            _count_on(row, holder, actor)
            order.remove(one)
            order.insert(to - 1, one)
            _renumber(declaration, order)
            body = {"field": f"{row.key}.{uid}", "from": one.position, "to": to}
            audit.record("scenario.move", actor=actor, obj=declaration, body=body)
        return one.position


def _find(order: list[ScenarioInstance], uid: str) -> ScenarioInstance:
    found = next((one for one in order if one.uid == uid), None)
    if found is None:
        raise ScenarioInstance.DoesNotExist
    return found


def _append(declaration: Declaration, data: dict[str, Any], actor: User, uid: str = "") -> ScenarioInstance:
    count = ScenarioInstance.objects.filter(declaration=declaration).count()
    if count >= MOST:
        raise TooMany
    return ScenarioInstance.objects.create(
        declaration=declaration, position=count + 1, data=data, updated_by=actor, updated_at=timezone.now(),
        uid=uid or short_id(),
    )  # fmt: skip


def remove(declaration: Declaration, uid: str, *, version: int, actor: User) -> None:
    """Take the instance with its files off the list; it can be put back, and revisions keep theirs."""
    with transaction.atomic():
        part = _claim(declaration, version, actor)
        one = ScenarioInstance.objects.get(declaration=declaration, uid=uid)
        files = list(one.evidence.order_by("pk").values("field", "name", "file_id", "pages", "anchors", "added_by_id"))
        kept = {"position": one.position, "data": one.data, "files": files, "removed_by": actor}
        RemovedInstance.objects.update_or_create(declaration=declaration, uid=uid, defaults=kept)
        one.delete()
        _renumber(declaration, list(ScenarioInstance.objects.filter(declaration=declaration).order_by("position")))
        body = {"field": f"{part}.{uid}", "from": one.position}
        audit.record("scenario.remove", actor=actor, obj=declaration, body=body)


def removed(declaration: Declaration) -> list[RemovedInstance]:
    """What can be put back, the last removed first."""
    return list(RemovedInstance.objects.filter(declaration=declaration).select_related("removed_by")[:SHOWN])


def restore(declaration: Declaration, uid: str, *, version: int, actor: User) -> ScenarioInstance:
    """Put a removed instance back where it stood, with every answer and file; nearer the front if the list is shorter.

    Raises StaleContent, LateChangeError, TooMany, or RemovedInstance.DoesNotExist.
    """
    with transaction.atomic():
        part = _claim(declaration, version, actor)
        kept = RemovedInstance.objects.get(declaration=declaration, uid=uid)
        made = _append(declaration, kept.data, actor, uid)
        for one in kept.files:
            Evidence.objects.create(declaration=declaration, section=part, instance=made, **one)
        order = [one for one in ScenarioInstance.objects.filter(declaration=declaration) if one.pk != made.pk]
        made.position = min(kept.position, len(order) + 1)
        order.insert(made.position - 1, made)
        _renumber(declaration, order)
        kept.delete()
        body = {"field": f"{part}.{uid}", "to": made.position}
        audit.record("scenario.restore", actor=actor, obj=declaration, body=body)
        return made


def _claim(declaration: Declaration, version: int, actor: User) -> str:
    """Take the list for one change and return the key of its part of the form."""
    row, holder = _hold(declaration, version)
    _count_on(row, holder, actor)
    return row.key


def _hold(declaration: Declaration, version: int) -> tuple[SectionContent, content.Field]:
    """The list's version is that of its part of the form: one change at a time, and only while it may be changed."""
    section = content.describe(declaration.track).instance_section
    holder = next(one for one in section.fields if one.kind == "instances")
    rows = SectionContent.objects.select_for_update().select_related("declaration")
    row = rows.get(declaration=declaration, key=section.key)
    if not row.declaration.editable or not returning.is_open(row.declaration, holder.anchor):
        raise LateChangeError(row.declaration.status_word)
    if row.version != version:
        raise StaleContent
    return row, holder


def _count_on(row: SectionContent, holder: content.Field, actor: User) -> None:
    now, version = timezone.now(), row.version + 1
    changed = {**row.changed, holder.key: [version, actor.display, now.isoformat(timespec="seconds")]}
    SectionContent.objects.filter(pk=row.pk).write(version=version, changed=changed, updated_by=actor, updated_at=now)


def _renumber(declaration: Declaration, order: list[ScenarioInstance]) -> None:
    """Two steps, because a position may be taken by one row only at every moment."""
    rows = ScenarioInstance.objects.filter(declaration=declaration)
    if not order:
        return
    rows.write(position=-F("position"))
    places = [When(pk=one.pk, then=Value(place)) for place, one in enumerate(order, 1)]
    rows.write(position=Case(*places, output_field=IntegerField()))
