"""What files hide, and that taking it out leaves what is seen."""

import io
import zipfile

import pytest
from PIL import Image

from smartfactory import documents, files, metadata
from smartfactory.files import MIMES, BadFile
from smartfactory.metadata import Hidden
from tests.support.films import box, mp4

WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def picture(kind="JPEG", *, place=False, artist="", turned=False):
    image = Image.new("RGB", (40, 20), "white")
    image.putpixel((0, 0), (200, 0, 0))
    exif = Image.Exif()
    if place:
        exif[0x8825] = {1: "N", 2: (30.0, 15.0, 0.0), 3: "E", 4: (120.0, 9.0, 0.0)}
    if artist:
        exif[0x013B], exif[0x0110] = artist, "演示手机"
    if turned:
        exif[0x0112] = 6
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def pdf(*, author="", comments=0, attachment=False, hidden_layer=False):
    import pikepdf

    made = pikepdf.new()
    made.add_blank_page(page_size=(300, 300))
    if author:
        made.docinfo["/Author"] = author
    notes = [
        pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 9, 9], Contents="改这里")
        for _ in range(comments)
    ]
    notes.append(pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9]))
    made.pages[0].Annots = made.make_indirect(pikepdf.Array(notes))
    if attachment:
        made.attachments["里面.txt"] = b"inside"
    if hidden_layer:
        layer = made.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="层"))
        shown = pikepdf.Dictionary(OFF=[layer])
        made.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=shown)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def archive(**parts):
    """An office file: part name with __ for / → text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, body in parts.items():
            target.writestr(name, body)
    return out.getvalue()


def word(body="", **parts):
    document = f'<w:document xmlns:w="{WORDS}"><w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body></w:document>'
    return archive(**{"[Content_Types].xml": "<Types/>", "word/document.xml": document, **parts})


CORE = "<cp:coreProperties><dc:creator>周敏</dc:creator><cp:lastModifiedBy>沈 &amp; 李</cp:lastModifiedBy></cp:coreProperties>"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_photo_says_where_and_by_whom(kind):
    found = metadata.hidden(picture(kind, place=True, artist="Photographer Zhou"), MIMES[kind.lower()])
    assert {one.kind for one in found} == {"place", "person", "device"}
    assert Hidden("person", "Photographer Zhou") in found


@pytest.mark.parametrize(("kind", "turned"), [("JPEG", False), ("JPEG", True), ("PNG", False), ("PNG", True)])
def test_photo_without_metadata_looks_the_same(kind, turned):
    mime = MIMES[kind.lower()]
    body = picture(kind, place=True, artist="Photographer Zhou", turned=turned)
    clean = metadata.stripped(body, mime)
    assert metadata.hidden(clean, mime) == []
    with Image.open(io.BytesIO(clean)) as image:
        assert image.size == ((20, 40) if turned else (40, 20))
        assert image.format == kind
    if not turned:
        assert Image.open(io.BytesIO(clean)).tobytes() == Image.open(io.BytesIO(body)).tobytes()


def test_plain_files_hide_nothing():
    assert metadata.hidden(picture(), MIMES["jpeg"]) == []
    assert metadata.hidden(pdf(), MIMES["pdf"]) == []
    assert metadata.hidden(word("正文"), MIMES["docx"]) == []
    sheet = documents.Sheet("表", [documents.Column("列")], [["值"]])
    assert [one.words for one in metadata.hidden(documents.write_xlsx([sheet]), MIMES["xlsx"])] == ["openpyxl"]


def test_pdf_names_comments_attachments_layers():
    body = pdf(author="周敏", comments=2, attachment=True, hidden_layer=True)
    assert metadata.hidden(body, MIMES["pdf"]) == [
        Hidden("person", "周敏"),
        Hidden("comment", "2 处"),
        Hidden("concealed", "不显示的图层"),
        Hidden("enclosed", "1 个"),
    ]


def test_pdf_without_metadata_keeps_its_pages():
    clean = metadata.stripped(pdf(author="周敏", comments=1), MIMES["pdf"])
    assert metadata.hidden(clean, MIMES["pdf"]) == [Hidden("comment", "1 处")]
    assert documents.page_count(clean) == 1
    assert clean == metadata.stripped(pdf(author="另一个人", comments=1), MIMES["pdf"]) or b"\xe5" not in clean


def test_word_names_comments_changes_and_hidden_text():
    body = word(
        '正文</w:t></w:r><w:ins w:id="1"/><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏着',
        **{"docProps/core.xml": CORE, "word/comments.xml": "<w:comments/>", "word/embeddings/a.bin": "x"},
    )
    found = metadata.hidden(body, MIMES["docx"])
    assert [one.kind for one in found] == ["person", "person", "comment", "tracked", "concealed", "enclosed"]
    assert [one.words for one in found[:2]] == ["周敏", "沈 & 李"]


def test_workbook_with_a_hidden_sheet():
    body = archive(**{"[Content_Types].xml": "", "xl/workbook.xml": '<sheet name="底稿" state="veryHidden"/>'})
    assert metadata.hidden(body, MIMES["xlsx"]) == [Hidden("concealed", "隐藏的工作表")]


def test_office_without_names_keeps_every_part():
    inside = {"docProps/core.xml": CORE, "word/media/image1.jpeg": picture(place=True)}
    body = word("正文", **inside)
    assert "place" in {one.kind for one in metadata.hidden(body, MIMES["docx"])}
    clean = metadata.stripped(body, MIMES["docx"])
    assert metadata.hidden(clean, MIMES["docx"]) == []
    with zipfile.ZipFile(io.BytesIO(body)) as before, zipfile.ZipFile(io.BytesIO(clean)) as after:
        assert before.namelist() == after.namelist()
        assert before.read("word/document.xml") == after.read("word/document.xml")
        assert after.testzip() is None


def test_text_of_office_files():
    assert metadata.text(word("第一段 &lt;甲&gt;"), MIMES["docx"]) == "第一段 <甲>"
    shared = '<sst><si><t>甲</t></si><si><r><t>乙</t></r><r><t xml:space="preserve"> 丙</t></r></si></sst>'
    assert metadata.text(archive(**{"xl/sharedStrings.xml": shared}), MIMES["xlsx"]) == "甲\n乙 丙"
    assert metadata.text(pdf(), MIMES["pdf"]) == ""


def test_unknown_kind_is_refused_in_words():
    with pytest.raises(BadFile, match="不能在这里清理"):
        metadata.stripped(b"x", "text/plain")
    assert metadata.hidden(b"x", "text/plain") == []


def test_stripped_files_are_still_accepted():
    for body, name in (
        (pdf(author="周敏"), "a.pdf"),
        (picture(artist="周敏"), "a.jpg"),
        (word("正文", **{"docProps/core.xml": CORE}), "a.docx"),
    ):
        kind = files.SUFFIXES[name[2:]]
        clean = metadata.stripped(body, MIMES[kind])
        assert files.inspect(io.BytesIO(clean), name, [kind], 10**6).kind == kind


def film(*boxes, inside=b"moov"):
    """A film that tells something about itself, in the box where cameras write it."""
    plain = mp4(size=20)
    if inside == b"moov":
        at = plain.index(b"moov") - 4
        size = int.from_bytes(plain[at : at + 4])
        return plain[:at] + box(b"moov", plain[at + 8 : at + size] + b"".join(boxes)) + plain[at + size :]
    return plain + b"".join(boxes)


XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
FILMS = {
    "android": (film(box(b"udta", box(b"\xa9xyz", b"\x00\x12\x15\xc7+30.25+120.15/"))), {"place"}),
    "apple": (
        film(box(b"meta", b"com.apple.quicktime.make....com.apple.quicktime.location.ISO6709")),
        {"place", "device"},
    ),
    "camera": (film(box(b"udta", box(b"\xa9mak", b"Demo") + box(b"\xa9ART", "沈".encode()))), {"device", "person"}),
    "track": (film(box(b"trak", box(b"udta", box(b"auth", b"Demo")))), {"person"}),
    "xmp": (film(box(b"uuid", XMP + b"<tiff:Model>Demo</tiff:Model>"), inside=b""), {"device"}),
    "nothing": (film(), set()),
    "other": (film(box(b"uuid", bytes(16) + b"tiff:Model"), inside=b""), set()),
}


@pytest.mark.parametrize("name", FILMS)
def test_what_a_film_tells_is_found_and_taken_out(name):
    content, kinds = FILMS[name]
    assert {one.kind for one in metadata.hidden(content, MIMES["mp4"])} == kinds
    clean = metadata.stripped(content, MIMES["mp4"])
    assert metadata.hidden(clean, MIMES["mp4"]) == []
    assert len(clean) == len(content)
    assert files.inspect(io.BytesIO(clean), "a.mp4", ["mp4"], 1 << 20).seconds == 60
    assert clean.endswith(bytes(20)) or "xmp" in name or name == "other"


def test_a_film_of_boxes_in_boxes_ends():
    deep = b""
    for _ in range(5000):
        deep = box(b"moov", deep)
    assert metadata.hidden(mp4() + deep, MIMES["mp4"]) == []


def test_a_broken_film_is_refused_in_words():
    with pytest.raises(BadFile, match="清理不了"):
        metadata.stripped(mp4()[:-3], MIMES["mp4"])
