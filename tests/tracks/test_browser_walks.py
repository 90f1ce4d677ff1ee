"""Each track of the nation and of Hebei in the browser: self-assessment, declaration, review, list, sealed sheet."""

import pypdfium2
import pytest

from declarations.models import Declaration
from recommendations import exports
from recommendations.models import RecommendationList
from smartfactory import documents, jobs
from smartfactory.celery import app
from smartfactory.models import Authority, Job, JobState
from tests.factories import recommendations as make
from tests.factories.declarations import extend_deadline, make_declaration, people_of
from tests.factories.organisations import make_enterprise
from tests.tracks.papers import PAPERS
from tests.tracks.walking import Walk, almost_assessed, left_open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRACKS = [
    "2022-scenario", "2022-factory", "2024-excellence", "2024-hebei-excellence", "2025-basic", "2025-advanced",
    "2025-excellence", "2025-pioneer",
]  # fmt: skip


@pytest.fixture(params=TRACKS)
def paper(request, policy):
    """The first way to the end of a track: through a province."""
    return next(one for one in PAPERS if one.track == request.param)


@pytest.fixture
def later():
    """Documents wait until somebody draws them: the walk asks for those it looks at."""
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = True


def draw(kind):
    for job in Job.objects.filter(kind=kind, state=JobState.PENDING):
        jobs.run(job.pk)


def test_walked_to_its_end(paper, page_for, later):
    place = Authority.objects.get(code=paper.place)
    waiting = make.qualified(track=paper.track, enterprise=make_enterprise(authority=place))
    walked = make_declaration(track=paper.track, enterprise=make_enterprise(authority=place))
    extend_deadline(walked)
    preparer, signatory, official = people_of(walked)
    desk = make.make_desk(paper.unit)
    below = make.make_desk(paper.below) if paper.below else None
    walk, track = Walk(page_for), walked.track
    names = [waiting.enterprise.name, walked.enterprise.name]

    walk.assess(preparer, *almost_assessed(walked.enterprise, track.edition, preparer, track.tier))
    walk.fill(preparer, walked, left_open(walked))
    walk.submit(signatory, walked)
    walk.review(official, walked.enterprise)
    for one in filter(None, (below, desk)):
        walk.rank(one.official, track, names)
        walk.seal(one.sealer, track, len(names))
    draw("list_document")

    done = Declaration.objects.get(pk=walked.pk)
    assert (done.status, done.status_label) == ("recommended", paper.ending)
    high = RecommendationList.objects.get(authority=desk.authority, track=track)
    order = names[::-1]
    check_data(paper, high)
    check_workbook(paper, walk.download(desk.sealer, "汇总表 Excel"), order)
    check_pdf(paper, walk.download(desk.sealer, "下载汇总表 PDF"), order)
    letter = walk.pages[desk.sealer.pk].get_by_role("link", name="推荐函", exact=True)
    assert letter.count() == bool(paper.recipients)


def check_data(paper, high):
    sealed = high.seal.content
    assert sealed["quota"]["limit"] == paper.limit
    assert sealed["layouts"]["sheet"].get("copies") == paper.copies
    if paper.recipients:
        assert exports._recipients(sealed, sealed["layouts"]["letter"]) == paper.recipients


def check_workbook(paper, data, order):
    rows = documents.read_xlsx(data)[0][1]
    assert any(paper.title in row for row in rows)
    head = next(place for place, row in enumerate(rows) if row[: len(paper.columns)] == paper.columns)
    assert [row[:2] for row in rows[head + 1 : head + 3]] == [[str(n), name] for n, name in enumerate(order, 1)]
    assert paper.notes == [row[0] for row in rows if row and row[0].startswith("注：")]


def check_pdf(paper, data, order):
    document = pypdfium2.PdfDocument(data)
    text = squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    document.close()
    for words in (paper.title, *paper.columns, *paper.notes, *order, paper.annex):
        assert squeezed(words) in text, words


def squeezed(text):
    return "".join(text.split())
