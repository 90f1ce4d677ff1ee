"""Self-assessment in a real browser: by keyboard, on a phone, without scripts, and with axe."""

import pytest
from django.urls import reverse

from assessment import self_assessment_service as service
from assessment.models import Edition, SelfAssessment
from smartfactory.models import Role
from tests.factories.organisations import make_enterprise, make_member
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person():
    return make_member(Role.PREPARER, enterprise=make_enterprise())


@pytest.fixture
def assessment(person):
    enterprise = person.memberships.get().enterprise
    return service.start(enterprise, Edition.objects.get(code="2024"), person)


def places(assessment):
    one = [assessment.public_id]
    return [
        "/", reverse("help"), reverse("policy_index"), reverse("policy_edition", args=["2024"]), reverse("assessment_list"),
        reverse("assessment_detail", args=one), reverse("assessment_result", args=one),
        *(reverse("assessment_part", args=[*one, key]) for key in ("facts", "coverage", "OPS", "indicators")),
    ]  # fmt: skip


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, person, assessment, viewport):
    page = page_for(person, viewport=viewport, bypass_csp=True)
    found = {}
    for place in places(assessment):
        page.goto(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[place] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])
    assert {place: problems for place, problems in found.items() if problems} == {}


def test_questions_are_answered_by_keyboard(page_for, person, assessment):
    page = page_for(person)
    page.goto(reverse("assessment_part", args=[assessment.public_id, "OPS"]))
    page.locator("#a-2024-BAS-OPS-01-yes").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.name") != "flag-2024-BAS-OPS-02":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.locator("button.btn-primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/PMG/")
    flags = SelfAssessment.objects.get().facts["flags"]
    assert (flags["2024-BAS-OPS-01"], flags["2024-BAS-OPS-02"]) == (True, False)


def test_it_works_without_scripts(page_for, person, assessment):
    page = page_for(person, java_script_enabled=False)
    page.goto(reverse("assessment_part", args=[assessment.public_id, "coverage"]))
    page.fill("#count-quality-control", "2")
    page.fill("#ai-quality-control", "3")
    page.click("button.btn-primary")
    assert "多于实例总数" in page.content()
    page.fill("#ai-quality-control", "1")
    page.click("button.btn-primary")
    assert len(SelfAssessment.objects.get().facts["scenario_instances"]) == 2


def test_a_refused_page_puts_the_focus_on_what_is_wrong(page_for, person, assessment):
    page = page_for(person)
    page.goto(reverse("assessment_part", args=[assessment.public_id, "facts"]))
    page.fill("#id_industry", "钢铁")
    page.click("button.btn-primary")
    assert "改正" in page.evaluate("document.activeElement.innerText")
    page.locator(".yan-slip.fix a").first.click()
    assert page.url.endswith("#id_industry")


def test_printing_leaves_only_the_paper(page_for, person, assessment):
    page = page_for(person)
    page.goto(reverse("assessment_result", args=[assessment.public_id]))
    page.emulate_media(media="print")
    assert not page.locator(".yan-mast").is_visible()
    assert not page.locator(".yan-acts").first.is_visible()
    assert page.locator(".yan-ladder").is_visible()
