"""Each printed page names itself: what its code says, that it is read back, and that equal pages are equal bytes."""

import io
from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp

from smartfactory import documents, page_codes
from smartfactory.page_codes import PageName

WHEN = datetime(2024, 11, 5, 8, 30, tzinfo=UTC)
ADDRESS = "https://example.com/verify/0123456789ABCDEF/"
FOOT = '<div class="foot"><i class="qr" id="qr"></i>脚注</div>'
PAGES = "".join(f'<p id="row-{number}" style="break-before:page">第 {number} 段' for number in (1, 2, 3))


@pytest.fixture
def draw(settings, tmp_path):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path], "APP_DIRS": False}]

    def render(html, document="sheet"):
        (tmp_path / "page.html").write_text(html, encoding="utf-8")
        paged = page_codes.linking(ADDRESS, document)
        return documents.render_pdf("page.html", {}, created=WHEN, page_code=paged).pdf

    return render


def codes(pdf, scale=150 / 72):
    """What the QR codes of each page say, as a scanner of that resolution sees them."""
    pages = [page.render(scale=scale).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    return [[one.text for one in zxingcpp.read_barcodes(page, zxingcpp.BarcodeFormat.QRCode)] for page in pages]


def test_every_page_carries_its_own_number(draw):
    pdf = draw(FOOT + PAGES)
    total = documents.page_count(pdf)
    assert total == 3
    assert codes(pdf) == [[f"{ADDRESS}?d=sheet&p={number}-of-3"] for number in (1, 2, 3)]


def test_equal_pages_are_equal_bytes(draw):
    assert draw(FOOT + PAGES) == draw(FOOT + PAGES)
    assert draw(FOOT + PAGES) != draw(FOOT + PAGES, "letter")


def test_a_document_without_a_place_for_it_has_no_code(draw):
    assert codes(draw(PAGES)) == [[], [], []]


def test_what_stands_on_a_page_is_read_back(draw):
    assert [{name for name in page if name != "qr"} for page in documents.places(draw(FOOT + PAGES))] == [
        {"row-1"}, {"row-2"}, {"row-3"},
    ]  # fmt: skip


@pytest.mark.parametrize("page", [PageName("sheet", 1, 1), PageName("letter", 3, 6), PageName("declaration", 63, 9999)])
def test_a_code_is_read_as_it_was_written(page):
    text = page_codes.linking(ADDRESS, page.document)(page.number, page.total)
    assert page_codes.read(text) == ("0123456789ABCDEF", page)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ADDRESS, ("0123456789ABCDEF", None)),
        (f"{ADDRESS}?p=7-of-6&d=sheet", ("0123456789ABCDEF", None)),
        (f"{ADDRESS}?p=0-of-6&d=sheet", ("0123456789ABCDEF", None)),
        (f"{ADDRESS}?d=sheet&p=１-of-2", ("0123456789ABCDEF", None)),
        (f"{ADDRESS}?d=../../x&p=1-of-2", ("0123456789ABCDEF", None)),
        ("https://example.com/", None),
        ("http://[", None),
        ("", None),
        ("WIFI:S:x;;", None),
    ],
)
def test_what_is_no_page_of_ours(text, expected):
    assert page_codes.read(text) == expected


def test_the_code_stands_clear_of_the_paper_edge(draw):
    """Printers leave a few millimetres blank; the code keeps its quiet zone within what they print."""
    (page,) = pypdfium2.PdfDocument(io.BytesIO(draw(FOOT + "x")))
    (found,) = zxingcpp.read_barcodes(page.render(scale=4).to_pil())
    millimetre = 4 * 72 / 25.4
    assert page.get_height() * 4 - found.position.bottom_left.y > 4.2 * millimetre
    assert found.position.bottom_right.x - found.position.bottom_left.x > 14 * millimetre
