"""A new year's edition, entered through the policy desk alone, from the clone of 2025 to a sealed list."""

import re

import pytest
from django.urls import reverse

from assessment import edition_rules
from assessment.facts import Facts
from assessment.models import Edition, EditionDraft
from assessment.rules import evaluate
from declarations import deadlines
from declarations.models import Declaration, Track
from recommendations.models import RecommendationList
from smartfactory import verification
from smartfactory.models import Authority, Role
from tests.factories import declarations as filing
from tests.factories import recommendations as make
from tests.factories.organisations import make_enterprise, make_member
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db
TRACK = "2026-excellence"


def enter(desk):
    """Bands of the quota, a deadline and two conditions, as an officer types them."""
    draft = desk.clone(number="工信厅联通装函〔2026〕1号", paper="关于开展2026年度行动的通知", issued="2026-06-19")
    verified = {"standing": "official", "source": "notice-2026"}
    for low, values in {
        1: {"high": "12", "limit": "45", "basis": "工业增加值第 1 至 12 位，不超过 45 个"},
        11: {"low": "13", "high": "22", "limit": "33", "basis": "工业增加值第 13 至 22 位，不超过 33 个"},
        21: {"low": "23", "limit": "22", "basis": "其他省（区、市），不超过 22 个"},
    }.items():
        path = desk.row(draft, "quotas", "quotas", track=TRACK, kind="province", low=low)
        assert desk.save(draft, "quotas", path, clause="二（二）2", **values, **verified).status_code == 302
    path = desk.row(draft, "campaign", "deadlines", track=TRACK, stage="enterprise")
    desk.save(draft, "campaign", path, at="2099-07-18T23:59:59+08:00", **verified)
    path = desk.row(draft, "campaign", "deadlines", track=TRACK, stage="recommender")
    desk.save(draft, "campaign", path, at="2099-08-01T23:59:59+08:00", **verified)
    path = desk.row(draft, "conditions", "conditions", code="2026-EXC-MAT-01")
    desk.save(draft, "conditions", path, text="成熟度达到四级及以上", params="level: 4", **verified)
    path = desk.row(draft, "conditions", "conditions", code="2026-EXC-AI-02")
    desk.save(draft, "conditions", path, text="应用人工智能的场景实例占比不低于 25%", params="percent: 25", **verified)
    return draft


def test_from_the_clone_to_the_sealed_list(desk, other_desk, client_for, run_jobs, monkeypatch):
    # Only the deadline typed at the desk counts here.
    monkeypatch.setattr(filing, "extend_deadline", lambda *anything: None)
    draft = enter(desk)
    desk.act(draft, "propose")
    assert other_desk.act(draft, "publish").status_code == 302
    track = Track.objects.get(code=TRACK)
    judged_by_the_new_conditions()
    assert deadlines.resolve(track, "enterprise").at.year == 2099

    declaration = filed(client_for)
    unit = Authority.objects.get(code="990000")
    official, sealer = make.make_desk("990000").official, make.person(unit, Role.SEALER)
    one = listed(client_for(official), declaration)
    sealed = close(client_for(official), client_for(sealer), one)
    run_jobs()
    assert sealed.seal.content["quota"]["limit"] == sealed.quota_limit == 45
    assert sealed.seal.content["quota"]["clause"].endswith("二（二）2")
    assert Declaration.objects.get(pk=declaration.pk).status == "recommended"
    assert verification.check(sealed.seal.code).status == "intact"
    # The year before is as it was.
    assert Track.objects.get(code="2025-excellence").quota_rules.get(low=1).limit == 40


def judged_by_the_new_conditions():
    for code, level, wanted in (("2025", 3, "met"), ("2026", 3, "unmet"), ("2026", 4, "met")):
        rules = edition_rules.from_edition(Edition.objects.get(code=code))
        found = evaluate(rules, Facts(maturity_level=level), "EXCELLENCE").tiers["EXCELLENCE"].results
        assert {one.rule.code: one.status for one in found}[f"{code}-EXC-MAT-01"] == wanted


def filed(client_for):
    """Begun on the page that offers the new track, filled, submitted before the new deadline, taken up, qualified."""
    enterprise = make_enterprise(authority=Authority.objects.get(code="990101"))
    preparer = make_member(Role.PREPARER, enterprise=enterprise)
    client = client_for(preparer)
    assert "2026年度卓越级智能工厂" in said(client.get(reverse("declaration_list")))
    client.post(reverse("declaration_start", args=[TRACK]), {"enterprise": enterprise.public_id})
    declaration = Declaration.objects.get(enterprise=enterprise, track__code=TRACK)
    filing.fill(declaration, actor=preparer)
    filing.submit(declaration)
    filing.advance(declaration, "take_up")
    filing.advance(declaration, "qualify")
    return Declaration.objects.get(pk=declaration.pk)


def listed(client, declaration):
    client.post(reverse("list_open"), {"track": TRACK, "authority": "990000"})
    one = RecommendationList.objects.get(track__code=TRACK)
    page = client.get(reverse("list_detail", args=[one.public_id]))
    assert "45" in said(page)
    version = RecommendationList.objects.get(pk=one.pk).version
    data = {"declaration": declaration.public_id, "version": version}
    assert client.post(reverse("list_add", args=[one.public_id]), data).status_code == 302
    return one


def close(official, sealer, one):
    one.refresh_from_db()
    official.post(reverse("list_freeze", args=[one.public_id]), {"version": one.version})
    address = reverse("list_seal", args=[one.public_id])
    ticks = re.findall(r'name="tick"\s+value="([^"]+)"', sealer.get(address).content.decode())
    one.refresh_from_db()
    data = {"version": one.version, "password": make.PASSWORD, "count": "1", "tick": ticks}
    response = sealer.post(address, data)
    assert response.status_code == 302, said(response)
    return RecommendationList.objects.get(pk=one.pk)


def test_what_the_officer_did_can_be_read_in_the_report(desk):
    draft = enter(desk)
    report = desk.client.get(reverse("policy_draft_changes", args=[draft.public_id])).context["report"]
    changed = {one.title for one in report.changes if one.kind == "changed"}
    assert {
        "成熟度达到四级及以上",
        "应用人工智能的场景实例占比不低于 25%",
        "工业增加值第 1 至 12 位，不超过 45 个",
    } <= changed
    assert EditionDraft.objects.get(pk=draft.pk).status == "drafting"
