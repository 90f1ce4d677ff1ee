"""The questionnaire in a real browser, without scripts, and what accessibility tools find on its pages."""

import pytest
from django.urls import reverse

from assessment.maturing import service
from assessment.models import SubdomainAnswers
from smartfactory.models import Role
from tests.assessment import maturing as make
from tests.assessment.maturing import address
from tests.factories.organisations import make_enterprise, make_member
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person():
    return make_member(Role.PREPARER, enterprise=make_enterprise())


def test_a_sub_domain_is_answered_without_scripts(page_for, person):
    attempt = service.start(person.memberships.get().enterprise, make.standard(), "discrete", person)
    page = page_for(person, java_script_enabled=False)
    page.goto(address("part", attempt, "P1"))
    page.locator("#q-1\\.1").get_by_label("大部分满足").check()
    page.locator("#note-1\\.1").fill("发展规划")
    page.get_by_role("button", name="保存，回到目录").click()
    page.get_by_text("“组织战略”已保存").wait_for()
    row = SubdomainAnswers.objects.get(attempt=attempt, code="P1")
    assert (row.marks, row.notes) == ({"1.1": "0.8"}, {"1.1": "发展规划"})


@pytest.mark.parametrize("viewport", [chromium.DESKTOP, chromium.PHONE], ids=["desktop", "phone"])
def test_no_serious_findings_and_no_sideways_scrolling(page_for, person, viewport):
    enterprise = person.memberships.get().enterprise
    make.finished(enterprise, person, level_marks={3: "0.5"})
    done = make.finished(enterprise, person, level_marks={3: "0.8", 4: "0"})
    draft = service.again(done, person)
    page = page_for(person, viewport=viewport, bypass_csp=True)
    places = [
        reverse("maturity_list"), reverse("maturity_start"), reverse("maturity_report_add"), address("detail", draft),
        address("part", draft, "M10"), address("part", done, "P1"), address("result", done), address("compare", done),
    ]  # fmt: skip
    found = {}
    for place in places:
        page.goto(place)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[place] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])
    assert {place: problems for place, problems in found.items() if problems} == {}
