"""What a file carries that its pages do not show: who wrote it, where a photo was taken, comments, tracked changes.

Works on bytes that files.inspect() has accepted. Nothing leaves the machine.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from smartfactory import files, videos
from smartfactory.files import MIMES, BadFile

PERSON, PLACE, DEVICE = "person", "place", "device"
COMMENT, TRACKED, CONCEALED, ENCLOSED = "comment", "tracked", "concealed", "enclosed"
# Taken out here without changing what a reader sees; the others are the author's to decide.
STRIPPABLE = frozenset({PERSON, PLACE, DEVICE})
KINDS = (PERSON, PLACE, DEVICE, COMMENT, TRACKED, CONCEALED, ENCLOSED)

_IMAGE_TAGS = {0x013B: PERSON, 0x8298: PERSON, 0x9C9D: PERSON, 0x010F: DEVICE, 0x0110: DEVICE, 0x9286: PERSON}
_GPS = 0x8825
_IMAGE_TEXTS = ("Author", "author", "Artist", "Comment", "comment", "Description", "Copyright")
# (part of the archive, element) that names a person or an organisation.
_NAMED = (
    ("docProps/core.xml", "dc:creator"),
    ("docProps/core.xml", "cp:lastModifiedBy"),
    ("docProps/app.xml", "Manager"),
    ("docProps/app.xml", "Company"),
)
_COMMENTS = re.compile(r"(word|xl)/(threadedComments/|comments)[^/]*\.xml\Z")
_TEXTS = re.compile(r"(word/(document|header\d*|footer\d*|footnotes|comments)|xl/(sharedStrings|comments\d*))\.xml\Z")


@dataclass(frozen=True)
class Hidden:
    """One thing found; `words` says what it is, empty where naming it would repeat what should not be known."""

    kind: str
    words: str = ""

    @property
    def strippable(self) -> bool:
        return self.kind in STRIPPABLE


def hidden(content: bytes, mime: str) -> list[Hidden]:
    """Everything hidden in the file, each kind and wording once. Kinds of file we do not know hide nothing we see."""
    finders = {
        MIMES["pdf"]: _in_pdf,
        MIMES["jpeg"]: _in_image,
        MIMES["png"]: _in_image,
        MIMES["docx"]: _in_office,
        MIMES["xlsx"]: _in_office,
        MIMES["mp4"]: _in_video,
    }
    found = finders[mime](content) if mime in finders else ()
    return list(dict.fromkeys(found))


def text(content: bytes, mime: str) -> str:
    """The text of a Word or Excel file, a paragraph or cell a line; of other files empty: we do not read those."""
    if mime not in (MIMES["docx"], MIMES["xlsx"]):
        return ""
    lines = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in sorted(one for one in archive.namelist() if _TEXTS.match(one)):
            part = archive.read(name).decode("utf-8", "replace")
            blocks = re.split(r"</(?:w:p|si|text)>", part)
            lines += ["".join(re.findall(r"<(?:w:t|t)(?:\s[^>]*)?>([^<]*)<", block)) for block in blocks]
    return html.unescape("\n".join(line for line in lines if line.strip()))


def stripped(content: bytes, mime: str) -> bytes:
    """The same document without STRIPPABLE metadata. Raises BadFile for a kind of file we cannot rewrite."""
    if mime == MIMES["pdf"]:
        return files.pdf_without_metadata(content)
    if mime in (MIMES["jpeg"], MIMES["png"]):
        return _image_stripped(content, mime)
    if mime in (MIMES["docx"], MIMES["xlsx"]):
        return _office_stripped(content)
    if mime == MIMES["mp4"]:
        return _video_stripped(content)
    raise BadFile("这种文件不能在这里清理。请在原来的软件里清理后重新上传")


def _in_pdf(content: bytes) -> Iterator[Hidden]:
    facts = files.pdf_facts(content)
    yield from (Hidden(PERSON, name) for name in facts.names)
    if facts.comments:
        yield Hidden(COMMENT, f"{facts.comments} 处")
    if facts.layers:
        yield Hidden(CONCEALED, "不显示的图层")
    if facts.attachments:
        yield Hidden(ENCLOSED, f"{facts.attachments} 个")


def _in_image(content: bytes) -> Iterator[Hidden]:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        if exif.get_ifd(_GPS):
            yield Hidden(PLACE)
        values = {**exif, **exif.get_ifd(0x8769)}
        texts = [image.info.get(name) for name in _IMAGE_TEXTS]
    for tag, kind in _IMAGE_TAGS.items():
        if words := _plain(values.get(tag)):
            yield Hidden(kind, words)
    yield from (Hidden(PERSON, words) for words in map(_plain, texts) if words)


def _in_video(content: bytes) -> Iterator[Hidden]:
    try:
        told = videos.told(io.BytesIO(content), len(content))
    except videos.BadVideo:
        return
    yield from (Hidden(kind) for kind in (PLACE, DEVICE, PERSON) if kind in told)


def _video_stripped(content: bytes) -> bytes:
    try:
        return videos.silenced(content)
    except videos.BadVideo as error:
        raise BadFile(f"这个视频{error}，清理不了。请重新导出后再上传") from None


def _plain(value: object) -> str:
    """A tag's value as text, short enough to show; bytes of no known encoding as nothing."""
    if isinstance(value, bytes):
        value = value.removeprefix(b"ASCII\0\0\0").decode("utf-8", "ignore")
    return re.sub(r"[\x00-\x1f]+", " ", str(value or "")).strip()[:80]


def _in_office(content: bytes) -> Iterator[Hidden]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        yield from (Hidden(PERSON, words) for _, words in _people(archive, names))
        if any(_COMMENTS.match(name) for name in names):
            yield Hidden(COMMENT)
        if "word/document.xml" in names:
            body = archive.read("word/document.xml")
            if re.search(rb"<w:(ins|del)\s", body):
                yield Hidden(TRACKED)
            if b"<w:vanish/>" in body:
                yield Hidden(CONCEALED, "隐藏文字")
        if "xl/workbook.xml" in names and re.search(rb'state="(hidden|veryHidden)"', archive.read("xl/workbook.xml")):
            yield Hidden(CONCEALED, "隐藏的工作表")
        if any("/embeddings/" in name for name in names):
            yield Hidden(ENCLOSED, "嵌入的文件")
        for name in sorted(names):
            if re.search(r"/media/[^/]+\.(jpe?g|png)\Z", name, re.IGNORECASE):
                yield from _in_media(archive.read(name))


def _in_media(content: bytes) -> Iterator[Hidden]:
    try:
        yield from _in_image(content)
    except OSError:  # a picture nobody can open hides nothing anybody can read
        return


def _people(archive: zipfile.ZipFile, names: set[str]) -> Iterator[tuple[str, str]]:
    for part, element in _NAMED:
        if part in names:
            found = re.search(_element(element), archive.read(part))
            if found and (words := _plain(html.unescape(found[2].decode("utf-8", "replace")))):
                yield part, words


def _element(name: str) -> bytes:
    tag = re.escape(name).encode()
    return b"(<" + tag + rb"(?:\s[^>]*)?>)([^<]*)(</" + tag + b">)"


def _image_stripped(content: bytes, mime: str) -> bytes:
    """Upright pixels alone; the pixels of a JPEG that need not be turned are not touched at all."""
    from PIL import Image, ImageOps

    out = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        turned = image.getexif().get(0x0112, 1) != 1
        if mime == MIMES["jpeg"] and not turned:
            return _jpeg_stripped(content)
        upright = ImageOps.exif_transpose(image)
        upright.info = {}
        if mime == MIMES["png"]:
            upright.save(out, "PNG")
        else:
            upright.convert("RGB").save(out, "JPEG", quality=92)
    return out.getvalue()


def _jpeg_stripped(content: bytes) -> bytes:
    """Leave out the segments that hold metadata: comments and every application's own but JFIF, colours and Adobe."""
    kept, place = [content[:2]], 2
    while place + 4 <= len(content) and content[place] == 0xFF and content[place + 1] != 0xDA:
        marker, end = content[place + 1], place + 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker != 0xFE and not (0xE0 <= marker <= 0xEF and marker not in (0xE0, 0xE2, 0xEE)):
            kept.append(content[place:end])
        place = end
    return b"".join([*kept, content[place:]])


def _office_stripped(content: bytes) -> bytes:
    """Every part as it was, but for the names and the metadata of the pictures inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry, _part_stripped(entry.filename, source.read(entry)), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _part_stripped(name: str, body: bytes) -> bytes:
    for part, element in _NAMED:
        if name == part:
            body = re.sub(_element(element), rb"\1\3", body)
    if found := re.search(r"/media/[^/]+\.(jpe?g|png)\Z", name, re.IGNORECASE):
        try:
            return _image_stripped(body, MIMES["png" if found[1].lower() == "png" else "jpeg"])
        except OSError:
            return body
    return body
