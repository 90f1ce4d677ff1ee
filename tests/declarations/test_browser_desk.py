"""The desk's own pages in a real browser: axe, a phone's width, the keyboard, without scripts."""

import io
import random

import openpyxl
import pikepdf
import pytest

from declarations import notices, services
from declarations.models import Evidence, SectionContent
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BAD = "负责人身份证 11010519491231002X，位置北纬30.25度，摘自内部资料。"


@pytest.fixture
def suspicious(draft, preparer):
    services.save_section(draft, "factory", {"summary": BAD}, version=1, actor=preparer)
    notices.tell(draft, "deadline:1", "还有 3 天截止", "11月22日（周五）23:59 前要由企业负责人提交。")
    return draft


@pytest.fixture
def places(suspicious, address):
    return [
        address("secrecy/"),
        address("submit/"),
        address("check/"),
        address("workbook/"),
        address(),
        "/declarations/messages/",
    ]


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, signatory, places, viewport):
    page = page_for(signatory, viewport=viewport, bypass_csp=True)
    found = {}
    for place in places:
        page.goto(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[place] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])
    assert {place: problems for place, problems in found.items() if problems} == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_numbers_are_covered_by_keyboard(page_for, preparer, suspicious, address, scripts):
    page = page_for(preparer, java_script_enabled=scripts)
    page.goto(address("secrecy/"))
    page.get_by_role("button", name="遮盖这一项里的居民身份证号码").focus()
    page.keyboard.press("Enter")
    page.get_by_text("已遮盖").wait_for()
    kept = SectionContent.objects.get(declaration=suspicious, key="factory").data["summary"]
    assert kept.startswith("负责人身份证 110*************2X，")


def test_workbook_is_filled_in_and_taken_over(page_for, preparer, draft, address, tmp_path):
    page = page_for(preparer, java_script_enabled=False)
    page.goto(address("applicant/"))
    page.get_by_role("link", name="用 Excel 填").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    book["近三年财务情况"]["B3"] = "61500"
    book.save(tmp_path / "filled.xlsx")
    page.get_by_label("填好的 Excel").set_input_files(tmp_path / "filled.xlsx")
    page.get_by_role("button", name="检查并看改动").click()
    page.get_by_text("导入后会变的 1 项").wait_for()
    page.get_by_role("button", name="导入这 1 项").click()
    page.get_by_text("已全部导入").wait_for()
    assert SectionContent.objects.get(declaration=draft, key="applicant").data["finances"][0]["revenue"] == "61500"


def test_a_file_goes_on_after_the_line_was_cut(page_for, preparer, draft, address, tmp_path):
    """The first parts find no line; the same file is sent on, checked as a whole, and stands in the list."""
    Evidence.objects.filter(declaration=draft, field="financial_report").delete()
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(300, 300))
    pdf.attachments["filler.bin"] = random.Random(1).randbytes(2_500_000)
    pdf.save(tmp_path / "三年报表.pdf")
    page, cut = page_for(preparer), []

    def on_the_way(route):
        cut.append(route.request.url)
        route.abort() if len(cut) == 2 else route.continue_()

    page.route("**/part/?offset=*", on_the_way)
    page.goto(address("applicant/"))
    page.locator("input[name=financial_report-file]").set_input_files(tmp_path / "三年报表.pdf")
    page.get_by_text("“三年报表.pdf”已上传。").wait_for()
    assert page.get_by_role("link", name="三年报表.pdf", exact=True).count() == 1
    assert cut[1] == cut[2]
    row = Evidence.objects.select_related("file").get(declaration=draft, field="financial_report")
    assert row.file.read() == (tmp_path / "三年报表.pdf").read_bytes()
