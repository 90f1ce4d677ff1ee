"""The order of a list: gap-free at every step, cut where the quota says, and taken back step by step."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from declarations.models import Declaration
from recommendations import ranking
from recommendations.models import AuthorityFact, Entry, RankMove, RecommendationList
from smartfactory.models import AuditEntry, Authority, Role
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make
from tests.factories.organisations import make_member

pytestmark = pytest.mark.django_db


def names(one):
    """The declarations of the list in rank order; fails if the ranks are not 1..n."""
    rows = list(one.entries.order_by("rank"))
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    assert RecommendationList.objects.get(pk=one.pk).size == len(rows)
    return [row.declaration_id for row in rows]


def move(one, start, to, actor):
    return ranking.move(one, one.entries.get(rank=start), to, actor=actor, version=one.version)


# Where the cut is, without a database


def entry(rank, *, counts=True):
    return Entry(rank=rank, over_reason="" if counts else "测试用理由")


@given(st.lists(st.booleans(), max_size=30), st.one_of(st.none(), st.integers(0, 30)))
def test_cut_line(counting, limit):
    """At most `limit` that count; those that do not count stand where they are ranked; nobody better is left out."""
    entries = [entry(rank, counts=counts) for rank, counts in enumerate(counting, 1)]
    found = ranking.included(reversed(entries), limit)
    ranks = [one.rank for one in found]
    assert ranks == sorted(ranks)
    counted = [one.rank for one in found if one.counts]
    everybody = [one.rank for one in entries if one.counts]
    assert counted == everybody[:limit]
    assert [one.rank for one in found if not one.counts] == [one.rank for one in entries if not one.counts]


# Adding


def test_first_come_first_ranked(province, listed):
    one = listed(3)
    assert len(names(one)) == 3
    assert AuditEntry.objects.filter(act="list.rank").count() == 3


def test_a_hard_limit_refuses_even_with_a_reason(province, listed):
    one = listed(2, limit=2)
    with pytest.raises(Blocked, match="名额已满（2 个）") as refusal:
        ranking.add_entry(one, make.qualified(), actor=province.official, over_reason="都很好")
    assert "二（二）2" in refusal.value.problems[0].clause
    assert len(names(one)) == 2


def test_reserves_stand_below_the_line_and_move_up(province, listed):
    one = listed(2, limit=2)
    ranking.add_entry(one, make.qualified(), actor=province.official, reserve=True)
    order = names(one)
    assert [row.declaration_id for row in ranking.included(one.entries.all(), 2)] == order[:2]
    ranking.remove_entry(one, one.entries.get(rank=1), actor=province.official, version=one.version)
    assert [row.declaration_id for row in ranking.included(one.entries.all(), 2)] == order[1:]


def test_a_soft_limit_lets_through_with_a_reason(city):
    one = make.open_list(city)
    RecommendationList.objects.filter(pk=one.pk).update(quota_limit=1)
    one.refresh_from_db()
    first, second, third = make.qualified(), make.qualified(), make.qualified()
    ranking.add_entry(one, first, actor=city.official)
    with pytest.raises(Blocked, match="写明理由"):
        ranking.add_entry(one, second, actor=city.official, over_reason="  ")
    made = ranking.add_entry(one, second, actor=city.official, over_reason="承担国家任务")
    assert not made.counts
    assert len(ranking.included(one.entries.all(), one.quota_limit)) == 2
    with pytest.raises(Blocked):
        ranking.add_entry(one, third, actor=city.official)


def test_what_is_exempt_takes_no_place(province, listed):
    one = listed(1, limit=1)
    ranking.add_entry(one, make.qualified(), actor=province.official, exempt_reason="通知另有规定")
    assert len(ranking.included(one.entries.all(), 1)) == 2


def test_the_same_declaration_stands_once(province, listed):
    one = listed(1)
    with pytest.raises(Blocked, match="已经在名单里"):
        ranking.add_entry(one, one.entries.get().declaration, actor=province.official)
    assert len(names(one)) == 1


def test_only_what_has_passed_review_is_added(province):
    declaration = make.make_declaration(status="in_review")
    with pytest.raises(Blocked, match="不是“审核通过”"):
        ranking.add_entry(make.open_list(province), declaration, actor=province.official)


def test_unknown_limit_may_be_ranked_and_not_frozen(policy):
    corps = Authority.objects.get(code="660000")
    desk = make.make_desk("660000")
    one = make.open_list(desk, "2025-pioneer")
    assert (one.quota_limit, corps.kind) == (None, "xpcc")
    declaration = make.qualified("660000", track="2025-pioneer")
    ranking.add_entry(one, declaration, actor=desk.official)
    with pytest.raises(Blocked, match="名额还不知道"):
        make.sealed(one, desk)


def test_opening_twice_is_one_list(province):
    assert make.open_list(province).pk == make.open_list(province).pk
    with pytest.raises(NotAllowed):
        ranking.open_list(track=make.open_list(province).track, authority=province.authority, actor=province.sealer)


# Who feeds whom


def candidates(desk, track="2024-excellence"):
    return {found.declaration.pk for found in ranking.candidates(make.open_list(desk, track))}


def test_without_lists_below_the_province_takes_all_of_its_line(province):
    one, two = make.qualified("990101"), make.qualified("990102")
    assert candidates(province) == {one.pk, two.pk}


def test_groups_take_their_own(province):
    group = make.make_desk("soe-yunze")
    theirs = make.qualified("990101", soe=group.authority)
    ours = make.qualified("990101")
    assert candidates(province) == {ours.pk}
    assert candidates(group) == {theirs.pk}


def test_where_the_province_recommends_for_groups_it_takes_theirs_too(province):
    theirs = make.qualified("990101", soe=Authority.objects.get(code="soe-yunze"), track="2025-pioneer")
    assert candidates(province, "2025-pioneer") == {theirs.pk}


@pytest.mark.parametrize(("track", "own"), [("2024-excellence", True), ("2025-excellence", False)])
def test_planned_cities_stand_alone_only_where_they_have_a_number(policy, track, own):
    AuthorityFact.objects.filter(authority__code="370000").update(low=3, high=3)
    declaration = make.qualified("370200", track=track)
    assert candidates(make.make_desk("370000"), track) == (set() if own else {declaration.pk})
    if own:
        assert candidates(make.make_desk("370200"), track) == {declaration.pk}


def test_only_what_the_city_sealed_above_its_line_comes_up(province, city):
    low = make.open_list(city)
    RecommendationList.objects.filter(pk=low.pk).update(quota_limit=5)
    first = make.qualified()
    for declaration in [first, *make.copies(first, 6)]:
        ranking.add_entry(low, declaration, actor=city.official, reserve=True)
    low.refresh_from_db()
    assert candidates(province) == set()
    make.sealed(low, city)
    found = ranking.candidates(make.open_list(province))
    assert [one.source.rank for one in found] == [1, 2, 3, 4, 5]


# Moving


@pytest.mark.parametrize(
    ("start", "to", "order", "got"),
    [(1, 3, [2, 3, 1, 4], 3), (4, 1, [4, 1, 2, 3], 1), (2, 2, [1, 2, 3, 4], 2), (1, 99, [2, 3, 4, 1], 4), (3, -5, [3, 1, 2, 4], 1)],
)  # fmt: skip
def test_move(province, listed, start, to, order, got):
    one = listed(4)
    before = names(one)
    assert move(one, start, to, province.official) == got
    assert names(one) == [before[place - 1] for place in order]


def test_a_move_on_an_old_picture_is_refused(province, listed):
    one = listed(3)
    old = RecommendationList.objects.get(pk=one.pk)
    move(one, 1, 3, province.official)
    before = names(one)
    with pytest.raises(StaleState):
        move(old, 1, 2, make.colleague(province))
    assert names(one) == before


def test_taking_back_is_step_by_step_and_ones_own(province, listed):
    one, other = listed(4), make.colleague(province)
    start = names(one)
    move(one, 4, 1, province.official)
    once = names(one)
    move(one, 2, 3, province.official)
    assert ranking.undo(one, actor=other, version=one.version) is None
    ranking.undo(one, actor=province.official, version=one.version)
    assert names(one) == once
    ranking.undo(one, actor=province.official, version=one.version)
    assert names(one) == start
    assert ranking.undo(one, actor=province.official, version=one.version) is None


def test_taking_back_a_move_of_what_has_gone_does_nothing(province, listed):
    one = listed(3)
    move(one, 3, 1, province.official)
    ranking.remove_entry(one, one.entries.get(rank=1), actor=province.official, version=one.version)
    assert ranking.undo(one, actor=province.official, version=one.version) is None
    assert len(names(one)) == 2


def test_suggested_order_is_one_act_with_its_arithmetic(province, listed):
    one = listed(3)
    last = one.entries.get(rank=3)
    Entry.objects.filter(pk=last.pk).update(points=last.points + 1)
    assert sum(float(line["points"]) for line in last.arithmetic) == pytest.approx(float(last.points))
    order = names(one)
    ranking.apply_suggestion(one, actor=province.official, version=one.version)
    assert names(one) == [order[2], order[0], order[1]]
    assert AuditEntry.objects.filter(act="list.suggested").count() == 1


@pytest.mark.parametrize("act", ["move", "remove", "undo", "suggest", "add"])
def test_strangers_and_sealers_change_nothing(province, listed, act):
    one = listed(2)
    row = one.entries.get(rank=2)
    acts = {
        "move": lambda who: ranking.move(one, row, 1, actor=who, version=one.version),
        "remove": lambda who: ranking.remove_entry(one, row, actor=who, version=one.version),
        "undo": lambda who: ranking.undo(one, actor=who, version=one.version),
        "suggest": lambda who: ranking.apply_suggestion(one, actor=who, version=one.version),
        "add": lambda who: ranking.add_entry(one, row.declaration, actor=who),
    }
    for who in (province.sealer, make_member(Role.OFFICIAL, authority=Authority.objects.get(code="990101"))):
        before = RankMove.objects.count()
        with pytest.raises(NotAllowed):
            acts[act](who)
        assert RankMove.objects.count() == before


# Any sequence of acts

ACT = st.tuples(st.sampled_from(["add", "remove", "move", "undo"]), st.integers(0, 9), st.integers(-1, 12))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ACT, max_size=12), st.integers(0, 5))
def test_any_sequence_keeps_ranks_whole_and_the_line_right(world, acts, limit):
    """Checked beside a plain list that does the same."""
    province, pool = world
    one = make.open_list(province)
    one.entries.all().delete()
    one.moves.all().delete()
    RecommendationList.objects.filter(pk=one.pk).update(size=0, quota_limit=limit)
    one.refresh_from_db()
    model, history = [], []
    for act, place, to in acts:
        _step(one, act, place, to, province.official, pool, model, history)
        assert names(one) == model
        above = [row.declaration_id for row in ranking.included(one.entries.all(), limit)]
        assert above == model[:limit]


@pytest.fixture
def world(province):
    first = make.qualified()
    return province, [first, *make.copies(first, 9)]


def _step(one, act, place, to, actor, pool, model, history):
    """Do the act on the list and on the plain model; `history` holds orders to go back to."""
    if act == "add":
        declaration = pool[place]
        if declaration.pk not in model:
            ranking.add_entry(one, declaration, actor=actor, reserve=True)
            model.append(declaration.pk)
            history.clear()
    elif act == "undo":
        if history:
            assert ranking.undo(one, actor=actor, version=one.version)
            model[:] = history.pop()
    elif model and act == "remove":
        ranking.remove_entry(one, one.entries.get(rank=place % len(model) + 1), actor=actor, version=one.version)
        del model[place % len(model)]
        history.clear()
    elif model:
        _move(one, place % len(model), to, actor, model, history)


def _move(one, start, to, actor, model, history):
    before = list(model)
    got = move(one, start + 1, to, actor)
    model.insert(got - 1, model.pop(start))
    if model != before:
        history.append(before)
    assert Declaration.objects.filter(pk__in=model).count() == len(model)
