"""The packet for reviewers: cover, contents, sheet and declarations in order, numbered through."""

import io
import json

import pikepdf
import pypdfium2
import pytest

from declarations import printing
from recommendations import packets
from recommendations.models import Packet
from smartfactory import documents, jobs, verification, workflow
from smartfactory.models import AuditEntry, Job, JobState
from smartfactory.workflow import Blocked
from tests.factories import recommendations as make
from tests.recommendations.tampering import bend_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def ordered(province, sealed, run_jobs):
    """Return a function that has a packet of the sealed list made and gives it back, done."""

    def order(*ranks):
        run_jobs()
        packet = packets.order_packet(sealed, list(ranks), actor=province.official)
        run_jobs()
        return Packet.objects.select_related("job__result", "list__seal").get(pk=packet.pk)

    return order


def pages_of(content):
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(content)]


def manifest(packet):
    return json.loads(packet.manifest.read())


def bookmarks(content):
    """(title, page from 0) of the outline."""
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        numbers = {page.objgen: place for place, page in enumerate(pdf.pages)}
        return [(item.title, numbers[item.destination[0].objgen]) for item in outline.root]


def test_whole_packet(ordered, sealed):
    packet = ordered()
    content, entries = packet.job.result.read(), sealed.seal.content["entries"]
    pages, marks = pages_of(content), bookmarks(content)
    assert [title for title, _ in marks] == [
        "封面与目录", "推荐汇总表", *(f"{row['rank']}. {row['enterprise']}" for row in entries),
    ]  # fmt: skip
    assert len(pages) == packet.pages
    for number, page in enumerate(pages, 1):
        assert page.endswith(f"{number}/{packet.pages}"), "one row of page numbers through all parts"
    cover, sheet = pages[0], pages[marks[1][1]]
    assert "评审材料包" in cover
    assert sealed.seal.code[:4] in cover
    assert "推荐汇总表" in sheet
    contents = "".join(pages[: marks[1][1]])
    for row, (_, start) in zip(entries, marks[2:], strict=True):
        assert "".join(row["enterprise"].split()) in pages[start]
        assert f"{''.join(row['title'].split())}{start + 1}" in contents, "the contents name the page"
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.docinfo["/Keywords"]) == sealed.seal.code
    assert packet.failures == []
    assert packet.job.result_name.endswith(".pdf")


def test_chosen_ranks_only(quick, ordered, sealed):
    packet = ordered(2, 99)
    assert packet.ranks == [2]
    titles = [title for title, _ in bookmarks(packet.job.result.read())]
    assert titles[2:] == [f"2. {sealed.seal.content['entries'][1]['enterprise']}"]


@pytest.mark.parametrize("missing", ["damaged", "lost", "cannot be drawn"])
def test_what_is_missing_is_named_and_the_rest_goes_on(quick, ordered, run_jobs, sealed, missing, monkeypatch):
    run_jobs()
    entry = sealed.entries.get(rank=1)
    stored = verification.rendered(entry.revision.issued, "desk-copy.pdf")
    if missing == "damaged":
        bend_file(stored)
    elif missing == "lost":
        stored.path.unlink()
    else:
        entry.revision.issued.files.filter(name="desk-copy.pdf").delete()
        monkeypatch.setattr(printing, "declaration", lambda revision, masked: 1 / 0)
    packet = ordered()
    assert [one["rank"] for one in packet.failures] == [1]
    assert packet.job.state == JobState.READY
    content = packet.job.result.read()
    first, second = sealed.seal.content["entries"]
    marks = bookmarks(content)
    assert [title for title, _ in marks][2:] == [f"1. {first['enterprise']}", f"2. {second['enterprise']}"]
    note = pages_of(content)[marks[2][1]]
    assert "这里缺一份文件" in note
    assert "".join(packet.failures[0]["trouble"].split()) in note
    assert manifest(packet)["entries"][0]["missing"] == packet.failures[0]["trouble"]


def test_what_waits_for_its_worker_is_drawn_for_the_packet(quick, ordered, run_jobs, sealed):
    run_jobs()
    issued = sealed.entries.get(rank=1).revision.issued
    issued.files.filter(name="desk-copy.pdf").delete()
    packet = ordered()
    assert packet.failures == []
    assert verification.rendered(issued, "desk-copy.pdf") is not None


def test_only_of_a_sealed_list(province, listed):
    with pytest.raises(Blocked, match="还没有封存"):
        packets.order_packet(listed(1), [], actor=province.official)
    assert not Packet.objects.exists()


def test_ordering_and_downloading_are_recorded(province, quick, ordered):
    packet = ordered(1)
    packets.record_download(packet, province.official)
    assert AuditEntry.objects.filter(act="packet.order", subject=f"recommendations.packet:{packet.pk}").count() == 1
    assert AuditEntry.objects.filter(act="packet.download").count() == 1


def test_stopped_and_taken_up_again(province, quick, sealed, run_jobs):
    packet = packets.order_packet(sealed, [], actor=province.official)
    assert jobs.cancel(packet.job)
    run_jobs()
    assert Job.objects.get(pk=packet.job_id).state == JobState.CANCELLED
    assert jobs.retry(Job.objects.get(pk=packet.job_id))
    run_jobs()
    packet = Packet.objects.get(pk=packet.pk)
    assert packet.job.state == JobState.READY
    assert documents.page_count(packet.job.result.read()) == packet.pages


def test_of_a_withdrawn_list_its_own_content_is_packed(province, quick, sealed, run_jobs):
    run_jobs()
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="理由")
    sealed.refresh_from_db()
    packet = packets.order_packet(sealed, [], actor=province.official)
    run_jobs()
    assert Packet.objects.get(pk=packet.pk).failures == []
    make.sealed(sealed.replaced_by, province)
