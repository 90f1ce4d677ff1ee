"""Stamped paper that was scanned: printed for real, skewed, mixed up, altered; and files that mean harm."""

import io
import os

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from recommendations.models import ScanFile, StampedScan
from recommendations.scans import checking
from smartfactory import jobs, verification, workflow
from smartfactory.models import AuditEntry, JobState
from smartfactory.scanning import reading
from tests.factories import recommendations as make
from tests.factories import scans as paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(long_list):
    """The printed pages of the sheet."""
    return paper.printed(verification.rendered(long_list.seal.issued, "summary-sheet.pdf"))


@pytest.fixture
def handed_in(province, long_list, run_jobs):
    """Return a function that uploads files for the list and has them read."""

    def upload(*sent):
        scan = checking.upload(long_list, sent, actor=province.official)
        run_jobs()
        return StampedScan.objects.select_related("job__result").get(pk=scan.pk)

    return upload


def letter_of(one):
    return paper.printed(verification.rendered(one.seal.issued, "cover-letter.pdf"))


def test_printed_stamped_skewed_and_whole(long_list, pages, handed_in):
    assert len(pages) > 1
    bundle = [paper.scanned(paper.stamped(one)) for one in (*letter_of(long_list), *pages)]
    scan = handed_in(paper.as_pdf(bundle))
    assert scan.findings["problems"] == []
    assert scan.verdict in ("whole", "doubts"), "where a stamp crosses the letters somebody is asked to look"
    clean = handed_in(paper.as_pdf([paper.scanned(one) for one in pages]))
    assert (clean.verdict, clean.findings["doubts"]) == ("whole", 0)
    assert clean.job.result.read()[:5] == b"%PDF-"


def test_one_replaced_one_missing_one_doubled(long_list, pages, handed_in):
    """The sheet skewed by two degrees; its second page replaced by the letter's, its first there twice."""
    foreign = paper.printed(
        verification.rendered(long_list.entries.first().revision.issued, "receipt.pdf") or _receipt(long_list)
    )
    scan = handed_in(paper.as_pdf([paper.scanned(one) for one in (pages[0], foreign[0], pages[0], *pages[2:])]))
    assert scan.verdict == "faulty"
    missing, foreign_page, doubled = scan.findings["problems"]
    assert missing == f"推荐汇总表缺第 2 页（共 {len(pages)} 页）"
    assert "上传的第 2 页：这一页是别的文件的第 1 页" in foreign_page
    assert doubled == "上传的第 3 页：推荐汇总表第 1 页重复了。请只留一张"
    assert [one["state"] for one in scan.findings["pages"][:3]] == ["same", "foreign", "doubled"]


def _receipt(one):
    from declarations import printing

    return printing.kept_receipt(one.entries.first().revision)


def test_a_copied_code_on_an_altered_page_is_seen(long_list, pages, handed_in):
    """The code is genuine, the row below it is not."""
    altered = pages[0].copy()
    width, height = altered.size
    pen = ImageDraw.Draw(altered)
    pen.rectangle((width * 0.06, height * 0.36, width * 0.94, height * 0.46), fill="white")
    pen.text((width * 0.1, height * 0.38), "ANOTHER FACTORY 13812345678", font=ImageFont.load_default(40), fill="black")
    scan = handed_in(paper.as_pdf([paper.scanned(one) for one in (altered, *pages[1:])]))
    assert (scan.verdict, scan.findings["problems"]) == ("doubts", [])
    (first, *others) = scan.findings["pages"]
    assert first["state"] == "differs"
    assert any(25 < area["top"] * 100 / 210 < 50 for area in first["changed"] + first["added"])
    assert {one["state"] for one in others} == {"same"}
    marked = ScanFile.objects.get(scan=scan, place=0)
    assert (marked.page, Image.open(io.BytesIO(marked.file.read())).format) == (1, "JPEG")


def test_of_a_replaced_list_the_pages_are_named(province, long_list, pages, run_jobs):
    workflow.fire(long_list, "supersede", actor=province.sealer, version=long_list.version, note="理由")
    long_list.refresh_from_db()
    again = make.sealed(long_list.replaced_by, province)
    run_jobs()
    scan = checking.upload(again, [paper.as_picture(paper.scanned(pages[0], 0))], actor=province.official)
    run_jobs()
    scan.refresh_from_db()
    assert scan.findings["pages"][0]["state"] == "superseded"
    assert long_list.seal.code in scan.findings["problems"][-1]


def test_pictures_upside_down_and_blank(pages, handed_in):
    """A photograph laid in the wrong way round is read; paper without a code is named."""
    turned = paper.as_picture(paper.scanned(pages[0], 180), "a.png")
    scan = handed_in(turned, paper.as_picture(Image.new("RGB", (900, 1200), "white"), "b.jpg"))
    states = [one["state"] for one in scan.findings["pages"]]
    assert states == ["same", "unreadable"]


# Files that mean harm, or are no scans


def pdf(change=lambda pdf: None, **options):
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        change(made)
        made.save(out, **options)
    return out.getvalue()


def script(made):
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def many(made):
    for _ in range(300):
        made.add_blank_page()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", lambda: b"", "是空的"),
        ("a.pdf", lambda: b"%PDF-1.4\nnothing", "没有传完整"),
        ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "有密码"),
        ("a.pdf", lambda: pdf(script), "自动执行的动作"),
        ("a.pdf", lambda: pdf(many), "一次最多 200 页"),
        ("a.docx", lambda: b"PK\x03\x04", "内容不是"),
        ("a.jpg", lambda: b"\xff\xd8\xff\xe0rubbish", "打不开"),
    ],
)
def test_what_is_not_taken_in_says_why(province, long_list, client_for, name, content, words):
    client = client_for(province.official)
    answer = client.post(f"/lists/{long_list.public_id}/scans/", {"scan": SimpleUploadedFile(name, content())})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not StampedScan.objects.exists()


def test_too_many_bytes_are_refused(province, long_list, client_for, settings):
    settings.SCAN_MOST_BYTES = 10
    answer = client_for(province.official).post(
        f"/lists/{long_list.public_id}/scans/", {"scan": SimpleUploadedFile("a.pdf", pdf())}
    )
    assert (answer.status_code, "请分几次上传" in answer.content.decode()) == (422, True)
    none = client_for(province.official).post(f"/lists/{long_list.public_id}/scans/", {})
    assert (none.status_code, "还没有选择文件" in none.content.decode()) == (422, True)


def bomb(made):
    """A picture that claims to be far larger than any page: some kilobytes that want gigabytes."""
    side = 60_000
    stream = made.make_stream(b"\x00" * 1000)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = side, side, 8
    stream.ColorSpace = pikepdf.Name.DeviceRGB
    page = made.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=stream))
    page.Contents = made.make_stream(b"500 0 0 500 0 0 cm /I Do")


def test_a_bomb_harms_nobody(handed_in):
    scan = handed_in(SimpleUploadedFile("a.pdf", pdf(bomb)))
    assert scan.job.state == JobState.READY
    assert scan.findings["pages"][0]["state"] == "unreadable"


def test_a_page_that_ends_the_reader_does_not_hide_the_others(handed_in, pages, monkeypatch):
    """The child dies over the second of three pages; a new one goes on behind it."""
    lines, started = reading._child, []

    def dying(sources, known, skip, folder):
        started.append(skip)
        for line in lines(sources, known, skip, folder):
            if line["place"] == 1:
                return
            yield line

    monkeypatch.setattr(reading, "_child", dying)
    scan = handed_in(*(paper.as_picture(paper.scanned(pages[0], 0), f"{number}.jpg") for number in range(3)))
    assert [one["state"] for one in scan.findings["pages"]] == ["same", "unreadable", "doubled"]
    assert started == [0, 2]


def test_a_child_that_is_killed_is_noticed(tmp_path, pages, settings):
    picture = tmp_path / "a.png"
    pages[0].save(picture)

    def kill(done, total):
        raise jobs.Cancelled("stopped by a person")

    with pytest.raises(jobs.Cancelled):
        reading.read([reading.Source(picture, "png", 1)] * 2, {}, kill)
    settings.SCAN_MEMORY_MB = 64
    (found,) = reading.read([reading.Source(picture, "png", 1)], {}, lambda done, total: None)
    assert "trouble" in found.said
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# Who, and what stays


def test_history_stays_and_every_act_is_in_the_trail(province, long_list, pages, handed_in, client_for):
    first = handed_in(paper.as_picture(paper.scanned(pages[0], 0)))
    second = handed_in(paper.as_picture(paper.scanned(pages[1], 0)))
    client = client_for(province.sealer)
    listed = client.get(f"/lists/{long_list.public_id}/scans/").content.decode()
    assert listed.index(second.public_id) < listed.index(first.public_id)
    assert "盖章扫描件" in client.get(f"/lists/{long_list.public_id}/").content.decode()
    page = client.get(f"/scans/{first.public_id}/").content.decode()
    assert "缺第" in page
    assert "文字和印章请经办人过目" in page
    upload = first.files.get(place=1)
    got = client.get(f"/scans/{first.public_id}/files/{upload.pk}/")
    assert b"".join(got) == upload.file.read()
    assert b"".join(client.get(f"/scans/{first.public_id}/report.pdf"))[:5] == b"%PDF-"
    acts = AuditEntry.objects.filter(subject=f"recommendations.stampedscan:{first.pk}").values_list("act", flat=True)
    assert list(acts) == ["scan.upload", "scan.check", "scan.download", "scan.download"]


def test_a_unit_above_reads_but_does_not_upload(province, city, run_jobs, client_for):
    one = make.open_list(city)
    from recommendations import ranking

    ranking.add_entry(one, make.qualified(), actor=city.official)
    one = make.sealed(one, city)
    above, neighbour = client_for(province.official), client_for(make.make_desk("990102").official)
    address = f"/lists/{one.public_id}/scans/"
    assert "这里只能查看" in above.get(address).content.decode()
    assert above.post(address, {"scan": paper.as_picture(Image.new("RGB", (99, 99)))}).status_code == 403
    assert neighbour.get(address).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_asks_the_database_no_more_for_more(
    province, long_list, client_for, count, django_assert_num_queries
):
    for _ in range(count):
        checking.upload(long_list, [SimpleUploadedFile("a.pdf", pdf())], actor=province.official)
    client = client_for(province.official)
    client.get(f"/lists/{long_list.public_id}/scans/")
    with django_assert_num_queries(QUERIES):
        client.get(f"/lists/{long_list.public_id}/scans/")


QUERIES = 8
