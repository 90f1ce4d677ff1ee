"""The guide in a real browser: both sizes with axe, searching without scripts, and paper."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def units():
    call_command("load_authorities", verbosity=0)


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, viewport):
    page = page_for(None, viewport=viewport, bypass_csp=True)
    places = [
        reverse("guide"), reverse("guide_tiers", args=["2025"]), reverse("guide_tier", args=["2024", "EXCELLENCE"]),
        reverse("guide_who", args=["2025"]), reverse("guide_steps", args=["2024-hebei"]), reverse("guide_questions"),
        reverse("guide_terms"), reverse("guide_awards"), f"{reverse('guide_search')}?q=成熟度",
    ]  # fmt: skip
    found = {}
    for place in places:
        page.goto(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[place] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])
    assert {place: problems for place, problems in found.items() if problems} == {}


def test_a_stranger_searches_without_scripts_and_lands_on_the_answer(page_for):
    page = page_for(None, java_script_enabled=False)
    page.goto(reverse("login"))
    page.get_by_role("link", name="看申报指南").click()
    page.get_by_role("heading", name="申报指南", exact=True).wait_for()
    page.get_by_role("textbox", name="在申报指南里找").fill("分支机构 授权")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("heading", name="找到和“分支机构 授权”有关的").wait_for()
    page.get_by_role("link", name="分支机构申报要另外交什么？").click()
    page.get_by_role("heading", name="申报问答").wait_for()
    assert page.url.endswith("#q-branch-proofs")


def test_paper_keeps_the_steps_and_leaves_the_frame(page_for):
    page = page_for(None)
    page.goto(reverse("guide_steps", args=["2024"]))
    page.emulate_media(media="print")
    assert not page.locator(".yan-rail").is_visible()
    assert page.locator(".yan-guide-way li").first.is_visible()
    assert page.locator(".yan-guide-picture").first.is_visible()
