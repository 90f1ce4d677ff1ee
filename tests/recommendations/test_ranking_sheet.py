"""The ranking by Excel: what is handed out comes back the same, every wrong cell is named, nothing is half done."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations import ranking
from smartfactory.models import AuditEntry
from tests.factories import recommendations as make


@pytest.fixture
def one(listed):
    return listed(3)


@pytest.fixture
def official(client_for, province):
    return client_for(province.official)


@pytest.fixture
def book(official, one):
    answer = official.get(f"/lists/{one.public_id}/ranking.xlsx")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def cell(book, row, column):
    """A cell of the projects' rows; the first project stands in row 4, below title, hint and header."""
    return book.active.cell(row + 3, column)


def send(client, one, book, name="ranking.xlsx"):
    out = io.BytesIO()
    book.save(out)
    return client.post(f"/lists/{one.public_id}/ranking/", {"sheet": SimpleUploadedFile(name, out.getvalue())})


def order(one):
    return list(one.entries.values_list("declaration__number", flat=True))


def take_over(client, one, answer):
    return client.post(f"/lists/{one.public_id}/ranking/", {"packed": answer.context["packed"]}, follow=True)


def test_handed_out_as_it_stands(book, one):
    rows = [[one.value for one in row] for row in book.active.iter_rows(min_row=4)]
    assert [row[0] for row in rows] == ["1", "2", "3"]
    assert [row[1] for row in rows] == order(one)
    assert rows[0][2] == one.entries.first().declaration.enterprise.name


def test_unchanged_changes_nothing(official, one, book):
    assert "和现在的名单一样" in send(official, one, book).content.decode()


def test_new_order_is_shown_then_taken_over_as_one_act(official, one, book, province):
    was = order(one)
    for row, rank in enumerate((3, 1, 2), 1):
        cell(book, row, 1).value = rank
    cell(book, 2, 8).value = "现场更成熟"
    shown = send(official, one, book)
    assert "会变的 3 项" in shown.content.decode()
    assert order(one) == was
    done = take_over(official, one, shown)
    assert "已按 Excel 里的名次排列" in done.content.decode()
    assert order(one) == [was[1], was[2], was[0]]
    assert one.entries.get(rank=1).order_reason == "现场更成熟"
    assert AuditEntry.objects.filter(act="list.reorder").count() == 1


def test_rows_in_any_order_and_numbers_as_numbers(official, one, book):
    was = order(one)
    for row, (rank, number) in enumerate(zip((2, 3, 1), (was[2], was[0], was[1]), strict=True), 1):
        cell(book, row, 1).value, cell(book, row, 2).value = float(rank), number
    take_over(official, one, send(official, one, book))
    assert order(one) == [was[1], was[2], was[0]]


@pytest.mark.parametrize(
    ("row", "column", "value", "place", "words"),
    [
        (1, 1, "2", "A4", "第 2 名填了 2 个项目"),
        (1, 1, "4", "A4", "名次要填 1 到 3 的整数，填的是“4”"),
        (2, 1, "0", "A5", "名次要填 1 到 3 的整数"),
        (2, 1, "-1", "A5", "名次要填 1 到 3 的整数"),
        (2, 1, "1.5", "A5", "填的是“1.5”"),
        (2, 1, "二", "A5", "填的是“二”"),
        (2, 1, "９" * 30, "A5", "名次要填"),
        (3, 1, None, "A6", "还没有填名次"),
        (3, 1, "=1+1", "A6", "名次要填"),
        (3, 2, "别的编号", "B6", "名单里现在没有申报编号“别的编号”"),
        (3, 8, "长" * 201, "H6", "最多 200 字，现在 201 字"),
    ],
)
def test_every_wrong_cell_is_named_and_nothing_changed(official, one, book, row, column, value, place, words):
    was = order(one)
    cell(book, row, column).value = value
    answer = send(official, one, book)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert place in page
    assert words in page
    assert "packed" not in answer.context
    assert order(one) == was


def test_a_missing_and_a_doubled_row(official, one, book):
    name = one.entries.get(rank=3).declaration.enterprise.name
    cell(book, 3, 2).value = cell(book, 1, 2).value
    page = send(official, one, book).content.decode()
    assert "写了 2 行" in page
    assert f"少了 {name}" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "文件是空的"), (b"PK nothing", "xlsx"), (b"%PDF-1.4", "xlsx"), (None, "还没有选择文件")],
)
def test_what_is_no_sheet(official, one, content, words):
    data = {} if content is None else {"sheet": SimpleUploadedFile("r.xlsx", content)}
    answer = official.post(f"/lists/{one.public_id}/ranking/", data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "没有改动名单" in page
    assert words in page


def test_a_strange_workbook_and_another_lists(official, one, book, province):
    strange = openpyxl.Workbook()
    assert "工作表" in send(official, one, strange).content.decode()
    strange.active.title = "推荐排序"
    assert "表头里没有" in send(official, one, strange).content.decode()
    book.properties.keywords = "sf-ranking 0123"
    assert "另一份名单" in send(official, one, book).content.decode()


def test_moved_meanwhile_is_not_overwritten(official, one, book, province):
    cell(book, 1, 1).value, cell(book, 2, 1).value = "2", "1"
    shown = send(official, one, book)
    ranking.move(one, one.entries.get(rank=3), 1, actor=province.official, version=one.version)
    now = order(one)
    answer = official.post(f"/lists/{one.public_id}/ranking/", {"packed": shown.context["packed"]})
    assert answer.status_code == 409
    assert order(one) == now


@pytest.mark.parametrize("packed", ["", "x", "e30:1:2"])
def test_what_we_did_not_pack_is_refused(official, one, packed):
    was = order(one)
    assert official.post(f"/lists/{one.public_id}/ranking/", {"packed": packed}).status_code == 422
    assert order(one) == was


def test_frozen_can_only_be_downloaded(official, one, book, province):
    from smartfactory import workflow

    workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)
    assert "现在只能下载" in official.get(f"/lists/{one.public_id}/ranking/").content.decode()
    assert official.get(f"/lists/{one.public_id}/ranking.xlsx").status_code == 200
    cell(book, 1, 1).value, cell(book, 2, 1).value = "2", "1"
    assert take_over_frozen(official, one, book) in (403, 409)


def take_over_frozen(client, one, book):
    answer = send(client, one, book)
    if answer.status_code == 200:
        answer = client.post(f"/lists/{one.public_id}/ranking/", {"packed": answer.context["packed"]})
    return answer.status_code
