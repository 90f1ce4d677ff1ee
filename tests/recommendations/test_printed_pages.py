"""The public check of one printed page: which page it is and what stands on it, as the paper itself says."""

import json

import pypdfium2
import pytest
import zxingcpp

from recommendations import printed_pages
from smartfactory import documents, page_codes, verification
from tests.recommendations.tampering import bend_file

pytestmark = pytest.mark.django_db


def scanned(stored):
    """What the codes of each page say."""
    pages = (page.render(scale=2).to_pil() for page in pypdfium2.PdfDocument(stored.path))
    return [[one.text for one in zxingcpp.read_barcodes(page)] for page in pages]


def words(answer):
    return "".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("name", "document", "title"),
    [("summary-sheet.pdf", "sheet", "推荐汇总表"), ("cover-letter.pdf", "letter", "推荐函")],
)
def test_each_page_leads_to_what_stands_on_it(long_list, client, name, document, title):
    stored = verification.rendered(long_list.seal.issued, name)
    texts = ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(stored.path)]
    seen = set()
    for number, (text, codes) in enumerate(zip(texts, scanned(stored), strict=True), 1):
        (code,) = codes
        address = code.partition("/verify/")[2]
        assert address == f"{long_list.seal.code}/?d={document}&p={number}-of-{len(texts)}"
        page = words(client.get(f"/verify/{address}"))
        assert f"这是{title}第{number}页，共{len(texts)}页" in page
        said = page.partition("yan-page-said")[2].partition("</section>")[0]
        for row in long_list.seal.content["entries"]:
            place = f'<livalue="{row["rank"]}">'
            if "".join(row["enterprise"].split()) in text:
                assert place in said
                seen.add(row["rank"])
    assert seen == {row["rank"] for row in long_list.seal.content["entries"]}
    assert document == "letter" or len(texts) > 1


def test_a_page_shows_no_contact(long_list, client):
    page = client.get(f"/verify/{long_list.seal.code}/?d=sheet&p=1-of-99").content.decode()
    page += client.get(f"/verify/{long_list.seal.code}/?d=sheet&p=1-of-1").content.decode()
    for name, phone in json.loads(long_list.seal.annex)["contacts"].values():
        assert name not in page
        assert phone not in page


def test_a_page_of_a_declaration_names_its_parts(province, sealed, run_jobs, client):
    run_jobs()
    revision = sealed.entries.first().revision
    stored = verification.rendered(revision.issued, "declaration.pdf")
    marks, total = documents.headings(stored.path), documents.page_count(stored.path)
    start, title = marks[1]
    assert [codes for codes in scanned(stored) if len(codes) != 1] == []
    page = words(client.get(f"/verify/{revision.code}/?d=declaration&p={start + 1}-of-{total}"))
    assert f"这是申报书第{start + 1}页，共{total}页" in page
    assert "".join(title.split()) in page.partition("这一页属于")[2]
    cover = words(client.get(f"/verify/{revision.code}/?d=declaration&p=1-of-{total}"))
    assert "这一页属于" not in cover


def test_a_page_that_was_never_printed_is_named(long_list, client):
    page = words(client.get(f"/verify/{long_list.seal.code}/?d=sheet&p=1-of-77"))
    assert "纸上的码写的是共77页" in page
    assert "不要采信" in page


def test_what_names_no_page_is_left_aside(long_list, client):
    answer = client.get(f"/verify/{long_list.seal.code}/")
    assert (answer.status_code, "yan-page-said" in answer.content.decode()) == (200, False)


@pytest.mark.parametrize(
    "query", ["?p=1-of-2", "?d=sheet", "?d=sheet&p=9-of-2", "?d=other&p=1-of-2", "?d=%00&p=%00", "?d=sheet&p=-1"]
)
def test_a_name_no_page_could_have_is_said_to_be_none(long_list, client, query):
    page = words(client.get(f"/verify/{long_list.seal.code}/{query}"))
    assert "系统没有印过码里写的这一页" in page
    assert "不要采信" in page


def test_of_an_altered_document_nothing_more_is_said(long_list, client):
    bend_file(verification.rendered(long_list.seal.issued, "summary-sheet.pdf"))
    page = client.get(f"/verify/{long_list.seal.code}/?d=sheet&p=1-of-2").content.decode()
    assert "对不上，可能被改动过" in page
    assert "这是推荐汇总表" not in page


def test_a_page_whose_rendering_is_not_there_yet_is_only_named(sealed):
    query = {"d": "sheet", "p": "1-of-2"}
    found = printed_pages.describe(sealed.seal.issued, query)
    assert (found.words, found.rows, found.trouble) == ("这是推荐汇总表第 1 页，共 2 页", [], "")
    assert page_codes.named(query).query == "?d=sheet&p=1-of-2"
