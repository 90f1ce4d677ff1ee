"""The preview of the summary sheet says what the sealed sheet will say, and shows no whole phone number."""

import pytest
from django.urls import reverse

from recommendations import exports, ranking, sealing
from smartfactory.models import AuditEntry
from tests.factories import recommendations as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ranked():
    desk = make.make_desk()
    one = make.open_list(desk)
    ranking.add_entry(one, make.qualified(), actor=desk.official)
    return desk, one


def test_preview_and_sealed_sheet_say_the_same(ranked):
    desk, one = ranked
    before = exports.summary_sheet(sealing.preview(one, desk.official))
    one.refresh_from_db()
    after = exports.summary_sheet(make.sealed(one, desk).seal)
    assert (before.title, before.columns, before.rows, before.notes) == (
        after.title,
        after.columns,
        after.rows,
        after.notes,
    )


def test_preview_page_masks_phones_and_changes_nothing(ranked, client_for):
    desk, one = ranked
    entries = AuditEntry.objects.count()
    answer = client_for(desk.official).get(reverse("list_preview", args=[one.public_id]))
    words = answer.content.decode()
    assert "还没有封存" in words
    assert "100****0107" in words
    assert "10000000107" not in words
    assert AuditEntry.objects.count() == entries


def test_an_empty_list_says_what_to_do(client_for):
    desk = make.make_desk()
    answer = client_for(desk.official).get(reverse("list_preview", args=[make.open_list(desk).public_id]))
    assert "名单里还没有项目" in answer.content.decode()


def test_a_sealed_list_shows_its_real_sheet(ranked, client_for):
    desk, one = ranked
    one.refresh_from_db()
    make.sealed(one, desk)
    answer = client_for(desk.official).get(reverse("list_preview", args=[one.public_id]))
    assert answer.url.endswith("summary-sheet.pdf")
