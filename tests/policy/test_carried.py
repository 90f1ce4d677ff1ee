"""What a clone brought along of last year's dates is listed until it is changed."""

import pytest
from django.urls import reverse

from assessment.drafting import carried, documents
from assessment.models import Edition, EditionDraft

pytestmark = pytest.mark.django_db


def rows(draft):
    fresh = EditionDraft.objects.get(pk=draft.pk)
    return [
        ((one.chapter.name, one.title), one.dates) for one in carried.listed(documents.read(fresh), draft.base.source)
    ]


def test_deadlines_and_years_of_the_form_are_listed(draft):
    found = rows(draft)
    finances = next(dates for (chapter, title), dates in found if chapter == "form" and "财务" in title)
    assert finances == tuple(str(year) for year in finances_of("2025"))
    assert any("2024" in dates for (chapter, _), dates in found if chapter == "quotas")
    assert any(chapter == "campaign" for (chapter, _), _ in found)


def finances_of(code):
    forms = Edition.objects.get(code=code).source["form"]["forms"]
    fields = (row for form in forms for part in form["sections"] for row in part["fields"])
    table = next(row for row in fields if row["key"] == "finances")
    return next(one["params"]["years"] for one in table["columns"] if one["key"] == "year")


def test_page_leads_to_each_and_forgets_what_was_changed(desk, draft):
    page = desk.client.get(reverse("policy_draft", args=[draft.public_id])).content.decode()
    before = rows(draft)
    assert f"还带着旧年份的 {len(before)} 条" in page
    path = desk.row(draft, "campaign", "deadlines", stage="enterprise")
    assert reverse("policy_draft_row", args=[draft.public_id, "campaign", path]) in page
    desk.save(draft, "campaign", path, at="2026-07-18T23:59:59+08:00")
    page = desk.client.get(reverse("policy_draft", args=[draft.public_id])).content.decode()
    assert len(rows(draft)) < len(before)
    assert f"还带着旧年份的 {len(rows(draft))} 条" in page


def test_texts_and_numbers_are_no_dates():
    row = {
        "key": "x",
        "params": {"max": "12024", "min": "2023", "text": "12020-1", "old": "1949", "far": "2040"},
        "note": "2024 年通知",
    }
    assert list(carried._dates(row, 2025)) == ["2023"]
    assert list(carried._dates({"at": "2025-07-18T23:59:59+08:00"}, 2025)) == ["2025-07-18"]
