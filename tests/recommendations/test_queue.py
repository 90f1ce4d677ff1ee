"""The queue: filters in the address, counts beside them, pages that stay, saved views, whose turn it is."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declarations.models import Deadline, Declaration, Track
from declarations.vocabulary import Status
from recommendations.models import Duty, SavedView
from recommendations.queue import duties, filters, saved
from recommendations.queue.page import Queue
from recommendations.queue.rules import rules
from smartfactory import presence, workflow
from smartfactory.models import AuditEntry, Authority
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_enterprise, make_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(province):
    """Twelve declarations: eight wait, two of them in review, in two cities and two industries."""
    first = make_declaration(status="submitted")
    made = [first, *make.copies(first, 9)]
    other = make_enterprise(authority=make_tree()["990102"])
    made += [make_declaration(status="in_review", enterprise=other)]
    made += make.copies(made[-1], 1)
    for place, one in enumerate(made):
        Declaration.objects.filter(pk=one.pk).update(industry="3670" if place % 2 else "1310", findings=place % 3)
    return made


@pytest.fixture
def official(province, client_for):
    return client_for(province.official)


def queue(user, **asked):
    return Queue(user, asked)


def page(client, **asked):
    answer = client.get("/reviews/", {"status": "", **asked})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


# What is asked


ASKED = [
    {}, {"status": "all"}, {"status": "in_review"}, {"industry": "3670"}, {"noted": "yes"}, {"place": "990102"},
    {"who": "me"}, {"who": "none"}, {"wait": "late"}, {"wait": "stuck"}, {"track": "2024-excellence", "industry": "1310"},
    {"track": "2025-pioneer"}, {"q": "澜州"}, {"since": "2020-01-01"}, {"until": "2020-01-01"}, {"place": "没有这个地方"},
]  # fmt: skip


def test_the_number_the_rows_and_the_counts_agree(province, rows):
    duties.give(rows[3], province.official.pk, version=1, actor=province.official)
    for asked in ASKED:
        found = queue(province.official, **asked)
        assert found.total == len(found.page.rows) == found.found.count(), asked
        values = {
            "status": found.statuses, "industry": found.industries, "noted": found.noted, "wait": found.waits,
            "who": found.holders, "track": found.of_tracks,
        }  # fmt: skip
        for name, choices in values.items():
            for one in choices:
                assert queue(province.official, **asked | {name: one.value}).total == one.count, (asked, name, one)


def test_words_are_found_in_code_name_number_and_title(province, rows):
    row = rows[4]
    row.title = "独一无二的工厂"
    row.save()
    for words in (row.enterprise.credit_code, row.enterprise.name, row.number.lower(), "独一无二"):
        assert [one.pk for one in queue(province.official, q=words).page.rows] == [row.pk], words


def test_rubbish_is_nothing_and_the_address_is_one_and_the_same(province, rows):
    rubbish = {
        "status": "x",
        "who": "9" * 40,
        "wait": "?",
        "noted": "maybe",
        "since": "2024-02-30",
        "sort": "--",
        "after": "1~x",
    }
    found = queue(province.official, **rubbish, before="٣~2024")
    assert found.query == filters.Query()
    assert found.query.text() == ""
    assert found.total == 12
    assert (
        filters.parse({"sort": "name", "q": " 澜 州 ", "status": "all"}).text()
        == "q=%E6%BE%9C+%E5%B7%9E&status=all&sort=name"
    )


def test_nothing_found_says_which_filter_to_loosen(province, rows, official):
    text = page(official, industry="3670", track="2025-pioneer")
    assert "没有符合条件的申报书" in text
    assert "不限类别：6 份" in text
    assert "不限行业" not in text
    assert "放宽任何一个条件也没有" in page(official, q="没有", track="2025-pioneer", industry="9999")


# Pages


@pytest.fixture
def five(monkeypatch):
    """Pages of five."""
    monkeypatch.setattr("recommendations.queue.page.rules", lambda: replace(rules(), page=5))


def test_pages_neither_lose_nor_repeat_a_row(province, rows, five):
    for sort in filters.SORTS:
        walk(province, sort)


def walk(province, sort):
    one = queue(province.official, sort=sort)
    seen, places = [row.pk for row in one.page.rows], []
    while one.page.after:
        places.append(one.page.after)
        one = queue(province.official, sort=sort, after=one.page.after)
        seen += [row.pk for row in one.page.rows]
    assert len(seen) == len(set(seen)) == 12
    assert len(places) == 2
    back = queue(province.official, sort=sort, before=one.page.before)
    assert [row.pk for row in back.page.rows] == seen[5:10]
    first = queue(province.official, sort=sort, before=back.page.before)
    assert [row.pk for row in first.page.rows] == seen[:5]
    assert first.page.before == ""


def test_a_page_begins_where_the_last_ended_though_rows_have_left(province, rows, five):
    one = queue(province.official, status="submitted")
    following = queue(province.official, status="submitted", after=one.page.after).page.rows
    for row in one.page.rows:
        workflow.fire(row, "take_up", actor=province.official, version=row.version)
    assert queue(province.official, status="submitted", after=one.page.after).page.rows == following


def test_the_queue_asks_as_often_for_one_as_for_many(province, official):
    first = make_declaration(status="submitted")
    grown, found = [first], {}
    for size in (1, 3, 70):
        grown += make.copies(first, size - len(grown))
        for asked in ({"q": "州"}, {"sort": "waiting", "status": "all"}, {"wait": "late"}):
            official.get("/reviews/", asked)
            with CaptureQueriesContext(connection) as asking:
                assert official.get("/reviews/", asked).status_code == 200
            found.setdefault(str(asked), set()).add(len(asking))
    assert all(len(one) == 1 and max(one) < 26 for one in found.values()), found


# Late and stuck


def test_what_is_beyond_its_deadline_is_said_with_the_date_of_its_stage(province, rows, official):
    track = Track.objects.get(code="2024-excellence")
    city = Authority.objects.get(code="990101")
    assert queue(province.official).waits[0].count == 12, "the national date of 2024 is over"
    Deadline.objects.create(
        track=track, authority=city, stage="city", at=timezone.now() + timedelta(days=3), clause="测试", reason="测试"
    )
    found = queue(province.official, wait="late")
    assert [row.enterprise.authority.code for row in found.page.rows] == ["990102"] * 2
    assert "超过期限" in page(official, place="990102")
    assert "超过期限</span>" not in page(official, place="990101")
    assert "市级审核" in page(official, place="990101")
    assert "2 份超过了本阶段的期限" in official.get("/").content.decode()


def test_what_waits_longer_than_most_is_named_where_there_is_a_most(province, rows, official):
    now = timezone.now()
    Declaration.objects.filter(status="submitted").update(status_at=now - timedelta(days=2))
    assert queue(province.official, wait="stuck").total == 0
    Declaration.objects.filter(pk=rows[2].pk).update(status_at=now - timedelta(days=2 * rules().times + 1))
    assert [one.pk for one in queue(province.official, wait="stuck").page.rows] == [rows[2].pk]
    assert "1 份等得比多数久" in official.get("/").content.decode()
    Declaration.objects.filter(pk__in=[one.pk for one in rows[4:]]).update(status="draft")
    assert queue(province.official, wait="stuck").total == 0, "too few to compare"


# Whose turn it is


def test_taking_giving_and_putting_back(province, rows, official, client_for):
    other, row = make.colleague(province), rows[0]
    address = f"/reviews/{row.public_id}/duty/"
    official.post(address, {"member": "me", "duty_version": 1})
    assert Duty.objects.get().user == province.official
    assert "我承办的（1）" in page(official)
    official.post(address, {"member": other.pk, "duty_version": 2})
    assert Duty.objects.get().user == other
    assert other.display in page(official, who=other.pk)
    client_for(other).post(address, {"member": "", "duty_version": 3})
    assert Duty.objects.get().user is None
    acts = AuditEntry.objects.filter(act="duty.give")
    assert [one.actor for one in acts.order_by("seq")] == [province.official, province.official, other]


def test_duty_is_refused_for_strangers_and_for_what_has_changed(province, rows, official):
    row, stranger = rows[0], make.make_desk("990102").official
    with pytest.raises(NotAllowed):
        duties.give(row, stranger.pk, version=1, actor=stranger)
    with pytest.raises(Blocked):
        duties.give(row, stranger.pk, version=1, actor=province.official)
    duties.give(row, province.official.pk, version=1, actor=province.official)
    duties.give(row, province.official.pk, version=1, actor=province.official)  # has it already
    other = make.colleague(province)
    with pytest.raises(StaleState):
        duties.give(row, other.pk, version=1, actor=other)
    answer = official.post(f"/reviews/{row.public_id}/duty/", {"member": other.pk, "duty_version": 1})
    assert answer.status_code == 409
    assert "同事刚改了承办人" in answer.content.decode()
    assert official.post(f"/reviews/{row.public_id}/duty/", {"member": "9" * 30, "duty_version": 2}).status_code == 422
    assert AuditEntry.objects.filter(act="duty.give").count() == 1


def test_each_desk_has_its_own(province, rows):
    city = make.make_desk("990101")
    duties.give(rows[0], province.official.pk, version=1, actor=province.official)
    duties.give(rows[0], city.official.pk, version=1, actor=city.official)
    assert Duty.objects.count() == 2
    assert queue(city.official, who="me").total == 1
    assert queue(province.official, who="me").total == 1


def test_colleagues_at_the_same_declaration_see_each_other_in_page_and_queue(province, rows, official, client_for):
    other, row = make.colleague(province), rows[0]
    client_for(other).post(f"/reviews/{row.public_id}/presence/")
    words = f"{other.display} 正在看这份"
    assert words in official.post(f"/reviews/{row.public_id}/presence/").content.decode()
    assert words in official.get(f"/reviews/{row.public_id}/").content.decode()
    assert words in page(official)
    presence.Presence.objects.update(seen_at=timezone.now() - presence.FRESH)
    assert words not in page(official)


# Saved views


def test_a_view_is_kept_opened_renamed_shared_and_deleted(province, rows, official, client_for):
    official.post("/reviews/views/", {"query": "place=990102&status=all&page=7", "name": "平岭全部"})
    view = SavedView.objects.get()
    assert view.query == "status=all&place=990102"
    assert 'aria-current="page">平岭全部' in page(official, status="all", place="990102")
    address = f"/reviews/views/{view.public_id}/"
    for act in ("default", "share"):
        view.refresh_from_db()
        official.post(address, {"act": act, "version": view.version})
    assert official.get("/reviews/").url == "/reviews/?status=all&place=990102"
    other = client_for(make.colleague(province))
    assert "平岭全部" in page(other)
    assert other.get("/reviews/").status_code == 200
    assert other.post(address, {"act": "remove", "version": 3}).status_code == 404
    official.post(address, {"act": "rename", "name": "平岭", "version": 3})
    stale = official.post(address, {"act": "remove", "version": 3})
    assert stale.status_code == 409
    assert "有了变化" in stale.content.decode()
    official.post(address, {"act": "remove", "version": 4})
    assert not SavedView.objects.exists()
    assert official.get("/reviews/").status_code == 200
    acts = ["view.keep", "view.default", "view.share", "view.rename", "view.remove"]
    assert (
        list(AuditEntry.objects.filter(act__startswith="view.").order_by("seq").values_list("act", flat=True)) == acts
    )


NAMES = [("", "还没有写名称"), ("长" * 31, "最多 30 个字"), ("旧的", "您已有叫")]


@pytest.mark.parametrize(("name", "words"), NAMES)
def test_a_name_that_cannot_be_is_said_and_kept(province, official, name, words):
    saved.keep(filters.Query(q="x"), "旧的", actor=province.official)
    answer = official.post("/reviews/views/", {"query": "q=y", "name": name})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert f'value="{name}"' in text
    assert 'value="q=y"' in text
    assert SavedView.objects.count() == 1


def test_only_one_view_is_the_default(province, official):
    first, second = (saved.keep(filters.Query(q=one), one, actor=province.official) for one in ("a", "b"))
    for one in (first, second):
        saved.make_default(one, True, version=1, actor=province.official)
    assert SavedView.objects.get(is_default=True).name == "b"


def test_what_was_filed_is_kept_for_the_queue(province):
    one = make_declaration(status=Status.SUBMITTED)
    fields = one.latest_revision.content["sections"]["applicant"]
    one.refresh_from_db()
    assert one.industry == fields["industry"].lstrip("ABCDEFGHIJKLMNOPQRST") != ""
    assert one.industry_name == fields["industry_name"]
