"""Writing and reading the notes of an office. They stay as written; a later one may correct an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from declarations.models.declaration import REVIEWING
from declarations.thread.people import receives
from recommendations.models import OfficeNote
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.appending import append
from smartfactory.models import Authority
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed

if TYPE_CHECKING:
    from declarations.models import Declaration
    from smartfactory.models import User

LONGEST = 2000


@dataclass(frozen=True)
class Notes:
    """The notes of one office about one declaration; `office` is None for whoever belongs to none on its line."""

    office: Authority | None
    rows: list[OfficeNote]

    @property
    def last(self) -> int:
        return self.rows[-1].number if self.rows else 0

    @property
    def standing(self) -> list[OfficeNote]:
        """Those not corrected yet."""
        gone = {one.corrects_id for one in self.rows}
        return [one for one in self.rows if one.pk not in gone]

    @property
    def later(self) -> dict[int, int]:
        """The key of a corrected note → the number of the one that corrects it."""
        return {one.corrects_id: one.number for one in self.rows if one.corrects_id}


def office_of(user: User, declaration: Declaration) -> Authority | None:
    """The person's own unit on the line that receives the declaration: the nearest to the enterprise."""
    held = scope(user)
    if held.enterprises.get(declaration.enterprise_id):
        return None
    own = Authority.objects.filter(pk__in=held.authority_ids(*REVIEWING))
    return max((one for one in own if receives(one, declaration)), key=lambda one: len(one.path), default=None)


def of(declaration: Declaration, user: User) -> Notes:
    office = office_of(user, declaration)
    rows = OfficeNote.objects.visible_to(user).filter(declaration=declaration, authority=office)
    return Notes(office, list(rows.select_related("by", "corrects")))


def write(declaration: Declaration, *, text: str, corrects: int, seen: int, actor: User) -> OfficeNote:
    """Add a note of the person's office; `corrects` is the number of the one it corrects, 0 for none.

    Raises NotAllowed, Blocked naming what to mend, StaleState when a colleague wrote in between.
    """
    found = of(declaration, actor)
    if found.office is None:
        raise NotAllowed("内部备注")
    words = clean(text).strip()
    earlier = next((one for one in found.rows if one.number == corrects), None)
    if problems := _problems(words, corrects, earlier):
        raise Blocked(problems)
    wanted = OfficeNote(
        declaration=declaration, authority=found.office, number=seen + 1, corrects=earlier, text=words, by=actor
    )
    with transaction.atomic():
        among = OfficeNote.objects.filter(declaration=declaration, authority=found.office)
        note, new = append(wanted, among, ("corrects_id",))
        if new:
            body = {"number": note.number, "authority": found.office.code, "sha256": note.digest}
            audit.record("note.write", actor=actor, obj=declaration, body=body | _corrected(earlier))
    return note


def _corrected(earlier: OfficeNote | None) -> dict[str, int]:
    return {"corrects": earlier.number} if earlier else {}


def _problems(words: str, corrects: int, earlier: OfficeNote | None) -> list[Problem]:
    found = []
    if not words:
        found.append(Problem("还没有写备注。请写清要让同事知道什么", field="note-text"))
    if len(words) > LONGEST:
        found.append(Problem(f"超出 {len(words) - LONGEST} 字。请删减到 {LONGEST} 字以内", field="note-text"))
    if corrects and earlier is None:
        found.append(Problem("要更正的那一条不存在。请重新选，或者选“新写一条”", field="note-corrects"))
    return found
