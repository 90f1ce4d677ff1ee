"""The one way in which a published edition changes: a dated amendment, decided by two people, all or nothing.

Inside one transaction the edition is a draft again, its rules are written anew from the amended chapters, and it is
published. Nobody else ever sees it open. Its tracks stay the same rows: declarations and lists hang on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models, transaction

from assessment.chapters.registry import Context, chapters
from assessment.models import Edition, EditionStatus
from assessment.yaml_nodes import plain
from smartfactory.canonical import canonical_json, sha256

if TYPE_CHECKING:
    from assessment.models import EditionDraft


@transaction.atomic
def amend(draft: EditionDraft, ctx: Context) -> Edition:
    """Bring the amended chapters into force and keep in `draft` what stood there before."""
    edition = Edition.objects.select_for_update().get(pk=draft.amends_id)
    source = {name: plain(doc) for name, doc in ctx.documents.items()}
    type(draft).objects.filter(pk=draft.pk).update(before=edition.source, before_digest=edition.digest)
    _set(edition, status=EditionStatus.DRAFT)
    for chapter in reversed(list(chapters())):
        chapter.clear(edition)
    head = source["edition"]
    values = {key: head.get(key) or "" for key in ("title", "summary", "region")}
    values |= {"year": head["year"], "excluded": head.get("excluded") or [], "documents": head["documents"]}
    _set(edition, source=source, digest=sha256(canonical_json(source)), **values)
    edition.refresh_from_db()
    for chapter in chapters():
        if chapter.name in ctx.documents:
            chapter.load(edition, ctx.documents[chapter.name], ctx)
    _set(edition, status=EditionStatus.PUBLISHED)
    edition.refresh_from_db()
    return edition


def _set(edition: Edition, **values: object) -> None:
    """Past the guard of the edition's own manager: this module is why there is one."""
    models.QuerySet(Edition).filter(pk=edition.pk).update(**values)
