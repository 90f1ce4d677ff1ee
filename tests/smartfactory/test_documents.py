"""Documents: nothing is fetched, equal input gives equal bytes, text stays text."""

import io
from datetime import UTC, datetime

import openpyxl
import pikepdf
import pypdfium2
import pytest

from smartfactory import documents
from smartfactory.documents import Column, Part, Sheet

WHEN = datetime(2024, 11, 5, 8, 30, tzinfo=UTC)


@pytest.fixture
def draw(settings, tmp_path):
    """Return a function that draws HTML as a PDF."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path], "APP_DIRS": False}]

    def render(html, **options):
        (tmp_path / "page.html").write_text(html, encoding="utf-8")
        return documents.render_pdf("page.html", {}, created=options.pop("created", WHEN), **options)

    return render


def text_of(pdf):
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


# Drawing


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://example.com/x.png">',
        '<img src="/etc/passwd">',
        '<img src="../secret.png">',
        '<img src="asset:other">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<style>@import url("http://127.0.0.1:9/x.css");</style>',
        '<style>@font-face {font-family: x; src: url("file:///etc/passwd")} p {font-family: x}</style><p>x',
        '<style>p {background: url("http://127.0.0.1:9/x.png")}</style><p>x',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<object data="file:///etc/passwd"></object>',
        '<embed src="file:///etc/passwd">',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
)
def test_a_template_can_reach_nothing_it_was_not_handed(draw, html):
    with pytest.raises(RuntimeError, match="not given"):
        draw(html)


def test_a_template_cannot_attach_what_it_was_not_handed(draw):
    with pikepdf.open(io.BytesIO(draw('<link rel="attachment" href="file:///etc/passwd">x').pdf)) as pdf:
        assert len(pdf.attachments) == 0


def test_an_asset_is_reached_by_name(draw):
    mark = documents.Asset(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "image/svg+xml")
    made = draw('<img src="asset:mark" alt="">', assets={"mark": mark})
    assert b"asset" not in made.pdf
    assert made.html == '<img src="asset:mark" alt="">'


def test_equal_input_gives_equal_bytes(draw):
    html = '<h1 id="a">智能工厂</h1><p><a href="#a">回到开头</a>'
    options = {"identifier": "ab" * 16, "attachments": {"附件.json": b"{}"}}
    first, second = draw(html, **options), draw(html, **options)
    assert first.pdf == second.pdf
    assert draw(html, **options | {"created": WHEN.replace(year=2025)}).pdf != first.pdf


def test_dates_and_attachments_are_the_given_ones(draw):
    made = draw("<title>标题</title>正文", attachments={"内容.json": b'{"a":1}'})
    with pikepdf.open(io.BytesIO(made.pdf)) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20241105083000")
        (kept,) = pdf.attachments.values()
        assert (kept.filename, kept.get_file().read_bytes()) == ("内容.json", b'{"a":1}')


# Merging


def chapter(draw, name, pages):
    body = "".join(f'<p style="break-before: page" id="p{n}">{name}第{n}段</p>' for n in range(pages))
    return draw(f"<style>@page {{size: A4}}</style><a href='#p{pages - 1}'>目录</a>{body}").pdf


def merge(parts, **options):
    return documents.merge_pdfs(parts, title="材料包", created=WHEN, **options)


def test_parts_follow_each_other_with_bookmarks_and_running_numbers(draw, tmp_path):
    first, second = chapter(draw, "甲", 1), chapter(draw, "乙", 2)
    kept = tmp_path / "second.pdf"
    kept.write_bytes(second)
    seen = []
    merged = merge([Part("甲企业", first), Part("乙企业", kept)], progress=lambda *said: seen.append(said))
    total = documents.page_count(merged)
    assert total == documents.page_count(first) + documents.page_count(second)
    texts = text_of(merged)
    assert [text.endswith(f"{n}/{total}") for n, text in enumerate(texts, 1)] == [True] * total
    outline = [(one.get_title(), one.get_dest().get_index()) for one in pypdfium2.PdfDocument(merged).get_toc()]
    assert outline == [("甲企业", 0), ("乙企业", documents.page_count(first))]
    assert seen == [(0, 2, "甲企业"), (1, 2, "乙企业")]


def test_links_of_a_part_lead_to_its_own_pages(draw):
    """Both parts name their places alike; each link must stay within its part."""
    merged = merge([Part("甲", chapter(draw, "甲", 2)), Part("乙", chapter(draw, "乙", 2))])
    with pikepdf.open(io.BytesIO(merged)) as pdf:
        order = {page.objgen: number for number, page in enumerate(pdf.pages)}
        links = [(number, note) for number, page in enumerate(pdf.pages) for note in page.get("/Annots", [])]
        targets = [(number, order[_target(note).objgen]) for number, note in links]
    half = len(order) // 2
    assert targets
    assert all((source < half) == (target < half) for source, target in targets)


def _target(note):
    return (note.Dest if "/Dest" in note else note.A.D)[0]


def test_merging_is_repeatable_and_numbers_are_optional(draw):
    parts = [Part("甲", chapter(draw, "甲", 1)), Part("乙", chapter(draw, "乙", 1))]
    assert merge(parts, keywords="7F3A") == merge(parts, keywords="7F3A")
    assert not text_of(merge(parts, stamp=False))[0].endswith("1/4")
    assert documents.pdf_keywords(merge(parts, keywords="7F3A")) == "7F3A"


def test_nothing_to_merge_is_an_empty_document():
    assert documents.page_count(merge([])) == 0


# Workbooks

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "\t=1+1", "'=1+1"]


def workbook(rows, **options):
    sheet = Sheet(
        "推荐[汇总]表", [Column("序号"), Column("内容")], rows, title="标题", above=["上"], below=["下"], **options
    )
    return documents.write_xlsx([sheet])


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_never_becomes_a_formula(text):
    content = workbook([["1", text]], properties={"keywords": "7F3A"})
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["B4"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.quotePrefix == (text[0] in "=+-@")
    assert documents.read_xlsx(content)[0][1][3][1] == text
    assert documents.xlsx_keywords(content) == "7F3A"


def test_what_no_sheet_can_hold_is_left_out():
    assert documents.read_xlsx(workbook([["1", "a\x00b\x0bc\x1f"]]))[0][1][3][1] == "abc"


def test_the_sheet_prints_as_a_form():
    page = openpyxl.load_workbook(io.BytesIO(workbook([["1", "内容"]]))).active
    assert page.title == "推荐汇总表"
    assert page.print_title_rows == "$3:$3"
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    assert sorted(str(one) for one in page.merged_cells.ranges) == ["A1:B1", "A2:B2", "A5:B5"]


def test_long_numbers_stay_as_typed():
    assert documents.read_xlsx(workbook([["1", "91990101000000001X"], ["2", "000123456789012345"]]))[0][1][4][1] == (
        "000123456789012345"
    )
