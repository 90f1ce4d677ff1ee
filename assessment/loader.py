"""Load an edition of policy from its folder.

Everything is checked first and the whole edition refused on any error; a published edition never changes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from assessment import differences, extending
from assessment.chapters.registry import Chapter, Context, Defect, chapters, register
from assessment.models import Edition, EditionStatus
from assessment.yaml_nodes import MapNode, UnreadableError, line_of, plain, read
from smartfactory.canonical import canonical_json, sha256

__all__ = ["Chapter", "Context", "Differs", "Refused", "Result", "load", "read_edition", "register"]

EDITIONS = Path(settings.BASE_DIR) / "fixtures" / "editions"


class Refused(Exception):
    """The edition was not loaded. `defects` says why, one `file:line: message` each."""

    def __init__(self, defects: list[Defect]) -> None:
        super().__init__("\n".join(str(one) for one in defects))
        self.defects = defects


class Differs(Refused):
    """The edition is published and the files say something else; what is loaded stays in force."""


@dataclass(frozen=True)
class Result:
    """What a load did: `outcome` is created, replaced or unchanged."""

    edition: Edition
    outcome: str


def folders() -> list[Path]:
    """The folders of all editions that come with the program."""
    return sorted(path for path in EDITIONS.iterdir() if (path / "edition.yaml").is_file())


def read_edition(folder: Path, *, only: Collection[str] = ()) -> Context:
    """Read and check every chapter in `folder`, or those in `only`. Raises Refused with every defect found."""
    documents, defects = _read_whole(folder, only)
    return checked(folder.name, documents, defects)


def checked(code: str, documents: dict[str, Any], defects: Sequence[Defect] = ()) -> Context:
    """The documents without a defect, wherever they come from. Raises Refused with every defect found."""
    ctx = examined(code, documents, defects)
    if ctx.defects:
        raise Refused(sorted(ctx.defects))
    return ctx


def examined(code: str, documents: dict[str, Any], defects: Sequence[Defect] = ()) -> Context:
    """What every chapter says about the documents; the defects are in the context."""
    ctx = Context(code, documents)
    ctx.defects.extend(defects)
    for chapter in chapters():
        if chapter.name in documents:
            chapter.check(documents[chapter.name], ctx)
        elif chapter.required and not defects:
            ctx.defects.append(Defect(f"{code}/{chapter.name}.yaml", 1, "缺少这个文件"))
    return ctx


def _read_whole(folder: Path, only: Collection[str]) -> tuple[dict[str, Any], list[Defect]]:
    """The files of the folder, on top of those of the edition it extends, if it does."""
    documents, defects = _read_files(folder, only)
    head = documents.get("edition", {})
    if "extends" not in head:
        return documents, defects
    base = _beside(folder, str(head["extends"]))
    if base is None:
        name, line = f"{folder.name}/edition.yaml", line_of(head, "extends")
        return documents, [*defects, Defect(name, line, f"没有可以沿用的版次“{head['extends']}”")]
    lower, more = _read_files(base, only)
    found = [*defects, *more]
    return (documents, found) if found else (extending.extended(documents, lower), [])


def _beside(folder: Path, code: str) -> Path | None:
    """The folder of the edition to extend: next to this one, or with the program."""
    places = [] if "/" in code or code in ("", ".", "..", folder.name) else [folder.parent / code, EDITIONS / code]
    return next((one for one in places if (one / "edition.yaml").is_file()), None)


def _read_files(folder: Path, only: Collection[str]) -> tuple[dict[str, Any], list[Defect]]:
    known = {chapter.name for chapter in chapters()}
    documents: dict[str, Any] = {}
    defects: list[Defect] = []
    for path in sorted(folder.glob("*.yaml")):
        if only and path.stem not in only:
            continue
        name = f"{folder.name}/{path.name}"
        if path.stem not in known:
            defects.append(Defect(name, 1, f"不认识的文件；可用的是 {'、'.join(sorted(known))}"))
            continue
        try:
            documents[path.stem] = _mapping(read(path, name))
        except UnreadableError as error:
            defects.extend(Defect(name, line, message) for line, message in error.problems)
    return documents, defects


def _mapping(root: Any) -> MapNode:
    if not isinstance(root, MapNode):
        raise UnreadableError([(1, "文件最外层应是一组键值")])
    return root


def load(folder: Path) -> Result:
    """Load the edition in `folder`. The same content again changes nothing; a published edition never changes.

    Raises Refused when a file has an error, Differs when the edition is published and the files differ from it.
    """
    return keep(read_edition(folder))


@transaction.atomic
def keep(ctx: Context) -> Result:
    """Bring what was checked without a defect into the database; see `load`."""
    source = {name: plain(doc) for name, doc in ctx.documents.items()}
    digest = sha256(canonical_json(source))
    present = Edition.objects.select_for_update().filter(code=source["edition"]["code"]).first()
    if present and (present.digest == digest or present.amendments.filter(before_digest=digest).exists()):
        # What was amended since is newer than the files it began with.
        return Result(present, "unchanged")
    if present and present.status == EditionStatus.PUBLISHED:
        raise Differs(differences.named(present.source, ctx.documents, ctx.edition))
    if present:
        _discard(present, ctx.edition)
    return Result(_write(ctx, source, digest), "replaced" if present else "created")


def _discard(draft: Edition, name: str) -> None:
    try:
        draft.delete()
    except ProtectedError as error:
        used = [Defect(f"{name}/edition.yaml", 1, "草稿版次已有数据引用，不能重新装载")]
        raise Refused(used) from error


def _write(ctx: Context, source: dict[str, Any], digest: str) -> Edition:
    """Write every chapter while the edition is a draft, then publish it if its file says so."""
    head = source["edition"]
    edition = Edition.objects.create(
        code=head["code"],
        title=head["title"],
        year=head["year"],
        summary=head.get("summary") or "",
        region=head.get("region") or "",
        excluded=head.get("excluded") or [],
        documents=head["documents"],
        digest=digest,
        source=source,
    )
    for chapter in chapters():
        if chapter.name in ctx.documents:
            chapter.load(edition, ctx.documents[chapter.name], ctx)
    edition.refresh_from_db()
    if head["status"] == EditionStatus.PUBLISHED:
        edition.status, edition.published_at = EditionStatus.PUBLISHED, timezone.now()
        edition.save(update_fields=["status", "published_at"])
    return edition
