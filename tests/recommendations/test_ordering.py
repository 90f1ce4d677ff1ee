"""次序说明: which places in the order ask for a reason, and that nothing is frozen before it is written."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as some

from recommendations import ordering, ranking
from recommendations.models import Entry, RecommendationList
from smartfactory import workflow
from smartfactory.models import AuditEntry
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make


def listing(*points, sources=()):
    """Entries with these points in this order; `sources` gives (lower list, rank there) by place."""
    below = dict(enumerate(sources))
    return [
        SimpleNamespace(
            pk=place, rank=place + 1, declaration_id=place, points=None if one is None else Decimal(one), order_reason="",
            order_about="", source=_source(below.get(place)),
            declaration=SimpleNamespace(number=f"N{place}", enterprise=SimpleNamespace(name=f"企业{place}")),
        )
        for place, one in enumerate(points)
    ]  # fmt: skip


def _source(pair):
    return SimpleNamespace(list_id=pair[0], rank=pair[1]) if pair else None


def asked(entries):
    return {
        one.entry.pk: tuple([other.pk for other in group] for group in (one.passed, one.behind, one.tied))
        for one in ordering.departures(entries)
    }


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((), {}),
        ((90,), {}),
        ((90, 80, 70), {}),
        ((70, 90, 80), {0: ([1, 2], [], [])}),
        ((80, 70, 90), {2: ([], [0, 1], [])}),
        ((90, None, 95), {0: ([2], [], [])}),
        ((90, 90, 80), {0: ([], [], [1])}),
        ((None, None), {}),
        ((60, 90, 60), {0: ([1], [], [2])}),
    ],
    ids=["none", "one", "in order", "jumped ahead", "fell behind", "no points", "tie", "nothing scored", "both"],
)
def test_as_few_as_possible_are_asked(points, expected):
    assert asked(listing(*points)) == expected


def test_a_tie_the_lower_list_has_settled_is_not_asked_again():
    assert asked(listing(90, 90, sources=[(1, 2), (1, 5)])) == {}
    assert asked(listing(90, 90, sources=[(1, 5), (1, 2)])) == {0: ([], [], [1])}
    assert asked(listing(90, 90, sources=[(1, 1), (2, 1)])) == {0: ([], [], [1])}


@given(some.lists(some.integers(0, 12), max_size=14))
def test_without_those_asked_for_moves_the_rest_is_in_score_order(points):
    entries = listing(*points)
    moved = {one.entry.pk for one in ordering.departures(entries) if one.passed or one.behind}
    rest = [one.points for one in entries if one.pk not in moved]
    assert rest == sorted(rest, reverse=True)
    assert len(rest) == len(ordering.in_score_order(entries)) == _longest(points)


def _longest(points):
    """The slow way, to compare with."""
    best = []
    for place, one in enumerate(points):
        best.append(1 + max((best[before] for before in range(place) if points[before] >= one), default=0))
    return max(best, default=0)


@pytest.fixture
def ranked(province, listed):
    """Three projects at 70, 90 and 80 points; the first stands where it should not."""
    one = listed(3)
    for entry, points in zip(one.entries.all(), (70, 90, 80), strict=True):
        Entry.objects.filter(pk=entry.pk).update(points=points, order_reason="", order_about="")
    return one


@pytest.fixture
def official(client_for, province):
    return client_for(province.official)


def first(one):
    return one.entries.select_related("declaration__enterprise").get(rank=1)


def test_frozen_only_with_a_reason(ranked, province):
    with pytest.raises(Blocked) as stopped:
        workflow.fire(ranked, "freeze", actor=province.official, version=ranked.version)
    assert "第 1 名的次序与参考分不一致" in stopped.value.problems[0].message
    ranking.explain(ranked, {first(ranked).pk: "现场核查更成熟"}, actor=province.official, version=ranked.version)
    assert workflow.fire(ranked, "freeze", actor=province.official, version=ranked.version).status == "frozen"


def test_a_reason_holds_for_what_it_was_given_for(ranked, province):
    ranking.explain(ranked, {first(ranked).pk: "现场核查更成熟"}, actor=province.official, version=ranked.version)
    ranking.move(ranked, first(ranked), 2, actor=province.official, version=ranked.version)
    [left] = ordering.unsettled(list(ranked.entries.select_related("declaration__enterprise", "source")))
    assert left.entry.order_reason == "现场核查更成熟"
    ranking.undo(ranked, actor=province.official, version=ranked.version)
    assert not ordering.unsettled(list(ranked.entries.select_related("declaration__enterprise", "source")))


def test_an_unlimited_list_asks_nothing(ranked, province):
    RecommendationList.objects.filter(pk=ranked.pk).update(quota_unlimited=True, quota_limit=None)
    ranked.refresh_from_db()
    assert not any(problem.field == "order" for problem in workflow_problems(ranked))


def workflow_problems(one):
    from recommendations.workflow import problems

    return problems(one)


def test_reasons_are_kept_with_the_seal(ranked, province):
    make.sealed(ranked, province)
    body = json.loads(AuditEntry.objects.get(act="recommendationlist.seal").body)
    assert body["order"] == {first(ranked).declaration.number: "测试用的理由"}


def test_only_who_ranks_explains_and_only_what_he_saw(ranked, province):
    with pytest.raises(NotAllowed):
        ranking.explain(ranked, {}, actor=province.sealer, version=ranked.version)
    with pytest.raises(StaleState):
        ranking.explain(ranked, {first(ranked).pk: "理由"}, actor=province.official, version=ranked.version - 1)
    assert first(ranked).order_reason == ""


def test_page_asks_shows_and_keeps(ranked, official):
    page = official.get(f"/lists/{ranked.public_id}/").content.decode()
    assert "次序说明 1 处" in page
    assert "还有 1 处没有写" in page
    assert "排在参考分更高的第 2 名" in page
    field = f"reason-{first(ranked).pk}"
    address = f"/lists/{ranked.public_id}/reasons/"
    said = official.post(address, {"version": ranked.version, field: " 现场核查更成熟 "}, follow=True).content.decode()
    assert "次序说明已保存" in said
    assert "都已写明" in said
    assert first(ranked).order_reason == "现场核查更成熟"


@pytest.mark.parametrize(("version", "text", "status"), [(0, "理由一", 409), (None, "长" * 201, 422)])
def test_what_was_typed_stays_when_refused(ranked, official, version, text, status):
    field = f"reason-{first(ranked).pk}"
    data = {"version": ranked.version if version is None else version, field: text}
    answer = official.post(f"/lists/{ranked.public_id}/reasons/", data)
    assert answer.status_code == status
    assert text in answer.content.decode()
    assert first(ranked).order_reason == ""


@pytest.mark.parametrize("field", ["reason-x", "reason-", "reason-99999999999", "reason-0"])
def test_a_reason_for_nothing_is_left_out(ranked, official, field):
    answer = official.post(f"/lists/{ranked.public_id}/reasons/", {"version": ranked.version, field: "理由"})
    assert answer.status_code == 302
    assert not ranked.entries.exclude(order_reason="").exists()


def test_two_officials_see_each_other(ranked, official, client_for, province):
    other = make.colleague(province)
    address = f"/lists/{ranked.public_id}/presence/"
    assert other.display not in official.post(address).content.decode()
    assert province.official.display in client_for(other).post(address).content.decode()
    assert f"{other.display} 也打开着这份名单" in official.post(address).content.decode()


def test_queries_do_not_grow_with_the_list(listed, official, province):
    one = listed(3)
    few = queries(official, one)
    for declaration in make.copies(one.entries.first().declaration, 5):
        ranking.add_entry(one, declaration, actor=province.official)
    assert queries(official, make.settle(one)) == few


def queries(client, one):
    """How many the page of the list takes, once everything that is kept is there."""
    client.get(f"/lists/{one.public_id}/")
    with CaptureQueriesContext(connection) as found:
        client.get(f"/lists/{one.public_id}/")
    return len(found)
