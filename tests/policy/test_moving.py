"""Drafts move to the next edition and are told what changes; what was submitted never moves."""

import json

import pytest
from django.urls import reverse

from declarations import content, moving, services
from declarations.models import Deadline, Declaration, Track
from smartfactory.models import AuditEntry
from smartfactory.workflow import StaleState
from tests.factories import declarations as filing
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def declaration(policy):
    """A filled draft of 2024; the track of 2025 takes declarations now."""
    made = filing.make_declaration()
    Deadline.objects.create(
        track=Track.objects.get(code="2025-excellence"), authority=made.receiver, stage="enterprise",
        at="2099-01-01T00:00:00+08:00", clause="测试用", reason="测试用",
    )  # fmt: skip
    return made


def address(declaration):
    return reverse("declaration_move", args=[declaration.public_id])


def typed(declaration):
    return {row.key: row.data for row in declaration.contents.all()}


def test_the_report_names_what_goes_and_what_is_asked_anew(declaration, client_for):
    preparer, _, _ = filing.people_of(declaration)
    services.save_section(declaration, "factory", {"prior_missing": "尚未评定"}, version=1, actor=preparer)
    found = moving.report(declaration, Track.objects.get(code="2025-excellence"))
    assert found.kept > 30
    assert "智能制造能力成熟度" not in {one.label for one in found.gone}
    assert "已获评先进级智能工厂" in {one.title for one in found.rules}
    page = said(client_for(preparer).get(address(declaration)))
    assert "转到2025年度卓越级智能工厂" in page
    assert "原则上" in page


def test_the_move_keeps_every_word(declaration, client_for):
    preparer, _, _ = filing.people_of(declaration)
    before = typed(declaration)
    data = {"track": "2025-excellence", "version": declaration.version}
    response = client_for(preparer).post(address(declaration), data)
    assert response.status_code == 302
    moved = Declaration.objects.get(pk=declaration.pk)
    assert (moved.track.code, moved.number.startswith("ZY-2025"), moved.status) == ("2025-excellence", True, "draft")
    assert typed(moved) == before
    body = json.loads(AuditEntry.objects.get(act="declaration.move").body)
    assert (body["from"], body["to"]) == ("2024-excellence", "2025-excellence")
    assert client_for(preparer).get(reverse("declaration_detail", args=[moved.public_id])).status_code == 200
    for section in content.describe(moved.track).sections:
        page = client_for(preparer).get(reverse("declaration_section", args=[moved.public_id, section.key]))
        assert page.status_code == 200


def test_it_can_be_filed_under_the_new_edition(declaration):
    preparer, _, _ = filing.people_of(declaration)
    moved = moving.move(declaration, "2025-excellence", version=declaration.version, actor=preparer)
    moved.evidence.all().delete()
    moved.instances.all().delete()
    filing.fill(moved, actor=preparer)
    assert filing.submit(moved).status == "submitted"


@pytest.mark.parametrize("status", ["submitted", "in_review", "returned", "qualified"])
def test_what_was_submitted_never_moves(declaration, client_for, status):
    other = filing.make_declaration(status=status)
    preparer, _, _ = filing.people_of(other)
    response = client_for(preparer).post(address(other), {"track": "2025-excellence", "version": other.version})
    assert response.status_code == 422
    assert Declaration.objects.get(pk=other.pk).track.code == "2024-excellence"
    assert "提交过的申报书不转" in said(client_for(preparer).get(address(other)))


def test_what_was_submitted_and_withdrawn_does_not_move_either(declaration):
    from smartfactory import workflow

    other = filing.make_declaration(status="submitted")
    preparer, _, _ = filing.people_of(other)
    back = workflow.fire(other, "withdraw", actor=preparer, version=other.version)
    assert back.status == "draft"
    with pytest.raises(moving.NoMove):
        moving.move(back, "2025-excellence", version=back.version, actor=preparer)


def test_not_to_a_track_that_is_closed_taken_or_of_another_tier(declaration, client_for):
    preparer, _, _ = filing.people_of(declaration)
    for code in ("2025-pioneer", "2024-excellence", "2025-basic", "nowhere"):
        with pytest.raises(moving.NoMove):
            moving.target(declaration, code)
    Declaration.objects.create(enterprise=declaration.enterprise, track=Track.objects.get(code="2025-excellence"),
                               status="draft", created_by=preparer)  # fmt: skip
    assert moving.targets(declaration) == []
    assert "没有可以转过去的新版次" in said(client_for(preparer).get(address(declaration)))


def test_a_stale_page_moves_nothing(declaration):
    preparer, _, _ = filing.people_of(declaration)
    with pytest.raises(StaleState):
        moving.move(declaration, "2025-excellence", version=declaration.version + 1, actor=preparer)
    assert Declaration.objects.get(pk=declaration.pk).track.code == "2024-excellence"


def test_drafts_follow_an_amendment_by_themselves(desk, other_desk, declaration):
    from assessment.models import EditionDraft

    why = {"authority": "ministry", "dated": "2024-11-01", "reason": "字数写错", "paper": "更正"}
    desk.client.post(reverse("policy_amend", args=["2024"]), why)
    draft = EditionDraft.objects.get(code="2024")
    before = content.describe(declaration.track).section("factory").by_key["summary"].max_chars
    fields = content.describe(declaration.track).section("factory").fields
    place = next(n for n, one in enumerate(fields) if one.key == "summary")
    path = desk.row(draft, "form", "forms")
    doc_path = next(
        f"{path}.sections.{s}.fields.{f}"
        for s, section in enumerate(_sections(draft))
        for f, field in enumerate(section["fields"])
        if field["key"] == "summary"
    )
    assert place >= 0
    desk.save(draft, "form", doc_path, max_chars=str(before + 7))
    desk.act(draft, "propose")
    assert other_desk.act(draft, "publish").status_code == 302
    track = Track.objects.get(code="2024-excellence")
    assert content.describe(track).section("factory").by_key["summary"].max_chars == before + 7
    assert Declaration.objects.get(pk=declaration.pk).track_id == track.pk


def _sections(draft):
    from assessment.drafting import documents

    return documents.read(draft)["form"]["forms"][0]["sections"]
