"""Every track from the self-assessment to the sealed sheet, through the services; the sheet reads as its notice has it."""

import pytest

from assessment import self_assessment_service as assessing
from assessment.models import Edition
from declarations.models import Declaration, Track
from recommendations import exports, ranking
from recommendations.models import DocumentLayout
from smartfactory import documents, verification
from smartfactory.models import Authority
from tests.factories import recommendations as make
from tests.factories.declarations import people_of
from tests.factories.organisations import make_enterprise
from tests.tracks.papers import PAPERS, Paper

pytestmark = pytest.mark.django_db


@pytest.fixture(params=PAPERS, ids=lambda one: f"{one.track}-{one.unit}")
def paper(request, policy):
    return request.param


def declared(paper):
    """A qualified declaration received by the unit of the paper, or below it."""
    place = Authority.objects.get(code=paper.place)
    soe = Authority.objects.get(code=paper.unit) if paper.unit.startswith("soe-") else None
    return make.qualified(track=paper.track, enterprise=make_enterprise(authority=place, soe=soe))


def sealed_by(paper, declarations, unit=""):
    """The sealed list of the unit, with the declarations in reverse, taken up from the list below if there is one."""
    desk = make.make_desk(unit or paper.unit)
    one = make.open_list(desk, track=paper.track)
    found = {candidate.declaration.pk: candidate for candidate in ranking.candidates(one)}
    for declaration in declarations:
        candidate = found[declaration.pk]
        ranking.add_entry(one, candidate.declaration, actor=desk.official, source=candidate.source)
    return make.sealed(one, desk)


def test_from_self_assessment_to_sealed_sheet(paper, run_jobs):
    first, second = declared(paper), declared(paper)
    preparer, _, _ = people_of(first)
    edition = Edition.objects.get(campaigns__tracks__code=paper.track)
    own = assessing.start(first.enterprise, edition, preparer, target=first.track.tier)
    assert own.target == first.track.tier
    if paper.below:
        low = sealed_by(paper, [first, second], unit=paper.below)
        assert Declaration.objects.get(pk=first.pk).status == "qualified"
        assert low.seal.content["sent_to"] == Authority.objects.get(code=paper.unit).name
    high = sealed_by(paper, [second, first])
    done = Declaration.objects.get(pk=first.pk)
    assert (done.status, done.status_label) == ("recommended", paper.ending)
    assert high.seal.content["quota"]["limit"] == paper.limit
    run_jobs()
    check_sheet(paper, high, [second, first])
    check_letter(paper, high)


def check_sheet(paper: Paper, high, order):
    sheet = exports.summary_sheet(high.seal)
    assert (sheet.title, sheet.annex) == (paper.title, paper.annex)
    assert [one["title"] for one in sheet.columns] == paper.columns
    assert sheet.notes == paper.notes
    assert high.seal.content["layouts"]["sheet"].get("copies") == paper.copies
    drawn = verification.rendered(high.seal.issued, "summary-sheet.xlsx")
    rows = documents.read_xlsx(drawn.read())[0][1]
    names = [row[1] for row in rows if row and row[0] in ("1", "2")]
    assert names == [one.enterprise.name for one in order]
    assert any(row[: len(paper.columns)] == paper.columns for row in rows)
    assert verification.check(high.seal.code).status == "intact"


def check_letter(paper: Paper, high):
    layout = high.seal.content["layouts"].get("letter")
    drawn = verification.rendered(high.seal.issued, "cover-letter.pdf")
    assert bool(layout) == bool(drawn) == bool(paper.recipients)
    if layout:
        assert exports._recipients(high.seal.content, layout) == paper.recipients


def test_every_track_is_walked(policy):
    assert {one.track for one in PAPERS} == set(Track.objects.values_list("code", flat=True))


def test_what_no_notice_says_is_not_called_official(policy):
    """The tables of annexes nobody has seen stay marked, however sure their layout looks."""
    official = set(
        DocumentLayout.objects.filter(kind="sheet", standing="official").values_list("track__code", flat=True)
    )
    assert official == {one.track for one in PAPERS if one.official}
