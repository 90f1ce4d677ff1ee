"""What a phone of 390 pixels shows of long pages: whole numbers, tables in their boxes, the status in sight."""

import pytest

from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# Cells in which a figure stands in more than one line.
BROKEN_NUMBERS = """[...document.querySelectorAll(".yan-answers td")].filter((cell) => {
  if (!/^[0-9,.%-]+$/.test(cell.textContent.trim())) return false;
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map((one) => one.top)).size > 1;
}).map((cell) => cell.textContent)"""


@pytest.fixture
def phone(page_for, preparer):
    return page_for(preparer, viewport=chromium.PHONE)


def test_tables_of_the_check_scroll_in_their_boxes_and_break_no_number(phone, address):
    phone.goto(address("check/"))
    assert phone.evaluate(BROKEN_NUMBERS) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= chromium.PHONE["width"]
    boxes = phone.locator(".yan-scroll")
    for number in range(boxes.count()):
        box = boxes.nth(number)
        hidden = box.evaluate("(one) => one.scrollWidth - one.clientWidth")
        hint = box.evaluate("(one) => one.previousElementSibling?.checkVisibility() || false")
        assert hidden <= 0 or hint, box.get_attribute("aria-label")
    phone.locator(".yan-jump").get_by_role("link", name="实施成效").click()
    phone.wait_for_function("document.querySelector(':target')?.textContent === '实施成效'")


def test_the_list_shows_the_status_without_scrolling(phone, draft):
    phone.goto("/declarations/")
    place = phone.locator("tbody .yan-tag").first.bounding_box()
    assert place["x"] + place["width"] <= chromium.PHONE["width"]
    assert place["y"] < chromium.PHONE["height"]


def test_the_heading_of_the_demo_accounts_stands_in_one_line(page_for, preparer, settings):
    settings.DEMO = True
    preparer.username = "enterprise"
    preparer.save()
    page = page_for(viewport=chromium.PHONE)
    page.goto("/login/")
    heading = page.locator("#demo-logins")
    lines = heading.evaluate("(one) => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight)")
    assert round(lines) == 1


# Choices in tables whose longest word has no room.
CUT_CHOICES = """[...document.querySelectorAll(".yan-cells select")].filter((one) => {
  const look = getComputedStyle(one), pen = document.createElement("canvas").getContext("2d");
  pen.font = look.font;
  const needed = Math.max(...[...one.options].map((word) => pen.measureText(word.text).width));
  return needed > one.clientWidth - parseFloat(look.paddingLeft) - parseFloat(look.paddingRight) + 1;
}).map((one) => one.name)"""


@pytest.mark.parametrize("width", [390, 901, 1366])
def test_every_choice_in_a_table_has_room_for_its_words(page_for, preparer, address, width):
    page = page_for(preparer, viewport={"width": width, "height": 900})
    for part in ("factory/", "scenarios/", "outcomes/"):
        page.goto(address(part))
        assert page.locator(".yan-cells select").count() > 0
        assert page.evaluate(CUT_CHOICES) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
