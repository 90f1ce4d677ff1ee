"""No page asks the database more often because there is more on it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations import content
from declarations.models import Track
from recommendations import packets, ranking
from recommendations.models import Packet, RecommendationList
from smartfactory import workflow
from tests.factories import recommendations as make
from tests.factories.declarations import make_declaration, sample_instances
from tests.factories.organisations import make_authority

pytestmark = pytest.mark.django_db
SIZES = (1, 3, 30)


@pytest.fixture
def queries(client_for):
    """Return a function that gives the number of queries a page takes for a user, its caches being warm."""

    def count(user, address):
        client = client_for(user)
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    return count


@pytest.fixture
def at_sizes():
    """Return a function that grows something to each size, measures, and demands the same number every time."""

    def measure(grow, ask):
        found = {}
        for size in SIZES:
            grow(size)
            found[size] = ask()
        assert len(set(found.values())) == 1, found
        return found[1]

    return measure


@pytest.fixture
def growing(province):
    """Return a function that brings the province's list to `size` entries."""
    one, first = make.open_list(province), make.qualified()
    ranking.add_entry(one, first, actor=province.official)

    def grow(size):
        for declaration in make.copies(first, size - one.entries.count()):
            ranking.add_entry(one, declaration, actor=province.official, reserve=True)
        one.refresh_from_db()

    grow.list, grow.first = one, first
    return grow


def test_queue(province, queries, at_sizes):
    first = make_declaration(status="submitted")
    grown = [first]

    def grow(size):
        grown.extend(make.copies(first, size - len(grown)))

    assert at_sizes(grow, lambda: queries(province.official, "/reviews/")) < 24


def test_list(province, growing, queries, at_sizes):
    address = f"/lists/{growing.list.public_id}/"
    assert at_sizes(growing, lambda: queries(province.official, address)) < 45


def test_list_with_many_candidates(province, queries, at_sizes):
    one, first = make.open_list(province), make.qualified()
    grown = [first]

    def grow(size):
        grown.extend(make.copies(first, size - len(grown)))

    assert at_sizes(grow, lambda: queries(province.official, f"/lists/{one.public_id}/")) < 45


@pytest.mark.parametrize("rest", ["", "preview/", "seal/"])
def test_frozen_list_for_the_sealer(province, growing, queries, at_sizes, rest):
    address = f"/lists/{growing.list.public_id}/{rest}"

    def grow(size):
        RecommendationList.objects.update(status="draft")
        growing(size)
        RecommendationList.objects.update(status="frozen", frozen_by=province.official, frozen_at="2025-01-01T00:00Z")

    assert at_sizes(grow, lambda: queries(province.sealer, address)) < 50


@pytest.mark.parametrize("public", [False, True])
def test_sealed_list_and_its_verification(province, growing, queries, at_sizes, public):
    """Sealed, withdrawn, grown and sealed anew for each size."""
    one, address = growing.list, {}

    def grow(size):
        nonlocal one
        if one.status == "sealed":
            workflow.fire(one, "supersede", actor=province.sealer, version=one.version, note="理由")
            one = RecommendationList.objects.get(replaces=one)
        for declaration in make.copies(growing.first, min(size, 20) - one.entries.count()):
            ranking.add_entry(one, declaration, actor=province.official)
        one = make.sealed(one, province)
        address["page"] = f"/verify/{one.seal.code}/" if public else f"/lists/{one.public_id}/"

    assert at_sizes(grow, lambda: queries(province.sealer, address["page"])) < 45


def test_index_of_lists(province, queries, at_sizes):
    """Lists of the units below, sealed."""
    track = make.open_list(province).track

    def grow(size):
        for number in range(RecommendationList.objects.filter(status="superseded").count(), size):
            unit = make_authority(f"9902{number:02d}", parent=province.authority)
            RecommendationList.objects.create(track=track, authority=unit, status="superseded", quota_limit=5)

    assert at_sizes(grow, lambda: queries(province.official, "/lists/")) < 20


def test_packets(province, sealed, queries, at_sizes):
    def grow(size):
        for _ in range(size - Packet.objects.count()):
            packets.order_packet(sealed, [], actor=province.official)

    assert at_sizes(lambda size: grow(min(size, 20)), lambda: queries(province.official, "/packets/")) < 20
    assert at_sizes(
        lambda size: None, lambda: queries(province.official, f"/packets/{Packet.objects.first().public_id}/")
    )


def test_overview(province, queries, at_sizes):
    first = make.qualified()
    grown = [first]

    def grow(size):
        grown.extend(make.copies(first, size - len(grown)))
        for number in range(size):
            make_authority(f"9903{number:02d}", parent=province.authority)

    assert at_sizes(grow, lambda: queries(province.official, "/dashboard/")) < 50


@pytest.mark.parametrize("address", ["/reviews/{}/", "/declarations/{}/revisions/1/"])
def test_filed_declaration_with_many_instances(province, queries, address):
    found = {}
    for size in (5, 10, 30):
        declaration = make_declaration(status="submitted", instances=many_instances(size))
        assert len(declaration.latest_revision.content["sections"]["scenarios"]["instances"]) == size
        found[size] = queries(province.official, address.format(declaration.public_id))
    assert len(set(found.values())) == 1, found


def many_instances(size):
    """Instances in every area, each with a name of its own."""
    given = sample_instances(content.describe(Track.objects.get(code="2024-excellence")))
    return [{**given[place % len(given)], "name": f"第{place}条产线的协同"} for place in range(size)]
