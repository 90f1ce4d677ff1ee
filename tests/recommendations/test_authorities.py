"""The tree of authorities: complete, under its parents, loaded again without change."""

import pytest

from recommendations import authorities
from recommendations.models import AuthorityFact
from smartfactory.models import Authority, AuthorityKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded(policy):
    return authorities.load()


@pytest.mark.parametrize(
    ("kind", "count"), [("ministry", 1), ("province", 31), ("separately_planned_city", 5), ("xpcc", 1)]
)
def test_every_real_unit_is_there(kind, count):
    assert Authority.objects.filter(kind=kind, is_demo=False).count() == count


def test_planned_cities_stand_under_their_provinces():
    pairs = Authority.objects.filter(kind=AuthorityKind.PLANNED_CITY).values_list("code", "parent__code")
    assert all(code[:2] + "0000" == parent for code, parent in pairs)


def test_groups_stand_under_the_ministry():
    groups = Authority.objects.filter(kind=AuthorityKind.CENTRAL_SOE)
    assert set(groups.values_list("parent__code", flat=True)) == {"ministry"}
    assert all(code.startswith("soe-") for code in groups.values_list("code", flat=True))


def test_demo_province_is_marked_with_its_thirteen_cities():
    province = Authority.objects.get(code="990000")
    cities = province.children.filter(kind="city")
    assert (province.is_demo, cities.count()) == (True, 13)
    assert all(one.is_demo and one.path == f"ministry/990000/{one.code}/" for one in cities)


def test_what_is_not_known_is_null_and_says_so():
    unknown = AuthorityFact.objects.filter(low=None)
    assert unknown.exists()
    assert set(unknown.values_list("high", "standing")) == {(None, "unverified")}
    assert not AuthorityFact.objects.filter(source="").exists()


def test_loading_again_changes_nothing():
    before = list(Authority.objects.order_by("pk").values())
    facts = list(AuthorityFact.objects.order_by("pk").values())
    authorities.load()
    assert list(Authority.objects.order_by("pk").values()) == before
    assert list(AuthorityFact.objects.order_by("pk").values()) == facts


def test_loading_again_mends_a_name_and_keeps_the_row():
    changed = Authority.objects.get(code="370000")
    Authority.objects.filter(pk=changed.pk).update(name="旧名")
    authorities.load()
    assert Authority.objects.get(pk=changed.pk).name == changed.name
