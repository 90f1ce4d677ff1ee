"""How many may be recommended: the tables of the notices, number by number, and what follows from them."""

import pytest

from declarations.models import Track
from recommendations import quotas
from recommendations.models import AuthorityFact, LocalQuota, QuotaRule
from recommendations.quotas import Fact, Rule, Unit, resolve_rules
from smartfactory.models import Authority, AuthorityKind
from tests.factories import recommendations as make

FORTY = "130000 320000 330000 350000 370000 410000 420000 430000 440000 510000".split()
THIRTY = "140000 150000 210000 310000 340000 360000 450000 500000 530000 610000".split()
TWENTY = "110000 120000 220000 230000 460000 520000 540000 620000 630000 640000 650000".split()
PROVINCES = [*FORTY, *THIRTY, *TWENTY]
PLANNED = {"210200": "210000", "330200": "330000", "350200": "350000", "370200": "370000", "440300": "440000"}


@pytest.fixture
def quota(policy):
    return lambda track, code: quotas.resolve(Track.objects.get(code=track), Authority.objects.get(code=code))


def every(track):
    """Code → quota of every unit that is real."""
    return quotas.resolve_many(Track.objects.get(code=track), Authority.objects.filter(is_demo=False))


def test_thirty_one_provinces_each_in_one_band(policy):
    real = Authority.objects.filter(kind=AuthorityKind.PROVINCE, is_demo=False)
    assert sorted(real.values_list("code", flat=True)) == sorted(PROVINCES)
    assert len(PROVINCES) == 31


def test_2024_provinces_twenty_each(policy):
    found = every("2024-excellence")
    assert {code: found[code].limit for code in PROVINCES} == dict.fromkeys(PROVINCES, 20)
    assert {found[code].standing for code in PROVINCES} == {"official"}


@pytest.mark.parametrize("code", [*PLANNED, "660000", "soe-crrc"])
def test_2024_planned_cities_corps_and_groups_five_each(quota, code):
    found = quota("2024-excellence", code)
    assert (found.limit, found.strength, found.standing, found.via) == (5, "hard", "official", "")
    assert found.clause == "二（二）2"


@pytest.mark.parametrize(
    ("code", "limit"),
    [*((code, 40) for code in FORTY), *((code, 30) for code in THIRTY), *((code, 20) for code in TWENTY)],
)
def test_2025_provinces_by_rank_of_industry(quota, code, limit):
    found = quota("2025-excellence", code)
    assert (found.limit, found.via) == (limit, "")
    assert found.standing == "unverified", "the rank is inferred, however official the sentence is"


@pytest.mark.parametrize(("code", "limit"), [("660000", 5), ("soe-crrc", 5)])
def test_2025_corps_and_groups(quota, code, limit):
    found = quota("2025-excellence", code)
    assert (found.limit, found.standing) == (limit, "official")


@pytest.mark.parametrize("track", ["2025-excellence", "2025-pioneer"])
@pytest.mark.parametrize(("code", "parent"), PLANNED.items())
def test_2025_planned_cities_go_through_their_province(quota, track, code, parent):
    found = quota(track, code)
    assert (found.limit, found.via, found.standing) == (None, parent, "official")


def test_2025_pioneer_of_groups_goes_through_the_province(quota):
    assert (quota("2025-pioneer", "soe-crrc").limit, quota("2025-pioneer", "soe-crrc").via) == (None, "province")


def test_2025_pioneer_of_the_corps_is_unknown(quota):
    found = quota("2025-pioneer", "660000")
    assert (found.limit, found.via, found.standing) == (None, "", "unverified")
    assert "没有列" in found.basis


@pytest.mark.parametrize("code", [one for one in PROVINCES if one != "370000"])
def test_2025_pioneer_stays_unknown_without_the_count(quota, code):
    found = quota("2025-pioneer", code)
    assert (found.limit, found.standing) == (None, "unverified")


def test_2025_pioneer_of_the_one_province_with_a_count(quota):
    assert (quota("2025-pioneer", "370000").limit, quota("2025-pioneer", "370000").standing) == (3, "secondary")


@pytest.mark.parametrize("code", ["310000", "320000"])
def test_a_lower_bound_across_two_bands_gives_no_number(quota, code):
    assert "不小于 10" in quota("2025-pioneer", code).basis


@pytest.mark.parametrize(("count", "limit"), [(0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (99, 3)])
def test_2025_pioneer_bands(quota, count, limit):
    AuthorityFact.objects.filter(authority__code="110000", key="excellence_count_2024").update(
        low=count, high=count, standing="official"
    )
    found = quota("2025-pioneer", "110000")
    assert (found.limit, found.standing) == (limit, "official")


@pytest.mark.parametrize(("rank", "limit"), [(1, 40), (10, 40), (11, 30), (20, 30), (21, 20), (31, 20)])
def test_2025_excellence_bands(quota, rank, limit):
    AuthorityFact.objects.filter(authority__code="450000").update(low=rank, high=rank, standing="official")
    assert quota("2025-excellence", "450000").limit == limit


@pytest.mark.parametrize("track", ["2025-advanced", "2025-basic"])
@pytest.mark.parametrize(
    ("code", "unlimited"), [("370000", True), ("soe-crrc", True), ("370200", False), ("660000", False)]
)
def test_no_number_set_is_not_a_number_unknown(quota, track, code, unlimited):
    found = quota(track, code)
    assert (found.limit, found.unlimited, found.known, found.via) == (None, unlimited, unlimited, "")
    assert found.standing == ("official" if unlimited else "unverified")


def test_every_number_comes_with_basis_clause_and_standing(policy):
    for track in Track.objects.all():
        for code, found in every(track.code).items():
            assert found.basis, (track, code)
            assert found.standing in ("official", "secondary", "unverified")
            assert found.limit is None or found.clause, (track, code)


def test_many_are_resolved_in_a_fixed_number_of_queries(policy, django_assert_max_num_queries):
    track, units = Track.objects.get(code="2025-excellence"), list(Authority.objects.all())
    with django_assert_max_num_queries(7):
        assert len(quotas.resolve_many(track, units)) == len(units)


# Caps from above


def test_cap_for_a_kind_and_for_one_by_name(policy):
    track, province = Track.objects.get(code="2024-excellence"), Authority.objects.get(code="990000")
    first, second = (Authority.objects.get(code=code) for code in ("990101", "990102"))
    assert quotas.Book([track], [first, second, province]).list_makers() == [(track, province)]
    make.cap_cities(limit=5)
    LocalQuota.objects.create(
        track=track, parent=province, kind="city", authority=second, limit=8, strength="hard", basis="点名", standing="official"
    )  # fmt: skip
    assert (quotas.resolve(track, first).limit, quotas.resolve(track, second).limit) == (5, 8)
    assert quotas.Book([track], [first, second]).list_makers() == [(track, first), (track, second)]


def test_cap_never_overrides_the_notice(policy):
    track, ministry = Track.objects.get(code="2024-excellence"), Authority.objects.get(code="ministry")
    LocalQuota.objects.create(
        track=track, parent=ministry, kind="province", limit=99, strength="soft", basis="x", standing="unverified"
    )
    assert quotas.resolve(track, Authority.objects.get(code="990000")).limit == 20


def test_cap_does_not_make_a_represented_unit_recommend(policy):
    track = Track.objects.get(code="2025-excellence")
    LocalQuota.objects.create(
        track=track, parent=Authority.objects.get(code="370000"), kind=AuthorityKind.PLANNED_CITY, limit=6,
        strength="hard", basis="x", standing="unverified",
    )  # fmt: skip
    found = quotas.resolve(track, Authority.objects.get(code="370200"))
    assert (found.limit, found.via) == (None, "370000")


# The rule itself, without a database

BANDS = [
    Rule("province", 40, "hard", "a", "c", "official", "rank", 1, 10),
    Rule("province", 20, "hard", "b", "c", "official", "rank", 11, None),
]


@pytest.mark.parametrize(
    ("fact", "limit", "standing"),
    [
        (None, None, "unverified"),
        (Fact(None, None, "official"), None, "unverified"),
        (Fact(1, 10, "official"), 40, "official"),
        (Fact(10, 10, "secondary"), 40, "secondary"),
        (Fact(9, 11, "official"), None, "unverified"),
        (Fact(11, None, "official"), 20, "official"),
        (Fact(5, None, "official"), None, "unverified"),
        (Fact(0, 3, "official"), None, "unverified"),
    ],
)
def test_a_range_must_lie_within_one_band(fact, limit, standing):
    found = resolve_rules(BANDS, Unit("x", "province", facts={"rank": fact} if fact else None))
    assert (found.limit, found.standing) == (limit, standing)


def test_kind_without_rule():
    assert resolve_rules(BANDS, Unit("x", "city")) == quotas.Quota(None)


def test_which_kinds_recommend_for_themselves(policy):
    now, before = Track.objects.get(code="2025-pioneer"), Track.objects.get(code="2024-excellence")
    assert quotas.recommending(now) == {"province", "xpcc"}
    assert quotas.represented(now) == {"separately_planned_city", "central_soe"}
    assert quotas.recommending(before) == {"province", "separately_planned_city", "xpcc", "central_soe"}
    assert QuotaRule.objects.filter(via="parent", limit__isnull=False).count() == 0


def test_a_book_is_read_in_so_many_queries_for_any_number(policy, django_assert_max_num_queries):
    tracks = list(Track.objects.select_related("campaign__edition"))
    units = list(Authority.objects.all())
    with django_assert_max_num_queries(7):
        makers = quotas.Book(tracks, units).list_makers()
    one_by_one = [(track, unit) for unit in units[:6] for track in tracks if quotas.recommends(track, unit)]
    assert set(one_by_one) <= set(makers)
