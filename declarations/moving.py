"""A draft that was never submitted moves to the next edition's track; what was submitted never moves.

Nothing typed is thrown away: answers the new form does not ask for stay stored and are named before the move.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F

from assessment import changes
from assessment.models import Edition
from assessment.vocabulary import COMMON
from declarations import content, deadlines, offers
from declarations.content.values import is_blank
from declarations.models import Declaration, SectionContent
from declarations.vocabulary import Status
from smartfactory import audit
from smartfactory.workflow import StaleState

if TYPE_CHECKING:
    from declarations.content import Description
    from declarations.content.description import Field
    from declarations.models import Track
    from smartfactory.models import User


class NoMove(Exception):
    """There is nowhere to move to, or this declaration does not move; the text says why."""


@dataclass(frozen=True)
class Answer:
    """A field with what was typed into it."""

    section: str
    label: str
    text: str = ""


@dataclass(frozen=True)
class Report:
    """What the move means for what was typed, and which rules are other ones."""

    kept: int
    gone: list[Answer]
    asked: list[Answer]
    shorter: list[Answer]
    rules: list[changes.Change]
    cited: int


def movable(declaration: Declaration) -> bool:
    """Whether it was never submitted."""
    return declaration.status == Status.DRAFT and declaration.latest_revision_id is None


def targets(declaration: Declaration) -> list[Track]:
    """The open tracks of later editions for the same tier that the enterprise has not begun, newest first."""
    if not movable(declaration):
        return []
    enterprise, old = declaration.enterprise, declaration.track
    taken = set(enterprise.declarations.exclude(status=Status.REJECTED).values_list("track_id", flat=True))
    now = deadlines.server_time()
    found = [
        one
        for one in offers.offered_tracks(enterprise)
        if one.tier == old.tier and one.edition.year > old.edition.year and one.pk not in taken
    ]
    return [one for one in found if deadlines.is_open(one, deadlines.for_enterprise(one, enterprise), now)]


def target(declaration: Declaration, code: str) -> Track:
    """The track of this code if the declaration may move there. Raises NoMove."""
    found = next((one for one in targets(declaration) if one.code == code), None)
    if found is None:
        raise NoMove("没有可以转过去的新版次：申报书提交过、新类别不在受理期，或者已经在新类别里建了申报书")
    return found


def report(declaration: Declaration, track: Track) -> Report:
    """What would stay, go and be asked anew; and the rules of its tier that are not the same."""
    old, new = content.describe(declaration.track), content.describe(track)
    typed = {row.key: row.data for row in declaration.contents.all()}
    before, after = dict(_fields(old)), dict(_fields(new))
    held = {place: field for place, field in before.items() if not is_blank(_value(typed, field))}
    stays = [place for place in held if place in after and after[place].kind == before[place].kind]
    rules, cited = _rules(declaration.track, track)
    return Report(
        kept=len(stays),
        gone=[_answer(old, before[place], typed) for place in held if place not in stays],
        asked=[_answer(new, field) for place, field in after.items() if place not in before and field.required],
        shorter=[_answer(new, after[place], typed) for place in stays if _too_long(after[place], typed)],
        rules=rules,
        cited=cited,
    )


def _fields(description: Description) -> list[tuple[tuple[str, str], Field]]:
    return [((section.key, one.key), one) for section in description.sections for one in section.fields]


def _value(typed: dict[str, dict[str, Any]], field: Field) -> Any:
    return typed.get(field.section, {}).get(field.key)


def _answer(description: Description, field: Field, typed: dict[str, dict[str, Any]] | None = None) -> Answer:
    value = _value(typed or {}, field)
    return Answer(description.section(field.section).short_title, field.label, value if isinstance(value, str) else "")


def _too_long(field: Field, typed: dict[str, dict[str, Any]]) -> bool:
    value = _value(typed, field)
    return bool(field.max_chars) and isinstance(value, str) and len(value) > field.max_chars


def _rules(old: Track, new: Track) -> tuple[list[changes.Change], int]:
    """Conditions of this tier that changed, and how many are only cited otherwise."""
    sources = dict(Edition.objects.filter(pk__in=[old.edition.pk, new.edition.pk]).values_list("pk", "source"))
    found = changes.compare(sources[old.edition.pk], sources[new.edition.pk])
    chapter = next((one for one in found.chapters if one.chapter.name == "conditions"), None)
    mine = [one for one in chapter.changes if one.row.get("tier") in (COMMON, new.tier)] if chapter else []
    told = [one for one in mine if one.kind != changes.CITED]
    return told, len(mine) - len(told)


@transaction.atomic
def move(declaration: Declaration, code: str, *, version: int, actor: User) -> Declaration:
    """Put the draft on the track of this code. Raises NoMove, StaleState."""
    track = target(declaration, code)
    found = report(declaration, track)
    mine = Declaration.objects.filter(pk=declaration.pk, status=Status.DRAFT, latest_revision=None, version=version)
    try:
        with transaction.atomic():
            number = f"{track.number_prefix}-{declaration.pk:04d}"
            moved = mine.update(track=track, number=number, version=F("version") + 1)
    except IntegrityError as error:
        raise NoMove("已经在新类别里建了申报书") from error
    if not moved:
        raise StaleState("申报书")
    fresh = Declaration.objects.select_related("track__campaign__edition").get(pk=declaration.pk)
    known = set(fresh.contents.values_list("key", flat=True))
    for section in content.describe(track).sections:
        if section.key not in known:
            SectionContent.objects.create(declaration=fresh, key=section.key, data={})
    body = {"from": declaration.track.code, "to": track.code, "kept": found.kept, "gone": len(found.gone)}
    audit.record("declaration.move", actor=actor, obj=fresh, body=body)
    return fresh
