"""The policy desk in a real browser: every page with axe on both sizes; a year entered without scripts, by two people."""

import re

import pytest
from django.urls import reverse

from assessment.models import Edition, EditionDraft
from recommendations.models import QuotaRule
from smartfactory.models import Authority, Role
from tests.factories.organisations import make_member
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officers():
    ministry = Authority.objects.get(code="ministry")
    return [make_member(Role.POLICY, authority=ministry) for _ in range(2)]


def begin(page):
    """Clone 2025 as 2026 on the page that offers it."""
    page.goto(reverse("policy_desk"))
    page.get_by_role("link", name="起草新版次").click()
    page.get_by_label("以哪个版次为底稿").select_option("2025")
    page.get_by_label("新版次的编码").fill("2026")
    page.locator("#id_title").fill("2026年度智能工厂梯度培育行动")
    page.get_by_role("button", name="建立草案").click()
    page.get_by_role("heading", name="2026年度智能工厂梯度培育行动").wait_for()
    return EditionDraft.objects.get(code="2026")


def places(draft):
    one = [draft.public_id]
    return [
        reverse("policy_desk"), reverse("policy_clone"), reverse("policy_import"), reverse("policy_amend", args=["2025"]),
        reverse("policy_draft", args=one), reverse("policy_draft_chapter", args=[*one, "quotas"]),
        reverse("policy_draft_chapter", args=[*one, "campaign"]), reverse("policy_draft_row", args=[*one, "quotas", "quotas.1"]),
        reverse("policy_draft_row", args=[*one, "documents", "sheets.0"]),
        reverse("policy_draft_row", args=[*one, "conditions", "conditions.9"]),
        reverse("policy_draft_add", args=[*one, "quotas", "quotas"]),
        reverse("policy_draft_remove", args=[*one, "quotas", "quotas.1"]),
        reverse("policy_draft_changes", args=one), reverse("policy_draft_doubts", args=one),
        f"{reverse('policy_compare')}?from=2024&to=2025", reverse("policy_doubts", args=["2025"]),
        reverse("quota_index"), f"{reverse('quota_unit', args=['2025-excellence', '990000'])}?industrial_rank_2024=15",
    ]  # fmt: skip


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, officers, viewport):
    page = page_for(officers[0], viewport=viewport, bypass_csp=True)
    draft, found = begin(page), {}
    for place in places(draft):
        page.goto(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[place] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])
    assert {place: problems for place, problems in found.items() if problems} == {}


def test_a_year_is_entered_without_scripts_and_published_by_two(page_for, officers):
    first, second = (page_for(one, java_script_enabled=False) for one in officers)
    begin(first)
    first.get_by_role("link", name="推荐名额", exact=True).last.click()
    first.get_by_role("link", name="2024 年工业增加值第 11 至 20 位，不超过 30 个").click()
    first.get_by_label("判据从（含）").fill("10")
    first.get_by_label("名额", exact=True).fill("33")
    first.get_by_role("button", name="保存名额规则第 2 行").click()
    first.get_by_role("alert").get_by_text("和上一档重叠").wait_for()
    first.get_by_label("判据从（含）").fill("11")
    first.get_by_role("button", name="保存名额规则第 2 行").click()
    first.get_by_role("navigation", name="位置").get_by_role("link", name="2026年度智能工厂梯度培育行动").click()
    first.get_by_role("button", name="提交复核").click()
    first.get_by_text("等另一位政策管理员发布").first.wait_for()
    assert first.get_by_role("button", name=re.compile("^发布")).count() == 0

    second.goto("/")
    second.get_by_role("link", name=re.compile("核对草案")).click()
    second.get_by_role("link", name="逐条对照：改了什么").click()
    second.get_by_text("33").first.wait_for()
    second.go_back()
    second.get_by_role("button", name="发布 2026").click()
    second.get_by_text("已发布").first.wait_for()
    assert Edition.objects.get(code="2026").is_published()
    assert QuotaRule.objects.get(track__code="2026-excellence", low=11).limit == 33


def test_a_row_is_changed_by_keyboard(page_for, officers):
    page = page_for(officers[0])
    draft = begin(page)
    page.goto(reverse("policy_draft_row", args=[draft.public_id, "quotas", "quotas.0"]))
    page.get_by_label("名额", exact=True).focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    page.get_by_text("已保存").wait_for()
    assert page.get_by_label("名额", exact=True).input_value() == "45"
