"""What a real parse of a stranger's file finds. Run as a program of its own by files.py: it reads its standard input.

It imports nothing of the house: the parsers of PDFs, pictures and archives meet what strangers made, so the process
gives up memory, time and files first, and at worst it dies alone. The answer is one line of JSON.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import pikepdf

MEMORY, SECONDS, OPEN = 1 << 30, 30, 32
NAMES = {"xlsx": "Excel（xlsx）", "docx": "Word（docx）"}
# Beyond these an image or an archive is a bomb, not a document.
MAX_PIXELS = 60_000_000
MAX_UNPACKED = 120_000_000
MAX_PARTS = 5000
MAX_STREAM = 64 << 20
MAX_DEPTH = 20
# The mark that ends a PDF stands this near its end.
TAIL = 2048
ACTIVE_PARTS = ("vbaProject", "/externalLinks/", "/activeX/")


class Refused(Exception):
    """The file cannot be accepted; the text says why and what to do. `kind` is what it is, as far as known."""

    def __init__(self, words: str, kind: str = "") -> None:
        super().__init__(words)
        self.kind = kind


def parse(upload: BinaryIO, kind: str, size: int) -> dict[str, Any]:
    """The facts of a file that begins like `kind` ("pdf", "jpeg", "png" or "zip"). Raises Refused."""
    upload.seek(0)
    if kind == "pdf":
        return _pdf(upload, size)
    return _office(upload) if kind == "zip" else _image(upload, kind)


def main(kind: str) -> int:
    if kind == "pdf":
        bounded_pikepdf()
    elif kind != "zip":
        from PIL import JpegImagePlugin, PngImagePlugin  # noqa: F401
    _give_up_rights()
    with open(0, "rb") as upload:
        try:
            answer = parse(upload, kind, upload.seek(0, io.SEEK_END))
        except Refused as error:
            answer = {"refused": str(error), "kind": error.kind or kind}
    sys.stdout.write(json.dumps(answer))
    return 0


def _give_up_rights() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for name, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, OPEN)):
        resource.setrlimit(name, (most, most))


@cache
def bounded_pikepdf() -> ModuleType:
    """pikepdf, told once per process how much one stream of a file may unpack to: a few kilobytes can hold gigabytes."""
    import pikepdf

    limits = dict.fromkeys(
        ("flate_max_memory", "run_length_max_memory", "png_max_memory", "tiff_max_memory"), MAX_STREAM
    )
    pikepdf.settings.set_qpdf_limits(max_stream_filters=5, **limits)
    return pikepdf


def _pdf(upload: BinaryIO, size: int) -> dict[str, Any]:
    pikepdf = bounded_pikepdf()
    # The parser would repair a file that was cut short, and the missing pages would be missed by nobody.
    upload.seek(-min(size, TAIL), io.SEEK_END)
    if b"%%EOF" not in upload.read():
        raise Refused("这个 PDF 没有传完整，缺少结尾。请重新导出后再上传")
    upload.seek(0)
    try:
        with pikepdf.open(upload) as pdf:
            pages = len(pdf.pages)
            active = any(_acts(one) for one in pdf.objects)
    except pikepdf.PasswordError:
        raise Refused("这个 PDF 有密码。请去掉密码后再上传") from None
    except Exception:
        # Damaged files make the parser fail in more ways than it documents.
        raise Refused("这个 PDF 打不开，可能没有传完整。请重新导出后再上传") from None
    if pages == 0:
        raise Refused("这个 PDF 里没有页面。请重新导出后再上传")
    if active:
        raise Refused("这个 PDF 带有自动执行的动作。请用“打印为 PDF”重新生成后再上传")
    return {"kind": "pdf", "pages": pages}


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


def _image(upload: BinaryIO, kind: str) -> dict[str, Any]:
    from PIL import JpegImagePlugin, PngImagePlugin

    # Image.open() has a bound of its own, beyond which it does not tell how large the picture is.
    reader = {"jpeg": JpegImagePlugin.JpegImageFile, "png": PngImagePlugin.PngImageFile}[kind]
    try:
        with reader(upload) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Refused(_too_many(width, height))
            image.verify()
    except Refused:
        raise
    except Exception:
        raise Refused("这张图片打不开，可能没有传完整。请重新导出后再上传") from None
    if kind == "jpeg" and not _jpeg_ends(upload):
        raise Refused("这张图片没有传完整，缺少结尾。请重新导出后再上传")
    return {"kind": kind, "width": width, "height": height}


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


def _office(upload: BinaryIO) -> dict[str, Any]:
    """Which office file an archive is, "" for none we know."""
    try:
        archive = zipfile.ZipFile(upload)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError, ValueError, OverflowError, MemoryError):
        return {"kind": ""}
    with archive:
        kind = _kind(set(archive.namelist()))
        if kind:
            _check_parts(archive, kind)
    return {"kind": kind}


def _kind(names: set[str]) -> str:
    if "[Content_Types].xml" not in names:
        return ""
    return "xlsx" if "xl/workbook.xml" in names else "docx" if "word/document.xml" in names else ""


def _check_parts(archive: zipfile.ZipFile, kind: str) -> None:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED or len(entries) > MAX_PARTS:
        raise Refused("这个文件展开后太大。请删去不需要的内容后再上传", kind)
    if any(part in entry.filename for entry in entries for part in ACTIVE_PARTS):
        raise Refused("这个文件带有宏或外部链接。请另存为不含宏和链接的文件后再上传", kind)
    if _broken(archive):
        raise Refused(f"这个 {NAMES[kind]} 文件打不开，可能没有传完整。请重新导出后再上传", kind)


def _broken(archive: zipfile.ZipFile) -> bool:
    """Whether a part cannot be unpacked; reads no more of each than it claims to hold."""
    try:
        return archive.testzip() is not None
    except Exception:
        return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
