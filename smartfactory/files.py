"""Private, content-addressed files: what comes in is parsed before it is kept, what goes out is an attachment."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.http import FileResponse

from smartfactory import videos
from smartfactory.models import StoredFile

if TYPE_CHECKING:
    import pikepdf

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
# Beyond these an image or an archive is a bomb, not a document.
MAX_PIXELS = 60_000_000
MAX_UNPACKED = 120_000_000
MAX_STREAM = 64 << 20
MAX_DEPTH = 20
# The mark that ends a PDF stands this near its end.
TAIL = 2048
EMPTY = "这个文件是空的。请重新导出后再上传"
ACTIVE_PARTS = ("vbaProject", "/externalLinks/", "/activeX/")


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
    claimed = SUFFIXES.get(name.rsplit(".", 1)[-1].lower() if "." in name else "")
    wanted = "、".join(NAMES[one] for one in allowed)
    if kind is None or kind not in allowed:
        raise BadFile(f"内容不是 {wanted}。请换成这些格式的文件，只改后缀名不行")
    if claimed != kind:
        raise BadFile(f"内容是 {NAMES[kind]}，文件名却不是。请把文件名后缀改成与内容一致再上传")
    upload.seek(0)
    found = _PARSERS[kind](upload, kind, size)
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
    return _sniff_office(upload) if head.startswith(b"PK\x03\x04") else None


def _sniff_office(upload: BinaryIO) -> str | None:
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError, ValueError, OverflowError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return "xlsx" if "xl/workbook.xml" in names else "docx" if "word/document.xml" in names else None


@cache
def bounded_pikepdf() -> ModuleType:
    """pikepdf, told once per process how much one stream of a file may unpack to: a few kilobytes can hold gigabytes."""
    import pikepdf

    limits = dict.fromkeys(
        ("flate_max_memory", "run_length_max_memory", "png_max_memory", "tiff_max_memory"), MAX_STREAM
    )
    pikepdf.settings.set_qpdf_limits(max_stream_filters=5, **limits)
    return pikepdf


def _parse_pdf(upload: BinaryIO, kind: str, size: int) -> Inspected:
    pikepdf = bounded_pikepdf()
    # The parser would repair a file that was cut short, and the missing pages would be missed by nobody.
    upload.seek(-min(size, TAIL), io.SEEK_END)
    if b"%%EOF" not in upload.read():
        raise BadFile("这个 PDF 没有传完整，缺少结尾。请重新导出后再上传")
    upload.seek(0)
    try:
        with pikepdf.open(upload) as pdf:
            pages = len(pdf.pages)
            active = any(_acts(one) for one in pdf.objects)
    except pikepdf.PasswordError:
        raise BadFile("这个 PDF 有密码。请去掉密码后再上传") from None
    except Exception:
        # Damaged files make the parser fail in more ways than it documents.
        raise BadFile("这个 PDF 打不开，可能没有传完整。请重新导出后再上传") from None
    if pages == 0:
        raise BadFile("这个 PDF 里没有页面。请重新导出后再上传")
    if active:
        raise BadFile("这个 PDF 带有自动执行的动作。请用“打印为 PDF”重新生成后再上传")
    return Inspected(kind, MIMES[kind], size, pages=pages)


def _acts(found: pikepdf.Object, depth: int = 0) -> bool:
    """Whether an object holds a script or starts a program; opening at a certain page is no such thing."""
    import pikepdf

    if isinstance(found, pikepdf.Stream):
        found = found.stream_dict
    if isinstance(found, pikepdf.Dictionary):
        if "/JS" in found or found.get("/S") in ("/JavaScript", "/Launch"):
            return True
        children = [found[key] for key in found.keys()]
    elif isinstance(found, pikepdf.Array):
        children = list(found)
    else:
        return False
    # What is referred to is in the list of objects itself.
    inside = (one for one in children if isinstance(one, pikepdf.Object) and not one.is_indirect)
    return depth < MAX_DEPTH and any(_acts(one, depth + 1) for one in inside)


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


def _parse_image(upload: BinaryIO, kind: str, size: int) -> Inspected:
    from PIL import JpegImagePlugin, PngImagePlugin

    # Image.open() has a bound of its own, beyond which it does not tell how large the picture is.
    reader = {"jpeg": JpegImagePlugin.JpegImageFile, "png": PngImagePlugin.PngImageFile}[kind]
    try:
        with reader(upload) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise BadFile(_too_many(width, height))
            image.verify()
    except BadFile:
        raise
    except Exception:
        raise BadFile("这张图片打不开，可能没有传完整。请重新导出后再上传") from None
    if kind == "jpeg" and not _jpeg_ends(upload):
        raise BadFile("这张图片没有传完整，缺少结尾。请重新导出后再上传")
    return Inspected(kind, MIMES[kind], size, width=width, height=height)


def _too_many(width: int, height: int) -> str:
    """How many pixels a picture has and how many it may have; counted in 万, rounded up so that the two differ."""
    return (
        f"图片有 {width}×{height} 像素，共 {-(-width * height // 10_000)} 万，"
        f"最多 {MAX_PIXELS // 10_000} 万。请缩小后再上传"
    )


def _jpeg_ends(upload: BinaryIO) -> bool:
    """Whether the picture's own end mark follows its data; one in an embedded thumbnail does not count.

    Decoding would not tell: the PDF library makes the picture library forgive missing data, for the whole process.
    """
    upload.seek(2)
    while len(marker := upload.read(2)) == 2 and marker[0] == 0xFF:
        if marker[1] == 0xDA:
            return b"\xff\xd9" in upload.read()
        if marker[1] == 0xFF:
            upload.seek(-1, io.SEEK_CUR)
            continue
        upload.seek(max(0, int.from_bytes(upload.read(2)) - 2), io.SEEK_CUR)
    return False


def _parse_office(upload: BinaryIO, kind: str, size: int) -> Inspected:
    with zipfile.ZipFile(upload) as archive:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED or len(entries) > 5000:
            raise BadFile("这个文件展开后太大。请删去不需要的内容后再上传")
        if any(part in entry.filename for entry in entries for part in ACTIVE_PARTS):
            raise BadFile("这个文件带有宏或外部链接。请另存为不含宏和链接的文件后再上传")
        if _broken(archive):
            raise BadFile(f"这个 {NAMES[kind]} 文件打不开，可能没有传完整。请重新导出后再上传")
    return Inspected(kind, MIMES[kind], size)


def _broken(archive: zipfile.ZipFile) -> bool:
    """Whether a part cannot be unpacked; reads no more of each than it claims to hold."""
    try:
        return archive.testzip() is not None
    except Exception:
        return True


def _parse_video(upload: BinaryIO, kind: str, size: int) -> Inspected:
    try:
        return Inspected(kind, MIMES[kind], size, seconds=videos.seconds(upload, size))
    except videos.BadVideo as error:
        raise BadFile(f"这个视频{error}。请重新导出后再上传") from None


_PARSERS = {
    "pdf": _parse_pdf, "jpeg": _parse_image, "png": _parse_image, "xlsx": _parse_office, "docx": _parse_office,
    "mp4": _parse_video,
}  # fmt: skip


def _megabytes(size: int) -> str:
    return f"{size / 1048576:.1f} MB"


def response(stored: StoredFile, name: str, *, inline: bool = False) -> FileResponse:
    """Send a stored file. Never rendered in our origin unless it is our own PDF (`inline`)."""
    plain = "".join(char if char.isprintable() else " " for char in name)
    answer = FileResponse(stored.open(), as_attachment=not inline, filename=plain, content_type=stored.mime)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'" if not inline else "default-src 'self'"
    return answer
