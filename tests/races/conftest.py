"""What every race starts from: committed rows, an authority's desk, and a crowd of qualified declarations."""

import pytest

from recommendations.models import RecommendationList
from tests.factories import recommendations as make


@pytest.fixture
def province(transactional_db, policy):
    return make.make_desk()


@pytest.fixture
def crowd(province):
    """Return a function that makes `count` qualified declarations received by the province's first city."""

    def gather(count):
        first = make.qualified()
        return [first, *make.copies(first, count - 1)]

    return gather


@pytest.fixture
def ranked(province, crowd):
    """Return a function that opens a list and puts `count` declarations on it."""

    def fill(count, limit=None):
        from recommendations import ranking

        one = make.open_list(province)
        if limit is not None:
            RecommendationList.objects.filter(pk=one.pk).update(quota_limit=limit)
            one.refresh_from_db()
        for declaration in crowd(count):
            ranking.add_entry(one, declaration, actor=province.official)
        # Without points the order has nothing to explain, however the races leave it.
        one.entries.update(points=None, arithmetic=[])
        return one

    return fill
