"""The machine of a list: every state with every person and every act."""

from functools import partial

import pytest

from recommendations import ranking
from recommendations.models import ListStatus, LocalQuota, RecommendationList, Seal
from recommendations.workflow import problems
from smartfactory import workflow
from smartfactory.models import AuditEntry, Authority, Role
from smartfactory.problems import WARNING
from smartfactory.workflow import Blocked, NotAllowed, StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import advance, submit
from tests.factories.organisations import make_enterprise, make_member, make_user

pytestmark = pytest.mark.django_db

STATES = [str(one) for one in ListStatus]
# Who may do what from where. Everything that is not listed is refused.
ALLOWED = {
    ("draft", "freeze"): {"official", "official who also seals"},
    ("frozen", "unfreeze"): {"official", "sealer", "official who also seals"},
    ("frozen", "seal"): {"sealer", "official who also seals"},
    ("sealed", "supersede"): {"sealer", "official who also seals"},
}
RANKS = {"official", "official who also seals"}


@pytest.fixture
def cast(province):
    """One person for each relation to the province's list."""
    here, city = province.authority, Authority.objects.get(code="990101")
    both = make_member(Role.SEALER, authority=here)
    return {
        "official": province.official,
        "sealer": province.sealer,
        "official who also seals": make_member(Role.OFFICIAL, authority=here, user=both),
        "reviewer": make_member(Role.REVIEWER, authority=here),
        "auditor": make_member(Role.AUDITOR, authority=here),
        "ministry's sealer": make_member(Role.SEALER, authority=here.parent),
        "ministry's official": make_member(Role.OFFICIAL, authority=here.parent),
        "city's official": make_member(Role.OFFICIAL, authority=city),
        "city's sealer": make_member(Role.SEALER, authority=city),
        "enterprise": make_member(Role.SIGNATORY, enterprise=make_enterprise()),
        "nobody": make_user(),
    }


def put(one, status):
    RecommendationList.objects.filter(pk=one.pk).update(status=status)
    return RecommendationList.objects.select_related("authority", "track").get(pk=one.pk)


@pytest.mark.parametrize("status", STATES)
def test_state_by_person(cast, listed, status):
    one = put(listed(1), status)
    steps = workflow.transitions(one).values()
    offered = {
        step.name: {who for who, user in cast.items() if step in workflow.available(one, user)} for step in steps
    }
    assert offered == {step.name: ALLOWED.get((status, step.name), set()) for step in steps}


@pytest.mark.parametrize("status", STATES)
@pytest.mark.parametrize("name", ["freeze", "unfreeze", "seal", "supersede"])
def test_whoever_is_not_listed_is_refused_and_recorded(cast, listed, status, name):
    one = put(listed(1), status)
    for who, user in cast.items():
        if who in ALLOWED.get((status, name), set()):
            continue
        before = AuditEntry.objects.filter(outcome="refused").count()
        with pytest.raises((NotAllowed, StaleState)) as refusal:
            workflow.fire(one, name, actor=user, version=one.version, note="理由")
        recorded = AuditEntry.objects.filter(outcome="refused").count() - before
        assert recorded == isinstance(refusal.value, NotAllowed)
        assert RecommendationList.objects.get(pk=one.pk).status == status


def shift(one, actor, spare):
    ranking.move(one, one.entries.get(rank=2), 1, actor=actor, version=one.version)


def suggest(one, actor, spare):
    ranking.apply_suggestion(one, actor=actor, version=one.version)


def add(one, actor, spare):
    ranking.add_entry(one, spare, actor=actor)


def take_out(one, actor, spare):
    entry = one.entries.filter(declaration=spare).first() or one.entries.get(rank=2)
    ranking.remove_entry(one, entry, actor=actor, version=one.version)


@pytest.mark.parametrize("status", STATES)
def test_who_may_rank_in_which_state(cast, listed, status):
    """Adding, moving, removing, suggesting: the desk's officials, and only while the list is open."""
    one = put(listed(2), status)
    spare = make.qualified()
    for who, user in cast.items():
        row = RecommendationList.objects.select_related("authority", "track").get(pk=one.pk)
        acts = [partial(act, row, user, spare) for act in (shift, suggest, add, take_out)]
        for act in acts:
            if who in RANKS and status == "draft":
                act()
            else:
                with pytest.raises((NotAllowed, StaleState)):
                    act()
    assert one.entries.count() == 2


def test_two_people_freeze_and_seal(cast, listed):
    """Who froze may not seal, though the role would allow it; another may."""
    one, both = listed(1), cast["official who also seals"]
    one = workflow.fire(make.settle(one), "freeze", actor=both, version=one.version)
    with pytest.raises(Blocked, match="须由另一位用印人封存"):
        workflow.fire(one, "seal", actor=both, version=one.version)
    one.refresh_from_db()
    assert (one.status, Seal.objects.count()) == ("frozen", 0)
    assert workflow.fire(one, "seal", actor=cast["sealer"], version=one.version).status == "sealed"


def test_taking_back_and_freezing_anew_counts_the_last_who_froze(cast, listed):
    one, both = listed(1), cast["official who also seals"]
    for actor, name in ((both, "freeze"), (cast["sealer"], "unfreeze"), (cast["official"], "freeze")):
        one = workflow.fire(one, name, actor=actor, version=one.version)
    assert one.frozen_by == cast["official"]
    assert workflow.fire(one, "seal", actor=both, version=one.version).status == "sealed"


def test_an_empty_list_is_not_frozen(province):
    one = make.open_list(province)
    with pytest.raises(Blocked, match="还没有项目"):
        workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)


def test_a_declaration_reopened_since_blocks(province, listed):
    one = listed(2)
    declaration = one.entries.get(rank=1).declaration
    advance(declaration, "reopen")
    with pytest.raises(Blocked, match=r"第 1 名.*不能推荐"):
        workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)


def test_a_newer_revision_blocks(province):
    one, declaration = make.open_list(province), make.qualified()
    ranking.add_entry(one, declaration, actor=province.official)
    for name in ("reopen", "return_"):
        advance(declaration, name)
    declaration = submit(declaration)
    for name in ("take_up", "qualify"):
        declaration = advance(declaration, name)
    with pytest.raises(Blocked, match="已有新的版本"):
        workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)


def test_a_quota_changed_since_blocks_until_it_is_taken_over(city):
    one, cap = make.open_list(city), LocalQuota.objects.get(parent__code="990000")
    ranking.add_entry(one, make.qualified(), actor=city.official)
    LocalQuota.objects.filter(pk=cap.pk).update(limit=3, basis="新的上限")
    with pytest.raises(Blocked, match="现在是 3"):
        workflow.fire(make.settle(one), "freeze", actor=city.official, version=one.version)
    ranking.renew_quota(one, actor=city.sealer)
    assert one.quota_limit == 5, "only who ranks the list takes it over"
    ranking.renew_quota(one, actor=city.official)
    assert (one.quota_limit, one.quota_basis) == (3, "新的上限")
    version = one.version
    ranking.renew_quota(one, actor=city.official)
    assert one.version == version
    one = workflow.fire(make.settle(one), "freeze", actor=city.official, version=version)
    LocalQuota.objects.filter(pk=cap.pk).update(limit=1)
    ranking.renew_quota(one, actor=city.official)
    assert one.quota_limit == 3, "what is frozen stays as it is"
    with pytest.raises(Blocked, match="现在是 1"):
        workflow.fire(one, "seal", actor=city.sealer, version=one.version)
    assert AuditEntry.objects.filter(act="list.quota").count() == 1


def test_lateness_is_a_warning_and_does_not_block(province, listed):
    one = listed(1)
    late = [found.level for found in problems(one) if "推荐截止时间" in found.message]
    assert late == [WARNING]
    assert workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version).status == "frozen"


def test_a_lower_list_taken_up_above_is_not_withdrawn(province, city):
    low, declaration = make.open_list(city), make.qualified()
    ranking.add_entry(low, declaration, actor=city.official)
    low = make.sealed(low, city)
    high = make.open_list(province)
    (candidate,) = ranking.candidates(high)
    ranking.add_entry(high, candidate.declaration, actor=province.official, source=candidate.source)
    high = workflow.fire(make.settle(high), "freeze", actor=province.official, version=high.version)
    with pytest.raises(Blocked, match="请先由上级退回"):
        workflow.fire(low, "supersede", actor=city.sealer, version=low.version, note="补充材料")
    workflow.fire(high, "unfreeze", actor=province.official, version=high.version)
    assert (
        workflow.fire(low, "supersede", actor=city.sealer, version=low.version, note="补充材料").status == "superseded"
    )


def test_withdrawing_needs_a_reason_and_begins_anew_in_the_same_order(province, sealed):
    with pytest.raises(Blocked, match="作废的理由"):
        workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="  ")
    old = list(sealed.entries.order_by("rank").values_list("declaration_id", flat=True))
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="有一家撤回申报")
    fresh = RecommendationList.objects.get(replaces=sealed)
    assert list(fresh.entries.order_by("rank").values_list("declaration_id", flat=True)) == old
    assert (fresh.status, fresh.size, sealed.entries.count()) == ("draft", 2, 2)
    assert {row.declaration.status for row in fresh.entries.select_related("declaration")} == {"qualified"}
    again = make.sealed(fresh, province)
    assert again.seal.content["replaces"] == sealed.seal.sha256
    assert {row.declaration.status for row in fresh.entries.select_related("declaration")} == {"recommended"}


def test_every_act_leaves_one_entry_in_the_trail(province, listed):
    one = make.sealed(listed(1), province)
    workflow.fire(one, "supersede", actor=province.sealer, version=one.version, note="理由")
    for name in ("freeze", "seal", "supersede"):
        assert AuditEntry.objects.filter(act=f"recommendationlist.{name}", outcome="ok").count() == 1


def test_what_a_lower_list_withdrew_is_not_sealed_above(province, city):
    """The city takes its list back while the province is still ranking: its project has no list to stand on."""
    low, declaration = make.open_list(city), make.qualified()
    ranking.add_entry(low, declaration, actor=city.official)
    low = make.sealed(low, city)
    high = make.open_list(province)
    (candidate,) = ranking.candidates(high)
    entry = ranking.add_entry(high, candidate.declaration, actor=province.official, source=candidate.source)
    workflow.fire(low, "supersede", actor=city.sealer, version=low.version, note="漏报一家")
    with pytest.raises(Blocked, match="已作废推荐它的名单"):
        workflow.fire(make.settle(high), "freeze", actor=province.official, version=high.version)
    ranking.remove_entry(high, entry, actor=province.official, version=high.version)
    assert ranking.candidates(high) == []
    make.sealed(RecommendationList.objects.get(replaces=low), city)
    (candidate,) = ranking.candidates(high)
    ranking.add_entry(high, candidate.declaration, actor=province.official, source=candidate.source)
    assert make.sealed(high, province).status == "sealed"
