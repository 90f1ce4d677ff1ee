"""Uploads are parsed before they are believed; kept bytes have one name; nothing foreign is rendered in our origin."""

import contextlib
import io
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pikepdf
import pytest
from PIL import Image

from smartfactory import files, parsing
from smartfactory.canonical import sha256
from smartfactory.files import BadFile
from smartfactory.models import StoredFile

EVERYTHING = list(files.MIMES)
MEGABYTE = 1 << 20


def inspect(content, name, allowed=None, limit=10 * MEGABYTE):
    return files.inspect(io.BytesIO(content), name, allowed or EVERYTHING, limit)


def make_pdf(change=None, pages=2, **options):
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page()
    if change:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def make_picture(kind="PNG", size=(60, 40)):
    out = io.BytesIO()
    Image.effect_noise(size, 50).save(out, kind)
    return out.getvalue()


def make_workbook():
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def make_zip(*names, content=b"x"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


WORD = ("[Content_Types].xml", "word/document.xml")
SOUND = {
    "a.pdf": make_pdf(),
    "a.PNG": make_picture("PNG"),
    "a.jpg": make_picture("JPEG"),
    "a.jpeg": make_picture("JPEG"),
    "附件.xlsx": make_workbook(),
    "a.docx": make_zip(*WORD),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_described_by_its_content(name):
    found = inspect(SOUND[name], name)
    assert found.mime == files.MIMES[found.kind]
    assert found.size == len(SOUND[name])


def test_pages_and_size_of_the_picture_are_counted():
    assert inspect(make_pdf(pages=7), "a.pdf").pages == 7
    assert (inspect(SOUND["a.PNG"], "a.png").width, inspect(SOUND["a.jpg"], "a.jpg").height) == (60, 40)


# Names that lie


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("申报书.pdf", b"MZ\x90\x00\x03" + b"\0" * 500, "内容不是"),
        ("a.pdf", b"#!/bin/sh\nrm -rf /", "内容不是"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "内容不是"),
        ("a.jpg", b"GIF89a" + b"\0" * 100, "内容不是"),
        ("a.docx", make_zip("evil.sh"), "内容不是"),
        ("a.xlsx", make_zip("xl/workbook.xml"), "内容不是"),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 100, "内容不是"),
        ("a.exe", SOUND["a.pdf"], "文件名却不是"),
        ("a.pdf.exe", SOUND["a.pdf"], "文件名却不是"),
        ("a.pdf\x00.exe", SOUND["a.pdf"], "文件名却不是"),
        ("a.docx", SOUND["附件.xlsx"], "文件名却不是"),
        ("a", SOUND["a.pdf"], "文件名却不是"),
        ("", SOUND["a.pdf"], "文件名却不是"),
        ("a.pdf", b"", "是空的"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, content, words):
    with pytest.raises(BadFile, match=words):
        inspect(content, name)


def test_only_what_the_question_asks_for():
    with pytest.raises(BadFile, match="内容不是 PDF、JPG"):
        inspect(SOUND["a.PNG"], "a.png", ["pdf", "jpeg"])


def test_too_large_is_said_in_megabytes():
    with pytest.raises(BadFile, match=r"文件有 2\.0 MB，超过 1\.0 MB"):
        inspect(b"%PDF-" + b"\0" * 2 * MEGABYTE, "a.pdf", limit=MEGABYTE)


# Files that are damaged


def test_a_picture_too_small_to_read_is_refused():
    with pytest.raises(files.BadFile, match="只有 60×40 像素，看不清内容。请换成每边至少 41 像素"):
        files.inspect(io.BytesIO(SOUND["a.PNG"]), "a.png", ["png"], 10**6, min_side=41)
    assert files.inspect(io.BytesIO(SOUND["a.PNG"]), "a.png", ["png"], 10**6, min_side=40).width == 60


LONG = {"a.pdf": make_pdf(pages=30), "a.png": SOUND["a.PNG"], "a.jpg": SOUND["a.jpg"], "a.xlsx": SOUND["附件.xlsx"]}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_was_cut_short_is_refused(name, share):
    with pytest.raises(BadFile):
        inspect(LONG[name][: int(len(LONG[name]) * share)], name)


def test_a_cut_picture_is_noticed_where_documents_are_drawn_too():
    """WeasyPrint tells Pillow to accept truncated pictures; a thumbnail in the head has an end mark of its own."""
    import weasyprint  # noqa: F401

    thumbnail = make_picture("JPEG", (20, 20))
    head = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2) + thumbnail
    whole = SOUND["a.jpg"][:2] + head + SOUND["a.jpg"][2:]
    assert inspect(whole, "a.jpg").width == 60
    for cut in (10, len(SOUND["a.jpg"]) // 2):
        with pytest.raises(BadFile, match="没有传完整"):
            inspect(whole[:-cut], "a.jpg")


def test_a_pdf_without_pages_is_refused():
    with pytest.raises(BadFile, match="没有页面"):
        inspect(make_pdf(pages=0), "a.pdf")


@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a.jpg", "a.xlsx", "a.docx"])
def test_whatever_is_done_to_a_file_the_answer_is_in_words(name):
    """Seeded damage: bytes changed, cut out, put in, doubled. Only words may come out."""
    chance = random.Random(name)
    whole = next(content for known, content in SOUND.items() if known.lower().endswith(name[-4:]))
    for _ in range(250):
        content = bytearray(whole)
        for _ in range(chance.choice([1, 3, 10, 50])):
            at = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    del content[at : at + chance.randrange(1, 40)]
                case 2:
                    content[at:at] = chance.randbytes(8)
                case _:
                    content[at:at] = content[max(0, at - 60) : at]
            content = content or bytearray(b"x")
        # Here, not apart: what comes out of the parser itself is what is asked.
        kind = files._sniff(io.BytesIO(content))
        if kind in files.APART:
            with contextlib.suppress(parsing.Refused):
                parsing.parse(io.BytesIO(content), kind, len(content))


# Files that act


def script(pdf):
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def on_opening(pdf):
    pdf.Root.OpenAction = script(pdf)


def by_name(pdf):
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=[pikepdf.String("x"), script(pdf)]))


def on_a_page(pdf):
    pdf.pages[1].AA = pikepdf.Dictionary(O=script(pdf))


def on_a_note(pdf):
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=script(pdf))
    pdf.pages[0].Annots = pikepdf.Array([note])


def on_a_note_apart(pdf):
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, A=pdf.make_indirect(script(pdf)))
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))


def a_program(pdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


@pytest.mark.parametrize("change", [on_opening, by_name, on_a_page, on_a_note, on_a_note_apart, a_program])
@pytest.mark.parametrize("packed", [True, False])
def test_a_pdf_with_scripts_or_programs_is_refused(change, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pytest.raises(BadFile, match="自动执行的动作"):
        inspect(make_pdf(change, object_stream_mode=mode), "a.pdf")


def test_a_pdf_that_only_opens_at_a_page_is_fine():
    """Word processors and TeX write this into every file."""

    def opens_at_a_page(pdf):
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])

    assert inspect(make_pdf(opens_at_a_page), "a.pdf").pages == 2


def test_a_pdf_with_a_password_is_refused():
    locked = make_pdf(encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(BadFile, match="有密码"):
        inspect(locked, "a.pdf")


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/activeX/activeX1.xml"])
def test_macros_and_links_to_elsewhere_are_refused(part):
    with pytest.raises(BadFile, match="宏或外部链接"):
        inspect(make_zip("[Content_Types].xml", "xl/workbook.xml", part), "a.xlsx")
    with pytest.raises(BadFile, match="宏或外部链接"):
        inspect(make_zip(*WORD, part.replace("xl/", "word/")), "a.docx")


# Bombs


def png_claiming(width, height):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(8000, 8000), (10_000, 10_000), (20_000, 20_000), (60_000, 60_000)])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(size):
    width, height = size
    words = f"图片有 {width}×{height} 像素，共 {width * height // 10_000} 万，最多 6000 万"
    with pytest.raises(BadFile, match=words):
        inspect(png_claiming(*size), "a.png")


def test_an_archive_that_would_fill_the_disk_is_refused_by_its_directory():
    bomb = make_zip("[Content_Types].xml", "xl/workbook.xml", content=b"\0" * 61 * MEGABYTE)
    assert len(bomb) < MEGABYTE
    with pytest.raises(BadFile, match="展开后太大"):
        inspect(bomb, "a.xlsx")


def test_an_archive_of_thousands_of_parts_is_refused():
    with pytest.raises(BadFile, match="展开后太大"):
        inspect(make_zip(*WORD, *(f"word/{n}" for n in range(5000))), "a.docx")


# Keeping


@pytest.mark.django_db
def test_equal_bytes_are_kept_once_under_their_digest():
    first, second = files.put(b"content", "text/plain"), files.put(io.BytesIO(b"content"), "text/plain")
    assert first.pk == second.pk == sha256(b"content")
    assert (first.size, first.read()) == (7, b"content")
    assert first.path.stat().st_mode & 0o777 == 0o400
    assert [path for path in first.path.parent.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.django_db
def test_an_upload_read_to_its_end_is_kept_whole():
    upload = io.BytesIO(b"whole")
    upload.read()
    assert files.put(upload, "text/plain").read() == b"whole"


@pytest.mark.django_db
def test_a_file_on_disk_can_be_kept_by_path(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"from disk")
    assert files.put(path, "text/plain").read() == b"from disk"


@pytest.mark.django_db
def test_what_goes_out_cannot_act_in_our_origin():
    stored = files.put(SOUND["a.pdf"], files.MIMES["pdf"])
    answer = files.response(stored, '附件"一"\r\nX-Evil: 1.pdf')
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == SOUND["a.pdf"]
    answer.file_to_stream.close()


@pytest.mark.django_db
def test_our_own_pdf_may_be_shown():
    answer = files.response(files.put(SOUND["a.pdf"], files.MIMES["pdf"]), "a.pdf", inline=True)
    assert answer.headers["Content-Disposition"].startswith("inline")
    answer.file_to_stream.close()
    assert StoredFile.objects.count() == 1


# Apart from the house


def test_the_parser_imports_nothing_of_the_house():
    assert "from smartfactory" not in Path(parsing.__file__).read_text()
    assert "import django" not in Path(parsing.__file__).read_text().lower()


@pytest.mark.parametrize("name", [one for one in SOUND if not one.endswith("mp4")])
def test_nothing_of_a_stranger_is_opened_here(name, monkeypatch):
    """The parsers of this very process are broken: the file is described all the same."""
    for one in ("_pdf", "_image", "_office", "parse"):
        monkeypatch.setattr(parsing, one, None)
    assert inspect(SOUND[name], name).size == len(SOUND[name])


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import sys; sys.exit(1)",
        "print('no answer')",
        "import time; time.sleep(60)",
    ],
    ids=["killed", "failed", "nonsense", "too long"],
)
def test_a_parser_that_dies_is_answered_in_words(program, monkeypatch, tmp_path):
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(parsing, "__file__", str(child))
    monkeypatch.setattr(files, "PATIENCE", 2)
    with pytest.raises(BadFile, match="没有检查完"):
        inspect(SOUND["a.pdf"], "a.pdf")


def test_the_child_has_given_up_memory_time_and_files(tmp_path):
    asked = "resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE"
    words = f"import resource, sys; sys.path.insert(0, {str(Path(parsing.__file__).parent)!r}); import parsing; "
    words += f"parsing._give_up_rights(); print([resource.getrlimit(one)[1] for one in ({asked})])"
    done = subprocess.run([sys.executable, "-I", "-c", words], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == str([parsing.MEMORY, parsing.SECONDS, 0, parsing.OPEN])
