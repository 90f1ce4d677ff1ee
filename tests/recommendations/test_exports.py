"""The documents of a sealed list: drawn from the manifest alone, equal to it in every cell, and always text."""

import io
import json
import zipfile

import openpyxl
import pikepdf
import pytest

from recommendations import exports, ranking
from recommendations.models import Seal
from smartfactory import documents, verification
from smartfactory.canonical import grouped
from smartfactory.models import Enterprise, Job, JobState
from tests.factories import recommendations as make
from tests.factories.organisations import make_enterprise, make_tree

pytestmark = pytest.mark.django_db


def without_space(text):
    return "".join(text.split())


def cells(seal):
    """What the sheet must say, row by row, from manifest and annex."""
    contacts = json.loads(seal.annex)["contacts"]
    return [
        [
            str(row["rank"]), row["enterprise"], row["title"],
            "\n".join(f"{place}. {line}" for place, line in enumerate(row["instances"], 1)),
            *contacts[str(row["rank"])],
        ]
        for row in seal.content["entries"]
    ]  # fmt: skip


def rows_of(xlsx):
    """The rows between the header and the notes."""
    (_, rows), *more = documents.read_xlsx(xlsx)
    assert more == []
    start = next(place for place, row in enumerate(rows) if row[0] == "序号") + 1
    return [row for row in rows[start:] if row[0].isdigit()]


def test_workbook_equals_manifest_cell_by_cell(sealed):
    assert rows_of(exports.sheet_xlsx(sealed.seal)) == cells(sealed.seal)


def test_workbook_has_the_columns_of_the_notice_and_the_code(sealed):
    book = openpyxl.load_workbook(io.BytesIO(exports.sheet_xlsx(sealed.seal)))
    page = book.active
    heading = [cell.value for row in page.iter_rows() for cell in row if cell.row == 3]
    assert heading == [
        "序号", "申报单位名称", "卓越级智能工厂项目名称", "涉及典型场景实例（罗列）", "联系人", "联系方式（手机号）",
    ]  # fmt: skip
    assert page["A1"].value == "卓越级智能工厂项目推荐汇总表"
    assert page["A2"].value == "推荐单位（盖章）：云泽省工业和信息化厅"
    assert grouped(sealed.seal.sha256) in page.oddFooter.center.text
    assert book.properties.keywords == sealed.seal.code
    assert (page.page_setup.orientation, page.print_title_rows) == ("landscape", "$3:$3")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "\t=1", "'=1", "=cmd|' /C calc'!A0"])  # fmt: skip
def test_no_text_becomes_a_formula(province, name):
    """Names people chose go into a workbook that officials open: everything stays text."""
    enterprise = make_enterprise(authority=make_tree()["990101"], name=name)
    one = make.open_list(province)
    ranking.add_entry(one, make.qualified(enterprise=enterprise), actor=province.official)
    content = exports.sheet_xlsx(make.sealed(one, province).seal)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["B4"]
    assert (cell.value, cell.data_type) == (name, "s")
    assert cell.quotePrefix == (name[0] in "=+-@")


def test_sheet_pdf_says_what_the_manifest_says(sealed, text_of):
    words = text_of(exports.sheet_pdf(sealed.seal))
    for row in cells(sealed.seal):
        for cell in row:
            for line in cell.split("\n"):
                assert without_space(line) in words
    places = [words.index(without_space(row["enterprise"])) for row in sealed.seal.content["entries"]]
    assert places == sorted(places)
    assert "附件4" in words
    assert f"推荐单位（盖章）：{sealed.authority.name}" in words
    assert without_space(grouped(sealed.seal.code)) in words
    assert f"共{len(sealed.seal.content['entries'])}项" in words


def test_pdf_carries_the_manifest_and_the_code(sealed):
    for drawer in (exports.sheet_pdf, exports.letter_pdf):
        with pikepdf.open(io.BytesIO(drawer(sealed.seal))) as pdf:
            assert pdf.attachments["manifest.json"].get_file().read_bytes().decode() == sealed.seal.manifest
            assert str(pdf.docinfo["/Keywords"]) == sealed.seal.code
            assert "JavaScript" not in str(pdf.Root.get("/Names", ""))


def test_documents_are_drawn_from_the_manifest_and_not_from_rows(sealed):
    before = exports.sheet_xlsx(sealed.seal)
    Enterprise.objects.update(name="后来的名字")
    sealed.entries.all().delete()
    seal = Seal.objects.get(pk=sealed.seal.pk)
    assert rows_of(exports.sheet_xlsx(seal)) == rows_of(before)


def test_equal_seals_give_equal_bytes(sealed):
    assert exports.sheet_pdf(sealed.seal) == exports.sheet_pdf(Seal.objects.get(pk=sealed.seal.pk))
    assert exports.letter_pdf(sealed.seal) == exports.letter_pdf(Seal.objects.get(pk=sealed.seal.pk))


def test_contacts_that_were_changed_are_not_drawn(quick, sealed, run_jobs):
    Seal.objects.filter(pk=sealed.seal.pk).update(annex=sealed.seal.annex.replace("1", "2"))
    with pytest.raises(exports.AnnexMismatch):
        exports.summary_sheet(Seal.objects.get(pk=sealed.seal.pk))
    for _ in range(4):
        run_jobs()
    states = {job.subject.rpartition(":")[2]: job.state for job in Job.objects.filter(kind="list_document")}
    assert states == {
        "summary-sheet.pdf": JobState.FAILED, "summary-sheet.xlsx": JobState.FAILED, "cover-letter.pdf": JobState.READY,
    }  # fmt: skip


def test_contacts_that_were_purged_say_so(sealed, text_of):
    """After the time allowed, contacts go; the sealed content and its documents still stand."""
    Seal.objects.filter(pk=sealed.seal.pk).update(annex="")
    seal = Seal.objects.get(pk=sealed.seal.pk)
    assert {row[4] for row in rows_of(exports.sheet_xlsx(seal))} == {"（已按规定清除）"}
    assert "已按规定清除" in text_of(exports.sheet_pdf(seal))
    assert verification.check(seal.code).status == "intact"


# The letter


def test_letter_names_its_readers_count_and_projects(sealed, text_of):
    words = text_of(exports.letter_pdf(sealed.seal))
    assert "关于推荐2024年度卓越级智能工厂项目的函" in words
    assert "工业和信息化部（装备工业一司）" in words
    assert "国务院国资委" not in words, "a province does not write to the groups' owner"
    assert "现推荐2个项目" in words
    assert "系统不生成公章图样" in words
    places = [words.index(without_space(row["enterprise"])) for row in sealed.seal.content["entries"]]
    assert places == sorted(places)


def test_letter_of_a_group_also_goes_to_its_owner(policy, text_of):
    group = make.make_desk("soe-yunze")
    one = make.open_list(group)
    ranking.add_entry(one, make.qualified(soe=group.authority), actor=group.official)
    words = text_of(exports.letter_pdf(make.sealed(one, group).seal))
    assert "国务院国资委（科技创新局）" in words


# Drawn once


def test_each_document_is_drawn_once_and_kept(quick, sealed, run_jobs, monkeypatch):
    run_jobs()
    kept = {file.name: file.file_id for file in sealed.seal.issued.files.all()}
    assert set(kept) == {"summary-sheet.pdf", "summary-sheet.xlsx", "cover-letter.pdf"}
    monkeypatch.setattr(exports, "DRAWERS", {name: (None, mime) for name, (_, mime) in exports.DRAWERS.items()})
    Job.objects.filter(kind="list_document").update(state=JobState.PENDING)
    run_jobs()
    assert {file.name: file.file_id for file in sealed.seal.issued.files.all()} == kept
    assert set(Job.objects.filter(kind="list_document").values_list("state", flat=True)) == {JobState.READY}
