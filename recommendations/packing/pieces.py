"""One project of a packet: its declaration and, if asked for, its attachments as pages, joined into one PDF.

What cannot be put in is named on a page in its place; nothing stops the rest.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from declarations import content, printing
from declarations.models import Revision
from smartfactory import documents
from smartfactory.canonical import sha256
from smartfactory.models import StoredFile

log = logging.getLogger(__name__)
PDF = "application/pdf"
WIDEST = 2000
# How a file is in the packet: as pages, as an attachment of the PDF, only named, or not at all.
AS_PAGES, ATTACHED, LISTED, MISSING = "pages", "attached", "listed", "missing"


@dataclass
class Made:
    """A finished project; `marks` are its bookmarks with pages from 0, `files` what became of every attachment."""

    pages: int
    marks: list[list[Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""


def make(packet: Any, entry: dict[str, Any], target: Path) -> Made:
    """Write the project's PDF to `target` and say what is in it."""
    revision = Revision.objects.filter(sha256=entry["sha256"]).select_related("issued", "declaration__track").first()
    pdf, trouble = _declaration(revision)
    parts = [documents.Part("申报书", pdf or _note(packet, entry["enterprise"], "申报书", trouble))]
    listed = []
    for line in _attachments(revision) if packet.with_files and revision else ():
        part = _attachment(packet, entry, line)
        listed.append(line)
        if part is not None:
            parts.append(part)
    made = documents.merge_pdfs(parts, title=entry["title"], created=packet.created_at, stamp=False)
    target.write_bytes(made)
    return Made(documents.page_count(made), list(_marks(parts, pdf)), listed, trouble)


def _marks(parts: list[documents.Part], declaration: Path | None) -> Iterator[list[Any]]:
    page = 0
    for number, part in enumerate(parts):
        yield [part.title, page]
        if number == 0 and declaration:
            yield from ([title, at] for at, title in documents.headings(declaration))
        page += documents.page_count(part.pdf)


def _declaration(revision: Revision | None) -> tuple[Path | None, str]:
    """(the declaration's file, drawn here if its own turn has not come; why it is not there)."""
    stored = None
    try:
        stored = printing.kept_desk_copy(revision) if revision and revision.issued else None
    except Exception:
        log.exception("declaration of revision %s could not be drawn", revision.pk)
    if stored is None:
        return None, "申报书 PDF 没有生成，请管理员查看运行日志"
    return (stored.path, "") if _sound(stored) else (None, "申报书 PDF 已损坏或丢失，请管理员恢复备份")


def _sound(stored: StoredFile) -> bool:
    return stored.path.exists() and sha256(stored.read()) == stored.digest


def _attachments(revision: Revision) -> Iterator[dict[str, Any]]:
    """Every file the filed content names; pictures that the declaration prints are in it already."""
    for row in content.rows(revision.content, content.describe(revision.declaration.track)):
        for one in () if row.field.params.get("figure") else row.files:
            yield {"label": row.label, "name": one.name, "sha256": one.digest, "size": one.size, "mime": one.mime}


def _attachment(packet: Any, entry: dict[str, Any], line: dict[str, Any]) -> documents.Part | None:
    """The file as pages, or a page saying why not; None where it is attached or only listed. Says in `line` which."""
    stored = StoredFile.objects.filter(pk=line["sha256"]).first()
    try:
        if stored is None or not _sound(stored):
            raise FileNotFoundError
        if line["mime"] != PDF and not line["mime"].startswith("image/"):
            line["how"] = ATTACHED if line["size"] <= settings.PACKET_ATTACH_BYTES else LISTED
            return None
        pdf = stored.path if line["mime"] == PDF else _picture(packet, line["name"], stored)
        line["pages"] = documents.page_count(pdf)
        line["how"] = AS_PAGES
        return documents.Part(line["name"], pdf)
    except Exception as error:
        log.warning("attachment %s of packet %s: %s", line["sha256"], packet.pk, error)
        lost = isinstance(error, FileNotFoundError)
        line["how"] = MISSING
        line["trouble"] = "文件已损坏或丢失，请管理员恢复备份" if lost else "文件打不开，不能放进来"
        return documents.Part(line["name"], _note(packet, entry["enterprise"], line["name"], line["trouble"]))


def _picture(packet: Any, name: str, stored: StoredFile) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    with Image.open(stored.path) as picture:
        picture.draft("RGB", (WIDEST, WIDEST))
        picture.thumbnail((WIDEST, WIDEST))
        picture.convert("RGB").save(out, "JPEG", quality=82)
    assets = {"picture": documents.Asset(out.getvalue(), "image/jpeg")}
    return _drawn(packet, {"name": name, "picture": True}, assets)


def _note(packet: Any, enterprise: str, name: str, trouble: str) -> bytes:
    """A page in the place of what is missing."""
    return _drawn(packet, {"enterprise": enterprise, "name": name, "trouble": trouble}, {})


def _drawn(packet: Any, context: dict[str, Any], assets: dict[str, documents.Asset]) -> bytes:
    made = documents.render_pdf(
        "pdf/packet_page.html", {"title": context["name"], **context}, created=packet.created_at, assets=assets
    )
    return made.pdf
