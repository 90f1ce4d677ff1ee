"""Private, content-addressed files: what comes in is parsed before it is kept, what goes out is an attachment."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.http import FileResponse

from smartfactory import parsing, videos
from smartfactory.models import StoredFile

MIMES = {
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "mp4": "video/mp4",
}
SUFFIXES = {"pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg", "png": "png", "xlsx": "xlsx", "docx": "docx", "mp4": "mp4"}
NAMES = {"pdf": "PDF", "jpeg": "JPG", "png": "PNG", "xlsx": "Excel（xlsx）", "docx": "Word（docx）", "mp4": "MP4 视频"}
# What begins like these is parsed in a process of its own.
APART = frozenset({"pdf", "jpeg", "png", "zip"})
PATIENCE = 40
UNFINISHED = "这个文件太复杂或已损坏，没有检查完。请重新导出或拆分后再上传"
EMPTY = "这个文件是空的。请重新导出后再上传"


class BadFile(Exception):
    """An upload that cannot be accepted; the text says why and what to do."""


@dataclass(frozen=True)
class Inspected:
    """What a real parse found: the kind is the content's, whatever the name claims."""

    kind: str
    mime: str
    size: int
    pages: int = 0
    width: int = 0
    height: int = 0
    seconds: int = 0


def put(content: bytes | Path | BinaryIO, mime: str) -> StoredFile:
    """Keep the bytes under their SHA-256 and return the row; equal bytes are kept once. Durable before it returns."""
    digest, size = keep(content)
    return StoredFile.objects.get_or_create(digest=digest, defaults={"size": size, "mime": mime})[0]


def keep(content: bytes | Path | BinaryIO) -> tuple[str, int]:
    """Keep the bytes alone, without a row: their digest and size."""
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as draft:
        digest, size = _copy(content, draft)
        draft.flush()
        os.fsync(draft.fileno())
    stored = StoredFile(digest=digest)
    stored.path.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(draft.name, 0o400)
    os.replace(draft.name, stored.path)
    return digest, size


def _copy(content: bytes | Path | BinaryIO, target: BinaryIO) -> tuple[str, int]:
    if isinstance(content, Path):
        with content.open("rb") as source:
            return _copy(source, target)
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def inspect(upload: BinaryIO, name: str, allowed: list[str], max_bytes: int, *, min_side: int = 0) -> Inspected:
    """Parse an upload for real. Raises BadFile in words if type, size or structure is not acceptable.

    `min_side`: how many pixels each side of a picture has at least.
    """
    size = upload.seek(0, io.SEEK_END)
    if size == 0:
        raise BadFile(EMPTY)
    if size > max_bytes:
        raise BadFile(f"文件有 {_megabytes(size)}，超过 {_megabytes(max_bytes)}。请压缩或拆分后再上传")
    kind = _sniff(upload)
    facts = _apart(upload, kind) if kind in APART else {"kind": kind}
    kind = facts.pop("kind") or None
    claimed = SUFFIXES.get(name.rsplit(".", 1)[-1].lower() if "." in name else "")
    wanted = "、".join(NAMES[one] for one in allowed)
    if kind is None or kind not in allowed:
        raise BadFile(f"内容不是 {wanted}。请换成这些格式的文件，只改后缀名不行")
    if claimed != kind:
        raise BadFile(f"内容是 {NAMES[kind]}，文件名却不是。请把文件名后缀改成与内容一致再上传")
    if words := facts.pop("refused", ""):
        raise BadFile(words)
    if kind == "mp4":
        facts["seconds"] = _seconds(upload, size)
    found = Inspected(kind, MIMES[kind], size, **facts)
    if found.width and min(found.width, found.height) < min_side:
        raise BadFile(
            f"图片只有 {found.width}×{found.height} 像素，看不清内容。请换成每边至少 {min_side} 像素的图片再上传"
        )
    return found


def _sniff(upload: BinaryIO) -> str | None:
    upload.seek(0)
    head = upload.read(1024)
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if videos.is_mp4(head):
        return "mp4"
    return "zip" if head.startswith(b"PK\x03\x04") else None


def _apart(upload: BinaryIO, kind: str) -> dict[str, Any]:
    """What the parser finds, in a process of its own with limits: this one opens nothing a stranger made."""
    program = [sys.executable, "-I", parsing.__file__, kind]
    with tempfile.TemporaryFile() as copy:
        # A file of its own: two processes would move each other's place in a shared one.
        upload.seek(0)
        shutil.copyfileobj(upload, copy)
        copy.seek(0)
        try:
            done = subprocess.run(program, stdin=copy, capture_output=True, timeout=PATIENCE, env={}, check=True)
            return json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError):
            # It ran into its limits, or the parser itself broke.
            return {"kind": "" if kind == "zip" else kind, "refused": UNFINISHED}


@dataclass(frozen=True)
class PdfFacts:
    """What a PDF carries beside its pages: names of people, comments, attachments, layers that are switched off."""

    names: tuple[str, ...]
    comments: int
    attachments: int
    layers: int


# Notes laid over a page; links, form fields and text written onto the page are part of what is seen.
_NOTES = frozenset({"/Text", "/Popup", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Caret", "/Ink"})


def pdf_facts(content: bytes) -> PdfFacts:
    """Read what is hidden in a PDF that inspect() has accepted."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = [str(pdf.docinfo.get("/Author", ""))]
        with pdf.open_metadata(update_docinfo=False) as meta:
            creator = meta.get("dc:creator", "")
            names += list(creator) if isinstance(creator, list | set | tuple) else [str(creator or "")]
        notes = [note for page in pdf.pages for note in page.get("/Annots", [])]
        comments = sum(str(note.get("/Subtype", "")) in _NOTES - {"/Popup"} for note in notes)
        shown = pdf.Root.get("/OCProperties", {}).get("/D", {})
        layers = len(shown.get("/OFF", []))
        kept = tuple(dict.fromkeys(one.strip()[:80] for one in names if one.strip()))
        return PdfFacts(kept, comments, len(pdf.attachments), layers)


def pdf_without_metadata(content: bytes) -> bytes:
    """The same pages without document information and XMP; equal input gives equal bytes."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        if "/Metadata" in pdf.Root:
            del pdf.Root.Metadata
        if "/Info" in pdf.trailer:
            del pdf.trailer.Info
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _seconds(upload: BinaryIO, size: int) -> int:
    """Read here: of a film only the heads of its boxes are looked at, by a reader of our own."""
    try:
        return videos.seconds(upload, size)
    except videos.BadVideo as error:
        raise BadFile(f"这个视频{error}。请重新导出后再上传") from None


def _megabytes(size: int) -> str:
    return f"{size / 1048576:.1f} MB"


def response(stored: StoredFile, name: str, *, inline: bool = False) -> FileResponse:
    """Send a stored file. Never rendered in our origin unless it is our own PDF (`inline`)."""
    plain = "".join(char if char.isprintable() else " " for char in name)
    answer = FileResponse(stored.open(), as_attachment=not inline, filename=plain, content_type=stored.mime)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'" if not inline else "default-src 'self'"
    return answer
