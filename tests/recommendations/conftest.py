"""What the tests of recommending share: the province's desk, its list, and reading what was printed."""

import pypdfium2
import pytest

from recommendations import ranking
from recommendations.models import RecommendationList
from smartfactory import verification
from tests.factories import recommendations as make
from tests.factories.declarations import PDF


@pytest.fixture
def province(policy):
    return make.make_desk()


@pytest.fixture
def city(province):
    """The desk of the province's first city, which makes a list of its own."""
    make.cap_cities()
    return make.make_desk("990101")


@pytest.fixture
def listed(province):
    """Return a function that opens the province's list and puts `count` qualified declarations on it."""

    def fill(count, *, limit=None):
        one = make.open_list(province)
        if limit is not None:
            RecommendationList.objects.filter(pk=one.pk).update(quota_limit=limit)
            one.refresh_from_db()
        first = make.qualified()
        for declaration in [first, *make.copies(first, count - 1)]:
            ranking.add_entry(one, declaration, actor=province.official, reserve=limit is not None)
        return make.settle(one)

    return fill


@pytest.fixture
def sealed(province, listed):
    """A sealed list of two, with two declarations filed for real."""
    one = make.open_list(province)
    for declaration in (make.qualified(), make.qualified("990102")):
        ranking.add_entry(one, declaration, actor=province.official)
    return make.sealed(one, province)


@pytest.fixture
def quick(sealed):
    """The sealed list, each of whose declarations has a document of one page already: none needs to be drawn."""
    for entry in sealed.entries.select_related("revision__issued"):
        page = PDF.replace(b"842", b"84%d" % entry.rank)
        verification.attach(entry.revision.issued, "desk-copy.pdf", page, "application/pdf")
    return sealed


@pytest.fixture
def long_list(province, listed, run_jobs):
    """A sealed list whose sheet takes several pages, its sheet and letter drawn; the declarations need not be."""
    first = make.sealed(listed(8), province)
    for revision in {entry.revision for entry in first.entries.select_related("revision__issued")}:
        verification.attach(revision.issued, "declaration.pdf", PDF, "application/pdf")
    run_jobs()
    return first


@pytest.fixture
def text_of():
    """Return a function that reads the text of a PDF, pages joined, without line breaks."""

    def read(pdf):
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
        return "".join("".join(pages).split())

    return read
