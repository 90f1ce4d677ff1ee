"""Where in a file a condition is answered: pointed at by the enterprise, held against the file's pages, filed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from assessment.edition_rules import from_edition
from assessment.models import Edition
from declarations import content, returning
from declarations.models import Declaration, Evidence, LateChangeError
from smartfactory import audit

if TYPE_CHECKING:
    from assessment.rules import ConditionRule
    from smartfactory.models import User

MOST = 40


class BadAnchor(Exception):
    """What was pointed at cannot be; the text says why and what to do, `field` where."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


def conditions(description: content.Description) -> dict[str, ConditionRule]:
    """The conditions a file of this declaration can answer, by code, in the order of the notice."""
    rules = from_edition(Edition(pk=description.edition_pk, digest=description.edition_digest))
    binding = rules.binding(description.tier) if description.tier in rules.tiers else ()
    return {one.code: one for one in binding}


def add(evidence: Evidence, condition: str, first: int, last: int, *, actor: User) -> None:
    """Say that these pages answer the condition. Raises BadAnchor, or LateChangeError when it is too late.

    The same said again changes nothing.
    """
    with transaction.atomic():
        declaration, row = _locked(evidence)
        if condition not in conditions(content.describe(declaration.track)):
            raise BadAnchor("还没有选条件。请选这个文件回答的是哪一条", "condition")
        entry = {"condition": condition, **_pages(row, first, last)}
        if entry in row.anchors:
            return
        if len(row.anchors) >= MOST:
            raise BadAnchor(f"一个文件最多指向 {MOST} 处。请先删去不用的", "condition")
        _write(declaration, row, [*row.anchors, entry], "evidence.point", entry, actor)


def remove(evidence: Evidence, place: int, condition: str, *, actor: User) -> None:
    """Take back one of them, named by its place and its condition; nothing if it is not there any more."""
    with transaction.atomic():
        declaration, row = _locked(evidence)
        if not 0 <= place < len(row.anchors) or row.anchors[place]["condition"] != condition:
            return
        rest = [one for number, one in enumerate(row.anchors) if number != place]
        _write(declaration, row, rest, "evidence.unpoint", row.anchors[place], actor)


def _locked(evidence: Evidence) -> tuple[Declaration, Evidence]:
    """The declaration, held until the end of the transaction, and the file as it stands now."""
    declaration = Declaration.objects.select_for_update().get(pk=evidence.declaration_id)
    row = Evidence.objects.select_related("instance").filter(pk=evidence.pk).first()
    if row is None or not returning.is_open(declaration, row.address):
        raise LateChangeError(declaration.status_word)
    return declaration, row


def _pages(row: Evidence, first: int, last: int) -> dict[str, int]:
    """Pages as they are kept; of one only, the last is the first."""
    if not row.pages:
        return {"first": 0, "last": 0}
    last = last or first
    if not 1 <= first <= row.pages:
        raise BadAnchor(f"起始页写 1 到 {row.pages} 之间的数，这个文件有 {row.pages} 页", "first")
    if not first <= last <= row.pages:
        raise BadAnchor(f"结束页写 {first} 到 {row.pages} 之间的数，这个文件有 {row.pages} 页", "last")
    return {"first": first, "last": last}


def _write(declaration: Declaration, row: Evidence, anchors: list[dict], name: str, entry: dict, actor: User) -> None:
    if not Evidence.objects.filter(pk=row.pk).write(anchors=anchors):
        raise LateChangeError(declaration.status_word)
    body = {"field": row.address, "sha256": row.file_id, **entry}
    audit.record(name, actor=actor, obj=declaration, body=body)
