"""A published edition is corrected by a dated amendment of two people, and by nothing else."""

import pytest
from django.urls import reverse

from assessment import loader
from assessment.drafting import checking
from assessment.models import Condition, Edition, EditionDraft, PublishedError
from declarations import content, deadlines
from declarations.models import Deadline, Track
from recommendations import quotas
from recommendations.models import LocalQuota, QuotaRule
from smartfactory.models import AuditEntry, Authority
from tests.factories import recommendations as make
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db
WHY = {
    "authority": "ministry",
    "dated": "2025-07-01",
    "reason": "附件取得后核对，名额写错",
    "paper": "工信厅联通装函〔2025〕251号更正",
}


@pytest.fixture
def amendment(desk, edition):
    response = desk.client.post(reverse("policy_amend", args=["2025"]), WHY)
    assert response.status_code == 302, said(response)
    return EditionDraft.objects.get(amends=edition)


def put_through(desk, other_desk, draft):
    assert desk.act(draft, "propose").status_code == 302
    response = other_desk.act(draft, "publish")
    assert response.status_code == 302, said(response)


def test_it_says_since_when_why_and_by_which_paper(desk, edition):
    for missing in ("dated", "reason", "paper"):
        response = desk.client.post(reverse("policy_amend", args=["2025"]), WHY | {missing: ""})
        assert response.status_code == 422, missing
    assert not EditionDraft.objects.exists()


def test_it_cannot_begin_before_the_edition_is_of(desk):
    response = desk.client.post(reverse("policy_amend", args=["2025"]), WHY | {"dated": "1999-01-01"})
    assert response.status_code == 422
    assert "早于版次的年度 2025" in said(response)


def test_nothing_changed_is_no_correction(desk, amendment):
    assert "没有要更正的" in said(desk.act(amendment, "propose"))


def test_once_published_nothing_is_to_be_mended_any_more(desk, other_desk, amendment):
    path = desk.row(amendment, "campaign", "deadlines", track="2025-excellence", stage="enterprise")
    desk.save(amendment, "campaign", path, at="2025-07-25T23:59:59+08:00")
    put_through(desk, other_desk, amendment)
    text = said(desk.client.get(reverse("policy_draft", args=[amendment.public_id])))
    assert "已发布" in text
    assert "要改正，改完才能发布" not in text


def test_the_rules_change_and_everything_that_hangs_on_the_tracks_stays(desk, other_desk, amendment, edition):
    city = Authority.objects.get(code="210000")
    make.cap_cities()
    declaration = make.qualified(track="2025-excellence")
    track = Track.objects.get(code="2025-excellence")
    own = Deadline.objects.create(
        track=track,
        authority=city,
        stage="enterprise",
        at="2025-07-10T00:00:00+08:00",
        clause="本市",
        reason="提前",
    )
    caps, before = set(LocalQuota.objects.values_list("pk", flat=True)), edition.digest
    form = content.describe(track)
    desk.save(amendment, "quotas", "quotas.0", limit="45", basis="第 1 至 10 位，不超过 45 个")
    path = desk.row(amendment, "campaign", "deadlines", track="2025-excellence", stage="enterprise")
    desk.save(amendment, "campaign", path, at="2025-07-25T23:59:59+08:00")
    put_through(desk, other_desk, amendment)
    edition.refresh_from_db()
    assert edition.is_published()
    assert edition.digest != before
    assert QuotaRule.objects.get(track=track, low=1).limit == 45
    assert quotas.resolve(track, Authority.objects.get(code="330000")).limit == 45
    assert deadlines.resolve(track, "enterprise").at.isoformat() == "2025-07-25T15:59:59+00:00"
    assert Deadline.objects.get(pk=own.pk).at == Deadline.objects.get(track=track, authority=city).at
    assert set(LocalQuota.objects.values_list("pk", flat=True)) == caps
    declaration.refresh_from_db()
    assert (declaration.track_id, declaration.status) == (track.pk, "qualified")
    again = content.describe(Track.objects.get(pk=track.pk))
    assert again.edition_digest == edition.digest
    assert [one.key for one in again.sections] == [one.key for one in form.sections]
    assert Condition.objects.filter(edition=edition).count() > 100


def test_who_was_submitted_keeps_what_was_said_then(desk, other_desk, amendment):
    declaration = make.qualified(track="2025-excellence")
    payload = declaration.latest_revision.payload
    path = desk.row(amendment, "conditions", "conditions", code="2025-COM-GEN-01")
    desk.save(amendment, "conditions", path, text="企业已纳入统计")
    put_through(desk, other_desk, amendment)
    declaration.latest_revision.refresh_from_db()
    assert declaration.latest_revision.payload == payload


def test_it_stays_as_a_record_that_everybody_can_read(client, desk, other_desk, amendment, edition):
    desk.save(amendment, "quotas", "quotas.0", limit="45")
    put_through(desk, other_desk, amendment)
    page = said(client.get(reverse("policy_edition", args=["2025"])))
    assert WHY["reason"] in page
    report = said(client.get(reverse("policy_amendment", args=["2025", amendment.public_id])))
    assert "<del>40</del>" in report
    assert "<ins>45</ins>" in report
    entry = AuditEntry.objects.get(act="editiondraft.publish")
    assert all(WHY[name] in entry.body for name in ("dated", "reason", "paper"))
    # The files the edition began with are not loaded over it.
    assert loader.load(loader.EDITIONS / "2025").outcome == "unchanged"
    assert QuotaRule.objects.get(track__code="2025-excellence", low=1).limit == 45


def test_tracks_are_neither_added_removed_nor_renamed(desk, amendment):
    path = desk.row(amendment, "campaign", "tracks", code="2025-basic")
    desk.save(amendment, "campaign", path, code="2025-base")
    assert any("不能增加、删去申报类别" in one.message for one in checking.faults(amendment))
    assert desk.act(amendment, "propose").status_code == 422


def test_an_extended_edition_is_corrected_in_place(desk, other_desk, policy):
    response = desk.client.post(reverse("policy_amend", args=["2024-hebei"]), WHY)
    assert response.status_code == 302
    draft = EditionDraft.objects.get(code="2024-hebei")
    desk.save(draft, "quotas", "caps.0", limit="6", basis="原则上不超过 6 个")
    put_through(desk, other_desk, draft)
    assert 6 in LocalQuota.objects.filter(track__code="2024-hebei-excellence").values_list("limit", flat=True)
    assert loader.load(loader.EDITIONS / "2024-hebei").outcome == "unchanged"


def test_without_an_amendment_nothing_moves(desk, other_desk, amendment, edition):
    desk.save(amendment, "quotas", "quotas.0", limit="45")
    desk.act(amendment, "propose")
    assert desk.act(amendment, "publish").status_code == 403
    rule = QuotaRule.objects.get(track__code="2025-excellence", low=1)
    rule.limit = 45
    with pytest.raises(PublishedError):
        rule.save()
    other_desk.act(amendment, "return")
    desk.act(amendment, "discard")
    assert Edition.objects.get(pk=edition.pk).digest == edition.digest


def test_a_correction_that_fails_half_way_leaves_the_edition_as_it_was(
    desk, other_desk, amendment, edition, monkeypatch
):
    from assessment.chapters import registry

    desk.save(amendment, "quotas", "quotas.0", limit="45")
    desk.act(amendment, "propose")

    def breaks(*anything):
        raise RuntimeError("the disk is full")

    good = registry._chapters["documents"]
    monkeypatch.setitem(registry._chapters, "documents", type(good)(**{**vars(good), "load": breaks}))
    with pytest.raises(RuntimeError):
        other_desk.act(amendment, "publish")
    assert Edition.objects.get(pk=edition.pk).is_published()
    assert QuotaRule.objects.get(track__code="2025-excellence", low=1).limit == 40
