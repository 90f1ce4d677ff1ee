"""Acts at the policy desk: begin a draft, change one row of it. Every act names the version it saw and is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from assessment.drafting import cloning, documents
from assessment.models import DraftChapter, DraftStatus, EditionDraft
from assessment.yaml_writer import write
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from datetime import date

    from assessment.drafting.cloning import Wish
    from assessment.models import Edition
    from smartfactory.models import Authority, User

TAKEN = "版次“{code}”已经有一份草案没有办完。请先办完或作废它"


def clone(edition: Edition, wish: Wish, authority: Authority, actor: User) -> EditionDraft:
    """A draft of a new edition from `edition`. Raises Blocked where one with the code is under way."""
    draft = EditionDraft(code=wish.code, title=wish.title, base=edition, authority=authority)
    return _begin(draft, cloning.cloned(edition, wish, authority), actor, "clone")


def amendment(
    edition: Edition, authority: Authority, actor: User, *, dated: date, reason: str, paper: str
) -> EditionDraft:
    """A draft that corrects a published edition from `dated` on. Raises Blocked for a day before the edition's year."""
    if dated.year < edition.year:
        raise Blocked(
            [Problem(f"更正起始日 {dated:%Y-%m-%d} 早于版次的年度 {edition.year}。请核对日期", field="dated")]
        )
    draft = EditionDraft(
        code=edition.code, title=f"{edition.title}的更正", base=edition, amends=edition, authority=authority,
        dated=dated, reason=reason, paper=paper,
    )  # fmt: skip
    return _begin(draft, documents.texts(edition.source), actor, "amend")


def imported(code: str, title: str, texts: Mapping[str, str], authority: Authority, actor: User) -> EditionDraft:
    """A draft from the files or the workbook of an edition."""
    return _begin(EditionDraft(code=code, title=title, authority=authority), texts, actor, "import")


def _begin(draft: EditionDraft, texts: Mapping[str, str], actor: User, act: str) -> EditionDraft:
    if not scope(actor).covers(draft.authority.path, Role.POLICY):
        raise NotAllowed("版次草案")
    draft.status, draft.created_by = DraftStatus.DRAFTING, actor
    try:
        with transaction.atomic():
            draft.save()
            DraftChapter.objects.bulk_create(
                DraftChapter(draft=draft, name=name, text=text, updated_by=actor) for name, text in texts.items()
            )
            body = {"code": draft.code, "base": draft.base.code if draft.base else ""}
            audit.record(f"editiondraft.{act}", actor=actor, obj=draft, body=body)
    except IntegrityError as error:
        raise Blocked([Problem(TAKEN.format(code=draft.code))]) from error
    return draft


def save_row(
    draft: EditionDraft,
    chapter: str,
    path: str,
    values: Mapping[str, Any],
    *,
    asked: Collection[str],
    version: int,
    actor: User,
) -> None:
    """Give the row at `path` these values. What was asked and left empty goes; what was not asked stays as it is."""

    def change(doc: Any, shape: Any) -> None:
        node = documents.place(doc, shape, path).node
        kept = {key: values.get(key, node[key]) for key in node if key in values or key not in asked}
        node.clear()
        node.update(kept | dict(values))

    _change(draft, chapter, change, version=version, actor=actor, act="save", path=path)


def add_row(
    draft: EditionDraft, chapter: str, path: str, values: Mapping[str, Any], *, version: int, actor: User
) -> str:
    """Append a row to the list at `path`; returns the path of the new row."""
    made = []

    def change(doc: Any, shape: Any) -> None:
        head, _, key = path.rpartition(".")
        place = documents.place(doc, shape, head)
        rows = place.node.setdefault(key, [])
        rows.append(dict(values) | {name: [] for name in place.shape.inner[key].inner if name not in values})
        made.append(f"{path}.{len(rows) - 1}")

    _change(draft, chapter, change, version=version, actor=actor, act="add", path=path)
    return made[0]


def remove_row(draft: EditionDraft, chapter: str, path: str, *, version: int, actor: User) -> None:
    """Take the row at `path` out of its list. The head of a chapter and its only group of keys stay."""

    def change(doc: Any, shape: Any) -> None:
        place = documents.place(doc, shape, path)
        if not place.number:
            raise LookupError(path)
        head, _, key = place.list_path.rpartition(".")
        del documents.place(doc, shape, head).node[key][place.number - 1]

    _change(draft, chapter, change, version=version, actor=actor, act="remove", path=path)


def vouch(
    draft: EditionDraft, chapter: str, paths: list[str], values: Mapping[str, str], *, version: int, actor: User
) -> int:
    """Say of several rows at once how well they are attested, and by which paper."""

    def change(doc: Any, shape: Any) -> None:
        for path in paths:
            place = documents.place(doc, shape, path)
            place.node.update({key: value for key, value in values.items() if key in place.shape.schema})

    try:
        _change(draft, chapter, change, version=version, actor=actor, act="vouch", path="、".join(paths)[:200])
    except (LookupError, StopIteration) as error:
        raise StaleState("版次草案") from error
    return len(paths)


@transaction.atomic
def _change(
    draft: EditionDraft,
    name: str,
    change: Callable[[Any, Any], None],
    *,
    version: int,
    actor: User,
    act: str,
    path: str,
) -> None:
    """One change of one chapter. The draft's row is held, so that nothing changes while it is being proposed."""
    held = EditionDraft.objects.select_for_update().get(pk=draft.pk)
    if not held.open:
        raise StaleState("版次草案")
    row = held.chapters.filter(name=name, version=version).first()
    if row is None:
        raise StaleState("版次草案")
    doc = documents.document(held, name, row.text)
    change(doc, documents.chapter(name).shape)
    text = write(doc)
    moved = held.chapters.filter(pk=row.pk, version=version).update(
        text=text, version=F("version") + 1, updated_by=actor, updated_at=timezone.now()
    )
    if not moved:
        raise StaleState("版次草案")
    _follow_title(held, name, doc)
    body = {"code": held.code, "chapter": name, "row": path, "version": version + 1}
    audit.record(f"editiondraft.{act}", actor=actor, obj=held, body=body)


def _follow_title(draft: EditionDraft, name: str, doc: Any) -> None:
    """A new edition goes by the name its own head gives it."""
    if name == "edition" and not draft.amends_id and doc.get("title"):
        EditionDraft.objects.filter(pk=draft.pk).update(title=str(doc["title"])[:120])
