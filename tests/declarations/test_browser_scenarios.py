"""The list of scenarios in a real browser: dragged, by keyboard, without scripts, and read by axe."""

import pytest

from declarations import services
from declarations.models import ScenarioInstance, SectionContent
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def names(draft):
    return [one.data["name"] for one in ScenarioInstance.objects.filter(declaration=draft)]


def stored(draft):
    return [one.data.get("name") for one in ScenarioInstance.objects.filter(declaration=draft)]


def test_dragging_a_row_moves_it_and_loses_no_text(page_for, preparer, draft, address, names):
    page = page_for(preparer)
    page.goto(address("scenarios/"))
    page.locator("textarea[name=overview]").fill("拖动之前写的一句")
    grips = page.locator("[data-order] .grip")
    grips.nth(0).drag_to(page.locator("[data-order] tr").nth(2))
    page.get_by_text(f"“{names[0]}”从第 1 个移到第").wait_for()
    now = stored(draft)
    assert now.index(names[0]) in (1, 2)
    assert [one for one in now if one != names[0]] == names[1:]
    assert SectionContent.objects.get(declaration=draft, key="scenarios").data["overview"] == "拖动之前写的一句"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_order_and_copy_by_keyboard(page_for, preparer, draft, address, names, scripts):
    page = page_for(preparer, java_script_enabled=scripts)
    page.goto(address("scenarios/"))
    box = page.get_by_label(f"{names[0]}的序号")
    box.fill("4")
    box.press("Enter")
    page.get_by_text("从第 1 个移到第 4 个").wait_for()
    page.get_by_role("button", name=f"上移{names[0]}").press("Enter")
    page.get_by_text("从第 4 个移到第 3 个").wait_for()
    assert stored(draft) == [names[1], names[2], names[0], *names[3:]]
    page.get_by_role("button", name=f"复制{names[0]}").press("Enter")
    page.get_by_text("请先改名称").wait_for()
    page.locator("#id_name:focus").wait_for()
    assert stored(draft) == [names[1], names[2], names[0], f"{names[0]}（副本）", *names[3:]]


def test_controls_of_the_list_follow_a_colleague(page_for, preparer, signatory, draft, address, names):
    """The page hears of the new order with its next save; its buttons then act on that order."""
    from declarations import instances

    page = page_for(preparer)
    page.goto(address("scenarios/"))
    last = ScenarioInstance.objects.get(declaration=draft, position=5)
    instances.move(draft, last.uid, 1, version=1, actor=signatory)
    page.locator("textarea[name=overview]").fill("同事移动之后写的一句")
    page.locator("[data-order] tr").first.get_by_role("link", name=names[4]).wait_for()
    page.get_by_role("button", name=f"上移{names[0]}").click()
    page.get_by_text("从第 2 个移到第 1 个").wait_for()
    assert stored(draft) == [names[0], names[4], *names[1:4]]


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, preparer, draft, address, names, viewport):
    services.save_section(draft, "scenarios", {"overview": "概述"}, version=1, actor=preparer)
    page = page_for(preparer, viewport=viewport, bypass_csp=True)
    page.goto(address("scenarios/"))
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (chromium.serious(page), wide) == ([], 0)
