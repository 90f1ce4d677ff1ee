"""An edition as files (a zip of its folder) and back. What comes in is read strictly and becomes a draft, never a rule."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assessment import extending
from assessment.chapters.registry import chapters
from assessment.drafting import documents, workbook
from assessment.models import Edition
from assessment.yaml_nodes import UnreadableError, read_text
from assessment.yaml_writer import write
from smartfactory import files
from smartfactory.files import BadFile

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_BYTES, MOST_UNPACKED, MOST_FILES = 5 * 1024 * 1024, 20 * 1024 * 1024, 60
# The earliest moment a zip can name: equal content gives equal bytes.
EPOCH = (1980, 1, 1, 0, 0, 0)
ZIP = "application/zip"


def texts_of(edition: Edition) -> dict[str, str]:
    """Chapter → text of a published edition, whole."""
    return documents.texts(edition.source)


def packed(code: str, texts: Mapping[str, str]) -> bytes:
    """The folder of an edition as a zip; unpacked, `load_edition` takes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(f"{code}/{name}.yaml", EPOCH), text.encode("utf-8"), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def received(upload: UploadedFile) -> dict[str, str]:
    """Chapter → text of what somebody sent, extended by the edition it extends. Raises BadFile in words."""
    if upload.size > MOST_BYTES:
        raise BadFile("文件太大。版次只有文字，请检查是不是选错了文件")
    if upload.name.lower().endswith(".xlsx"):
        files.inspect(upload, upload.name, ["xlsx"], MOST_BYTES)
        upload.seek(0)
        found = workbook.read(upload.read())
    else:
        found = _unpacked(upload)
    return {name: write(doc) for name, doc in _whole(found).items()}


def _unpacked(upload: UploadedFile) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(upload) as archive:
            return dict(_documents(archive))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadFile("不是能打开的 zip。请用本系统导出的文件，或把版次目录重新打成 zip") from error


def _documents(archive: zipfile.ZipFile):
    parts = [one for one in archive.infolist() if one.filename.endswith(".yaml")]
    if len(parts) > MOST_FILES or sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise BadFile("压缩包里的内容太多。一个版次只有十来个 .yaml 文件")
    known = {one.name for one in chapters() if one.shape}
    for part in parts:
        name = part.filename.rpartition("/")[2].removesuffix(".yaml")
        if name not in known:
            raise BadFile(f"不认识的文件“{name}.yaml”；可用的是 {'、'.join(sorted(known))}")
        with archive.open(part) as stream:
            yield name, _document(name, stream.read(MOST_UNPACKED))


def _document(name: str, content: bytes) -> Any:
    try:
        return read_text(content.decode("utf-8"), f"{name}.yaml")
    except UnicodeDecodeError as error:
        raise BadFile(f"{name}.yaml 不是 UTF-8 编码") from error
    except UnreadableError as error:
        raise BadFile(f"{name}.yaml 读不出来：{error}") from error


def _whole(found: dict[str, Any]) -> dict[str, Any]:
    """Every chapter in the shape the desk can show; on top of the edition it extends, as the loader does it."""
    for name, doc in found.items():
        if not documents.well_formed(doc, documents.chapter(name).shape):
            raise BadFile(f"{name}.yaml 的结构不对：最外层是一组键值，列表里每一项是一组键值")
    if "edition" not in found or not found["edition"].get("code"):
        raise BadFile("没有 edition.yaml，或里面没有写 code。请从本系统导出一份作样子")
    base = found["edition"].get("extends")
    if not base:
        return found
    lower = Edition.objects.filter(code=str(base)).first()
    if lower is None:
        raise BadFile(f"没有可以沿用的版次“{base}”")
    below = {name: read_text(text, f"{base}/{name}.yaml") for name, text in texts_of(lower).items()}
    return extending.extended(found, below)
