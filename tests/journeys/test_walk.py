"""The walk of the README in a real browser, on the demo data: with scripts and axe, and without scripts."""

import pytest

from declarations.models import Declaration
from recommendations.models import RecommendationList
from smartfactory import audit, documents, jobs
from smartfactory.models import Job, JobState
from tests.journeys.walk import FACTORY, Walk
from tests.support import browser as chromium

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def render_waiting(kind):
    for job in Job.objects.filter(kind=kind, state=JobState.PENDING):
        jobs.run(job.pk)


@pytest.fixture
def walk_with(demo, page_for, settings):
    """Return a function that makes a walk; everybody signs in once, through the form."""

    def make(picture=lambda page, name: None, **options):
        people = {}

        def sign_in(name):
            if name not in people:
                people[name] = page = page_for(**options)
                page.goto("/login/")
                page.get_by_role("textbox", name="账号").fill(name)
                page.get_by_label("密码").fill(settings.DEMO_PASSWORD)
                page.get_by_role("main").get_by_role("button", name="登录").click()
            people[name].goto("/")
            return people[name]

        def visit(path, viewport):
            page = page_for(viewport=viewport, **options)
            page.goto(path)
            return page

        return Walk(sign_in, visit, settings.DEMO_PASSWORD, picture)

    return make


def test_from_draft_to_the_experts_packet(walk_with):
    findings = {}

    def look(page, name):
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        findings[name] = chromium.serious(page) + ([f"{wide}px too wide"] if wide > 0 else [])

    walk = walk_with(look, bypass_csp=True)
    walk.until_verified()
    render_waiting("declaration_desk_copy")
    walk.download()
    walk.look_back()
    assert {name: found for name, found in findings.items() if found} == {}
    assert len(findings) > 15
    filed = Declaration.objects.get(enterprise__name=FACTORY, track__code="2024-excellence")
    sealed = RecommendationList.objects.get(authority__code="990000", track__code="2024-excellence")
    assert (filed.status, sealed.status) == ("recommended", "sealed")
    assert sealed.seal.content["entries"][0]["enterprise"] == FACTORY
    packet = walk.packet.read_bytes()
    assert documents.page_count(packet) > len(sealed.seal.content["entries"]) * 4
    assert audit.verify() == []


def test_the_main_job_needs_no_scripts(walk_with):
    walk = walk_with(java_script_enabled=False)
    walk.fill()
    walk.submit()
    walk.review()
    walk.list_and_seal("city", "citysealer", "city")
    walk.list_and_seal("province", "sealer", "province")
    walk.verify()
    assert RecommendationList.objects.get(authority__code="990000", track__code="2024-excellence").status == "sealed"
