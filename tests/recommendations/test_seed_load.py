"""Bulk data: the same for the same seed, sound across tables, and never on a real installation."""

import io

import pytest
from django.core.management import CommandError, call_command

from declarations import content
from declarations.models import Declaration, Track
from recommendations import invariants
from recommendations.demo import book
from smartfactory.models import AuditEntry, Job

pytestmark = pytest.mark.usefixtures("policy")


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.DEMO = True


def sow(count=60, seed=3):
    out = io.StringIO()
    call_command("seed_load", enterprises=count, seed=seed, stdout=out)
    return out.getvalue()


def test_bulk_data_cover_statuses_and_tracks_and_hold_together():
    assert "申报书 60 份" in sow()
    rows = Declaration.objects.all()
    wanted = {"draft", "submitted", "in_review", "returned", "qualified", "rejected", "reserved"}
    assert wanted <= set(rows.values_list("status", flat=True))
    known = Track.objects.filter(code__in=book.world()["bulk_tracks"]).values_list("pk", flat=True)
    assert set(rows.values_list("track_id", flat=True)) == set(known)
    filed = rows.exclude(latest_revision=None)
    assert filed.filter(status="draft").count() == 0
    one = filed.select_related("enterprise", "track", "latest_revision").last()
    frozen, now = one.latest_revision.content, content.payload(one)
    assert frozen["enterprise"] == now["enterprise"]
    assert frozen["sections"]["scenarios"]["instances"] == now["sections"]["scenarios"]["instances"]
    assert invariants.check() == []
    assert not Job.objects.filter(kind="declaration_pdf").exists()


def test_the_same_seed_is_written_once():
    sow(12, 5)
    before = (Declaration.objects.count(), AuditEntry.objects.count())
    assert "没有改动" in sow(12, 5)
    assert (Declaration.objects.count(), AuditEntry.objects.count()) == before
    sow(12, 6)
    assert Declaration.objects.count() == before[0] + 12


def test_refused_on_a_real_installation(settings):
    settings.DEMO = settings.LOCAL = False
    with pytest.raises(CommandError, match="DEBUG=1"):
        sow()
