"""The printed declaration says what the filed content says, every word of it; and the receipt what was received."""

import io
import json
import re
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from declarations import content, printing
from declarations.models import Revision, Track
from smartfactory import documents
from smartfactory.canonical import grouped, sha256
from tests.factories.declarations import make_declaration, sample_instances, submit

pytestmark = pytest.mark.django_db

CONTINUED = re.compile(r"校验码(?:[0-9A-F]{16}|[0-9A-F]{4}(?:[0-9A-F]{4}){3})https?://\S+?第\d+版第\d+页共\d+页")


@pytest.fixture
def revision(policy):
    return make_declaration(status="submitted").latest_revision


def squeezed(text):
    return "".join(text.split())


def printed(pdf):
    """All pages' text without white space and without the foot of each page, so that no break hides a word."""
    pages = [squeezed(page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(pdf)]
    return CONTINUED.sub("", "".join(pages)), pages


def leaves(value):
    """Every text in a payload, however deep."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, str) and value.strip():
        yield value


def test_every_answer_stands_in_the_print(revision):
    text, pages = printed(printing.declaration(revision).pdf)
    missing = []
    for row in content.rows(revision.content, content.describe(revision.declaration.track)):
        if row.table is not None:
            wanted = [cell for cells in row.table.rows for cell in cells]
        elif row.files:
            wanted = [line.name for line in row.files]
        else:
            wanted = row.paragraphs
        missing += [(row.key, one) for one in wanted if squeezed(one) not in text]
    assert missing == []
    assert len(pages) > 5


def test_every_long_text_of_the_payload_stands_in_the_print_word_for_word(revision):
    """Straight from the payload, not by way of the walk: whatever the walk might forget."""
    text, _ = printed(printing.declaration(revision).pdf)
    long = [one for one in leaves(revision.content["sections"]) if len(one) > 12 and re.search("[\u4e00-\u9fff]", one)]
    assert len(long) > 20
    assert [one for one in long if any(squeezed(line) not in text for line in one.split("\n"))] == []


def test_cover_commitments_and_every_page_number(revision):
    text, pages = printed(printing.declaration(revision).pdf)
    for one in revision.content["commitments"]:
        assert squeezed(one["text"]) in text
    declaration = revision.declaration
    for one in (declaration.enterprise.name, declaration.enterprise.credit_code, declaration.number):
        assert squeezed(one) in pages[0]
    code = squeezed(grouped(revision.code))
    for number, page in enumerate(pages[1:], 2):
        assert f"第{number}页共{len(pages)}页" in page
        assert code in page
        assert f"/verify/{revision.code}/" in page


def test_the_content_itself_is_attached_byte_for_byte(revision):
    pdf = printing.declaration(revision).pdf
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attached = document.attachments["declaration.json"].get_file().read_bytes()
        assert str(document.docinfo["/Keywords"]) == revision.code
    assert attached.decode() == revision.payload
    assert sha256(attached) == revision.sha256
    assert json.loads(attached) == revision.content


def test_equal_revisions_give_equal_bytes(revision):
    assert printing.declaration(revision).pdf == printing.declaration(Revision.objects.get(pk=revision.pk)).pdf


def test_receipt_says_what_was_received(revision):
    text, pages = printed(printing.receipt(revision).pdf)
    assert len(pages) == 1
    for one in (
        grouped(revision.code),
        revision.declaration.number,
        str(revision.audit_seq),
        printing._shared(revision)["stamp"],
    ):
        assert squeezed(one) in pages[0]
    assert squeezed(revision.sha256).upper() in text.upper().replace(" ", "")
    assert squeezed(revision.sm3).upper() in text.upper()


def scenarios(count):
    description = content.describe(Track.objects.get(code="2024-excellence"))
    first = sample_instances(description)[0]
    return [first | {"name": f"第 {number} 个柔性单元的装配与检测协同"} for number in range(1, count + 1)]


def contents(pages):
    """The pages of the contents: from the one so headed to the first part."""
    first = next(number for number, text in enumerate(pages) if "目录" in text)
    return pages[first : next(number for number, text in enumerate(pages) if text.startswith("一、"))]


@pytest.mark.parametrize(("count", "length"), [(12, 1), (60, 2)])
def test_contents_take_no_more_pages_than_they_need(policy, count, length):
    filed = make_declaration(instances=scenarios(count))
    _, pages = printed(printing.declaration(submit(filed).latest_revision).pdf)
    found = contents(pages)
    assert len(found) == length
    # The numbers stand before the titles in the text of a page: the last is that of the list of files.
    place = len(pages)
    assert re.match(rf"[0-9]*{place}(?!\d)", found[-1])
    assert pages[place - 1].startswith("附件清单")


@pytest.mark.parametrize("rows", [3, 4, 7])
def test_no_row_stands_alone_and_no_heading_without_what_follows(rows):
    """Wherever on the page a table begins: pushed down line by line, it never leaves one row behind or ahead."""
    lines = "".join(f"<tr><th>标签</th><td>行{n}</td></tr>" for n in range(rows))
    for space in range(196, 236, 5):
        page = f'<html><body class="decl"><div style="height: {space}mm"></div><h3>小标题</h3><table>{lines}</table></body></html>'
        pdf = documents._draw(page, datetime(2026, 1, 1, tzinfo=UTC), {}, "", {}, None)
        found = [squeezed(one.get_textpage().get_text_range()) for one in pypdfium2.PdfDocument(pdf)]
        counts = [one.count("标签") for one in found if "标签" in one]
        assert 1 not in counts, (space, counts)
        assert "标签" in next(one for one in found if "小标题" in one)
