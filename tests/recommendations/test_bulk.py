"""Acts on many: what would happen is shown first, each row is done alone, and what became of it is kept."""

import re

import pytest

from declarations.models import Declaration
from recommendations.models import BulkRow, BulkRun, Duty, Outcome
from recommendations.queue import bulk
from smartfactory import workflow
from smartfactory.models import AuditEntry, JobState
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_authority

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(province):
    """Two that wait to be taken up, one in review whose checks are ticked, one whose are not."""
    first = make_declaration(status="submitted")
    ticked, bare = make_declaration(status="in_review"), make_declaration(status="in_review")
    make.tick_all(ticked, province.official)
    return [first, *make.copies(first, 1), ticked, bare]


@pytest.fixture
def official(province, client_for):
    return client_for(province.official)


def ids(rows):
    return [one.public_id for one in rows]


def fields(text):
    return {
        "token": re.search(r'name="token" value="(\w+)"', text)[1],
        "row": re.findall(r'name="row" value="([\w:]+)"', text),
        "member": re.search(r'name="member" value="(\w*)"', text)[1],
    }


def preview(client, rows, act, **more):
    answer = client.post("/reviews/bulk/", {"act": act, "pick": ids(rows), **more})
    assert answer.status_code == 200
    return answer.content.decode()


def outcomes():
    return list(BulkRow.objects.values_list("outcome", flat=True))


def test_preview_says_of_each_what_will_happen_and_changes_nothing(official, rows):
    text = preview(official, rows, "qualify")
    assert "选中 4 份，能办 1 份" in text
    assert "审核通过 1 份" in text
    assert text.count("现在是“待受理”，不能审核通过") == 2
    assert "还没有勾选通过" in text
    assert [one.split(":")[0] for one in fields(text)["row"]] == [rows[2].public_id]
    assert not BulkRun.objects.exists()
    assert not Declaration.objects.filter(status="qualified").exists()


def test_confirmed_rows_are_done_each_with_its_entry(official, rows, run_jobs):
    sent = fields(preview(official, rows, "take_up"))
    answer = official.post("/reviews/bulk/start/", {"act": "take_up", **sent})
    assert "等着办 2 份" in official.get(answer.url).content.decode()
    run_jobs()
    assert outcomes() == [Outcome.DONE, Outcome.DONE]
    assert "办完了：已办 2 份" in official.get(answer.url).content.decode()
    assert AuditEntry.objects.filter(act="declaration.take_up", outcome="ok").count() >= 2
    assert AuditEntry.objects.filter(act="bulk.start").count() == 1


def test_pressing_twice_is_one_run(official, rows, run_jobs):
    sent = fields(preview(official, rows, "take_up"))
    first, second = (official.post("/reviews/bulk/start/", {"act": "take_up", **sent}) for _ in range(2))
    assert first.url == second.url
    assert BulkRun.objects.count() == 1
    run_jobs()
    assert outcomes() == [Outcome.DONE] * 2


def test_what_a_colleague_changed_meanwhile_is_left_and_named(province, official, rows, run_jobs):
    sent = fields(preview(official, rows, "take_up"))
    official.post("/reviews/bulk/start/", {"act": "take_up", **sent})
    workflow.fire(rows[1], "take_up", actor=make.colleague(province), version=rows[1].version)
    run_jobs()
    assert sorted(outcomes()) == [Outcome.CHANGED, Outcome.DONE]


def test_what_is_no_longer_possible_is_named(province, official, rows, run_jobs):
    sent = fields(preview(official, rows, "qualify"))
    review = rows[2].reviews.get()
    review.checks = {}
    review.save()
    answer = official.post("/reviews/bulk/start/", {"act": "qualify", **sent})
    run_jobs()
    assert outcomes() == [Outcome.BLOCKED]
    assert BulkRun.objects.get().job.state == JobState.READY
    assert "还没有勾选通过" in official.get(answer.url).content.decode()


def test_who_lost_the_desk_meanwhile_changes_nothing_and_it_is_recorded(province, official, rows, run_jobs):
    sent = fields(preview(official, rows, "take_up"))
    official.post("/reviews/bulk/start/", {"act": "take_up", **sent})
    province.official.memberships.update(is_active=False)
    run_jobs()
    assert outcomes() == [Outcome.REFUSED] * 2
    assert AuditEntry.objects.filter(act="bulk.take_up", outcome="refused").count() == 2
    assert Declaration.objects.filter(status="submitted").count() == 2


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(province, official, rows, run_jobs, monkeypatch):
    sent = fields(preview(official, rows, "take_up"))
    official.post("/reviews/bulk/start/", {"act": "take_up", **sent})
    act, calls = bulk._act, []

    def once(row, run):
        calls.append(row.pk)
        if len(calls) == 2:
            raise RuntimeError("the machine stopped")
        act(row, run)

    monkeypatch.setattr(bulk, "_act", once)
    run_jobs()
    assert sorted(outcomes()) == [Outcome.DONE, Outcome.WAITING]
    monkeypatch.setattr(bulk, "_act", act)
    run_jobs()
    assert outcomes() == [Outcome.DONE] * 2
    assert AuditEntry.objects.filter(act="declaration.take_up", subject__endswith=f":{rows[0].pk}").count() == 1


def test_everything_the_filters_find_may_be_given_to_a_colleague(province, official, rows, run_jobs):
    other = make.colleague(province)
    asked = {"every": "1", "query": "status=submitted", "member": str(other.pk)}
    text = preview(official, [], "give", **asked)
    assert f"交给{other.display} 2 份" in text
    official.post("/reviews/bulk/start/", {"act": "give", **fields(text)})
    run_jobs()
    assert set(Duty.objects.filter(user=other).values_list("declaration", flat=True)) == {one.pk for one in rows[:2]}
    assert "已经是这样" in preview(official, rows[:2], "give", member=str(other.pk))


def test_no_more_than_may_be_done_at_once(province, official, rows, monkeypatch):
    monkeypatch.setattr("recommendations.queue.bulk.rules", lambda: type("R", (), {"bulk": 3}))
    assert "选中 3 份" in preview(official, rows, "take_up")


@pytest.mark.parametrize("sent", [
    {"act": "reject"}, {"act": "return_"}, {"act": "recommend"}, {"act": "take_up"}, {}, {"act": "give", "member": "0", "pick": "x"},
    {"act": "take_up", "pick": "0" * 32},
])  # fmt: skip
def test_what_needs_a_reason_or_names_nothing_leads_back_in_words(official, rows, sent):
    answer = official.post("/reviews/bulk/", sent, follow=True)
    assert answer.status_code == 200
    assert "还没有选中" in answer.content.decode() or "没有选要办什么" in answer.content.decode()


def test_declarations_of_other_places_are_not_there(client_for, rows):
    stranger = make.person(make_authority("990102"), "official")
    answer = client_for(stranger).post("/reviews/bulk/", {"act": "take_up", "pick": ids(rows)}, follow=True)
    assert "还没有选中" in answer.content.decode()
    run = BulkRun.objects.create(authority=make_authority("990000"), by=stranger, act="take_up")
    assert client_for(stranger).get(f"/reviews/bulk/{run.public_id}/").status_code == 404
