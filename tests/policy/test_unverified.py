"""What is not verified, what is missing to it, and how several rows are vouched for at once."""

import json

import pytest
from django.urls import reverse

from assessment import unverified
from assessment.models import Edition, EditionDraft
from smartfactory.models import AuditEntry
from tests.policy.conftest import said

pytestmark = pytest.mark.django_db


def test_every_rule_without_an_original_says_what_is_missing(edition):
    found = {one.chapter.name: one.rows for one in unverified.listed(edition.source)}
    assert {one.missing for one in found["edition"]} >= {"《智能工厂梯度培育要素条件（2025年版）》的原文没有取得"}
    assert {one.missing for one in found["conditions"]} >= {unverified.ONLY_WEB, unverified.UNREAD}
    assert all(one.standing != "official" for rows in found.values() for one in rows)
    assert "tiers" not in found or all(one.title for one in found["tiers"])


def test_the_page_is_everybodys(client, policy):
    page = said(client.get(reverse("policy_doubts", args=["2025"])))
    assert "还缺什么" in page
    assert client.get(reverse("policy_doubts", args=["2099"])).status_code == 404


def test_rows_are_vouched_for_together(desk, other_desk):
    draft = desk.clone(number="工信厅联通装函〔2026〕1号", paper="关于开展2026年度行动的通知")
    address = reverse("policy_draft_doubts", args=[draft.public_id])
    data = {"chapter": "quotas", "version": "1", "standing": "official", "source": "notice-2026"}
    assert "请先勾选" in said(desk.client.post(address, data))
    assert desk.client.post(address, data | {"row": ["quotas.0", "quotas.1"]}).status_code == 302
    rows = {one.chapter.name: one.rows for one in unverified.listed(chapters_of(draft))}["quotas"]
    assert {"quotas.0", "quotas.1"}.isdisjoint(one.path for one in rows)
    body = json.loads(AuditEntry.objects.get(act="editiondraft.vouch").body)
    assert body["row"] == "quotas.0、quotas.1"
    late = other_desk.client.post(address, data | {"row": ["quotas.2"]})
    assert late.status_code == 409
    assert 'value="quotas.2" aria-label' in said(late)
    assert other_desk.client.post(address, data | {"row": ["quotas.99"], "version": "2"}).status_code == 409
    assert not Edition.objects.filter(code="2026").exists()


def chapters_of(draft):
    from assessment.drafting import documents

    return documents.read(EditionDraft.objects.get(pk=draft.pk))
