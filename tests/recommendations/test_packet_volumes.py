"""Packets with attachments and of chosen declarations: volumes, what is missing, resuming, expiry, who gets them."""

import io
import json
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from declarations import content
from declarations.models import Revision
from recommendations import inspection, packets
from recommendations.models import Packet, PacketPart, PacketPiece
from recommendations.packing import expiry, pieces
from smartfactory import documents, files, jobs
from smartfactory.models import AuditEntry, Job, JobState, Role, StoredFile
from smartfactory.workflow import Blocked
from tests.factories import recommendations as make
from tests.factories.declarations import PDF
from tests.recommendations.tampering import bend_file

pytestmark = pytest.mark.django_db


def jpeg():
    out = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def attached(monkeypatch):
    """Every declaration has a two-page PDF, a picture and a workbook; returns the stored files."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.add_blank_page(page_size=(595, 842))
        made.save(out, deterministic_id=True)
    kept = [
        ("证明.pdf", files.put(out.getvalue(), files.MIMES["pdf"])),
        ("厂房.jpg", files.put(jpeg(), files.MIMES["jpeg"])),
        ("台账.xlsx", files.put(b"PK workbook", files.MIMES["xlsx"])),
    ]
    lines = [
        {"label": "材料", "name": name, "sha256": one.digest, "size": one.size, "mime": one.mime} for name, one in kept
    ]
    monkeypatch.setattr(pieces, "_attachments", lambda revision: (dict(one) for one in lines))
    return [one for _, one in kept]


@pytest.fixture
def packed(province, quick, run_jobs):
    """Return a function that has a packet with attachments made."""

    def order(**options):
        packet = packets.order_packet(quick, [], actor=province.official, with_files=True, **options)
        run_jobs()
        return again(packet)

    return order


def again(packet):
    return Packet.objects.select_related("job__result", "manifest", "list__seal").get(pk=packet.pk)


def manifest(packet):
    return json.loads(packet.manifest.read())


def texts(stored):
    return ["".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(stored.path)]


def outline(stored):
    with pikepdf.open(stored.path) as pdf, pdf.open_outline() as marks:
        return [(one.title, [child.title for child in one.children]) for one in marks.root]


def test_attachments_are_pages_or_attached_and_all_are_named(packed, attached):
    packet = packed()
    stored = packet.job.result
    (_, _, first, second) = outline(stored)
    assert first[1] == second[1] == ["申报书", "证明.pdf", "厂房.jpg"]
    with pikepdf.open(stored.path) as pdf:
        names = sorted(pdf.attachments)
        assert names == ["1-1-台账.xlsx", "2-2-台账.xlsx"]
        assert pdf.attachments[names[0]].get_file().read_bytes() == b"PK workbook"
    said = manifest(packet)
    assert [one["how"] for one in said["entries"][0]["files"]] == ["pages", "pages", "attached"]
    assert [one["pages"] for one in said["entries"]] == [4, 4]
    (volume,) = said["volumes"]
    assert (volume["sha256"], volume["size"], volume["pages"]) == (stored.digest, stored.size, packet.pages)
    front = "".join(texts(stored)[:2])
    assert "附件：证明.pdf（2页）" in front
    assert attached[0].digest[:16].upper() in front


def test_what_is_too_large_to_attach_is_listed(packed, attached, settings):
    settings.PACKET_ATTACH_BYTES = 5
    packet = packed()
    assert manifest(packet)["entries"][0]["files"][2]["how"] == "listed"
    with pikepdf.open(packet.job.result.path) as pdf:
        assert list(pdf.attachments) == []


@pytest.mark.parametrize("harm", ["lost", "altered", "not a pdf"])
def test_one_failing_file_is_named_in_its_place_and_the_rest_goes_on(packed, attached, harm, monkeypatch):
    if harm == "lost":
        attached[0].path.unlink()
    elif harm == "altered":
        bend_file(attached[0])
    else:
        other = files.put(b"%PDF-1.4 rubbish", files.MIMES["pdf"])
        line = {"label": "材料", "name": "证明.pdf", "sha256": other.digest, "size": other.size, "mime": other.mime}
        monkeypatch.setattr(pieces, "_attachments", lambda revision: iter([dict(line)]))
    packet = packed()
    assert packet.job.state == JobState.READY
    assert [(one["rank"], one["trouble"].partition("：")[0]) for one in packet.failures] == [
        (1, "证明.pdf"),
        (2, "证明.pdf"),
    ]
    assert manifest(packet)["entries"][0]["files"][0]["how"] == "missing"
    notes = [page for page in texts(packet.job.result) if "这里缺一份文件" in page]
    assert len(notes) == 2
    assert all("证明.pdf" in page for page in notes)


def test_a_packet_above_the_limit_comes_in_volumes(packed, attached, settings, client, province):
    settings.PACKET_PART_BYTES = 1
    packet = packed()
    parts = list(packet.parts.all())
    assert [one.number for one in parts] == [1, 2]
    assert parts[1].first == parts[0].first + parts[0].pages
    seen = [page.rpartition("/")[0] for one in parts for page in texts(one.file)]
    assert [int(one[len(one.rstrip("0123456789")) :]) for one in seen] == list(range(1, packet.pages + 1))
    assert "第2卷，共2卷" in texts(parts[1].file)[0]
    starts = {one["place"]: (one["volume"], one["page"]) for one in manifest(packet)["entries"]}
    assert starts[2] == (2, parts[1].first + 1)
    assert [one["sha256"] for one in manifest(packet)["volumes"]] == [one.sha256 for one in parts]
    client.force_login(province.official)
    got = client.get(f"/packets/{packet.public_id}/parts/2/")
    assert b"".join(got) == parts[1].file.read()
    assert client.get(f"/packets/{packet.public_id}/parts/3/").status_code == 404
    assert "共 2 卷" in client.get(f"/packets/{packet.public_id}/").content.decode()
    for one in (*(part.file for part in parts), packet.manifest):
        assert inspection.inspect(one.read()).status == "intact"
    downloads = AuditEntry.objects.filter(act="packet.download")
    assert json.loads(downloads.get().body)["name"] == parts[1].name


def test_equal_orders_give_equal_bytes(packed, attached):
    packet = packed()
    Job.objects.filter(pk=packet.job_id).update(state=JobState.FAILED)
    before = packet.job.result_id
    jobs.retry(again(packet).job)
    jobs.run(packet.job_id)
    assert again(packet).job.result_id == before


# Stopping, dying, going on


def counted(monkeypatch, after=None):
    """Count the projects that are made; the process "dies" over the one after `after`."""
    real, made = pieces.make, []

    def make_one(packet, entry, target):
        if after is not None and len(made) == after:
            raise SystemExit
        made.append(entry["rank"])
        return real(packet, entry, target)

    monkeypatch.setattr(pieces, "make", make_one)
    return made


def test_after_a_kill_only_the_rest_is_made(province, quick, attached, monkeypatch):
    packet = packets.order_packet(quick, [], actor=province.official, with_files=True)
    with monkeypatch.context() as dying:
        assert counted(dying, after=1) == []
        with pytest.raises(SystemExit):
            jobs.run(packet.job_id)
    assert (Job.objects.get(pk=packet.job_id).state, PacketPiece.objects.count()) == (JobState.RUNNING, 1)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    made = counted(monkeypatch)
    jobs.run(packet.job_id)
    assert (again(packet).job.state, made) == (JobState.READY, [2])
    assert not expiry.folder(packet).exists()


def test_a_project_that_was_harmed_meanwhile_is_made_again(province, quick, attached, monkeypatch):
    """The negative control: without the check of its digest the bent one would be bound."""
    packet = packets.order_packet(quick, [], actor=province.official)
    with monkeypatch.context() as dying:
        counted(dying, after=1)
        with pytest.raises(SystemExit):
            jobs.run(packet.job_id)
    (expiry.folder(packet) / "1.pdf").write_bytes(b"bent")
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    made = counted(monkeypatch)
    jobs.run(packet.job_id)
    assert (again(packet).job.state, made) == (JobState.READY, [1, 2])


def test_stopped_by_a_person_and_taken_up_again(province, quick, attached, monkeypatch, client):
    packet = packets.order_packet(quick, [], actor=province.official, with_files=True)
    client.force_login(province.official)
    real = pieces.make

    def stop_meanwhile(*arguments):
        client.post(f"/packets/{packet.public_id}/cancel/")
        return real(*arguments)

    with monkeypatch.context() as stopping:
        stopping.setattr(pieces, "make", stop_meanwhile)
        jobs.run(packet.job_id)
    page = client.get(f"/packets/{packet.public_id}/").content.decode()
    assert "接着生成" in page
    assert "已做好" in page
    made = counted(monkeypatch)
    client.post(f"/packets/{packet.public_id}/retry/")
    jobs.run(packet.job_id)
    assert (again(packet).job.state, made) == (JobState.READY, [2])


# Chosen declarations


def test_chosen_in_the_queue_and_single(province, policy, run_jobs, client):
    one, two = make.qualified(), make.qualified("990102")
    client.force_login(province.official)
    page = client.post("/packets/choose/", {"pick": [one.public_id, two.public_id, "x", "\u0000"]}).content.decode()
    assert one.enterprise.name in page
    assert two.enterprise.name in page
    assert client.post("/packets/order/", {"pick": []}, follow=True).status_code == 200
    assert not Packet.objects.exists()
    answer = client.post("/packets/order/", {"pick": [two.public_id], "with_files": "1", "keep_back": "1"})
    packet = Packet.objects.get()
    assert answer["Location"] == f"/packets/{packet.public_id}/"
    assert (packet.list, packet.authority, packet.with_files, packet.for_experts) == (
        None,
        province.authority,
        True,
        False,
    )
    assert packet.entries[0]["sha256"] == two.latest_revision.sha256
    run_jobs()
    run_jobs()
    packet = again(packet)
    assert packet.job.state == JobState.READY
    assert packet.failures == []
    found = inspection.inspect(packet.job.result.read())
    assert (found.kind, found.status) == ("packet", "intact")
    shown = client.post("/verify/", {"file": SimpleUploadedFile("a.pdf", packet.job.result.read())})
    assert (shown.status_code, "与系统生成的文件逐字节一致" in shown.content.decode()) == (200, True)
    assert two.enterprise.name in client.get(f"/packets/choose/?pick={two.public_id}").content.decode()
    named = {line.digest for row in content.rows(two.latest_revision.content, content.describe(two.track)) for line in row.files if not row.field.params.get("figure")}  # fmt: skip
    assert {file["sha256"] for file in manifest(packet)["entries"][0]["files"]} == named != set()


def test_nothing_chosen_too_much_and_foreign(province, policy, client, settings):
    mine = make.qualified()
    client.force_login(make.make_desk("990102").official)
    assert "还没有选申报书" in client.post("/packets/choose/", {"pick": [mine.public_id]}).content.decode()
    client.post("/packets/order/", {"pick": [mine.public_id]})
    assert not Packet.objects.exists()
    settings.PACKET_MOST = 0
    with pytest.raises(Blocked, match="最多 0 份"):
        packets.order_selection([mine], province.authority, actor=province.official)


# Who gets it, and until when


def test_experts_see_only_what_was_given_to_them(province, quick, run_jobs, client_for):
    expert = client_for(make.person(province.authority, Role.REVIEWER))
    official = client_for(province.official)
    packet = packets.order_packet(quick, [], actor=province.official, for_experts=False)
    run_jobs()
    for rest in ("", "packet.pdf", "parts/1/", "manifest.json", "job/"):
        assert expert.get(f"/packets/{packet.public_id}/{rest}").status_code == 404
    listed = expert.get("/packets/").content.decode()
    assert packet.public_id not in listed
    assert "/reviews/" not in listed, "where they may not go they are not sent"
    official.post(f"/packets/{packet.public_id}/give/", {"to": "experts"})
    assert expert.get(f"/packets/{packet.public_id}/").status_code == 200
    assert b"".join(expert.get(f"/packets/{packet.public_id}/packet.pdf"))[:5] == b"%PDF-"
    assert expert.post(f"/packets/{packet.public_id}/give/", {"to": "nobody"}).status_code == 404
    official.post(f"/packets/{packet.public_id}/give/", {"to": "nobody"})
    assert expert.get(f"/packets/{packet.public_id}/").status_code == 404
    acts = AuditEntry.objects.filter(subject=f"recommendations.packet:{packet.pk}").values_list("act", flat=True)
    assert list(acts) == ["packet.order", "packet.give", "packet.download", "packet.take"]


def test_an_expired_packet_loses_its_files_and_nothing_else(province, packed, attached, client):
    packet = packed()
    stored, listing, digest = packet.job.result, packet.manifest, packet.job.result_id
    content_ = stored.read()
    assert expiry.purge() == 0
    Packet.objects.update(expires_at=timezone.now())
    with pytest.MonkeyPatch.context() as now:
        now.setattr("django.db.transaction.on_commit", lambda act, **_: act())
        assert expiry.purge() == 1
    assert expiry.purge() == 0
    assert not stored.path.exists()
    assert not listing.path.exists()
    assert not StoredFile.objects.filter(pk__in=[stored.pk, listing.pk]).exists()
    assert all(one.path.exists() for one in attached), "what the enterprise filed stays"
    assert PacketPart.objects.get().sha256 == digest
    client.force_login(province.official)
    page = client.get(f"/packets/{packet.public_id}/").content.decode()
    assert "已过期，文件已删除" in page
    assert client.get(f"/packets/{packet.public_id}/packet.pdf").status_code == 302
    assert client.get(f"/packets/{packet.public_id}/manifest.json").status_code == 302
    assert inspection.inspect(content_).status == "intact", "a copy somebody kept is still known"
    assert AuditEntry.objects.filter(act="packet.purge").count() == 1
    assert Revision.objects.exists()


def test_a_picture_is_turned_into_a_page(attached, packed):
    packet = packed()
    with pikepdf.open(packet.job.result.path) as pdf:
        marks = [child for one in pdf.open_outline().root for child in one.children if child.title == "厂房.jpg"]
    assert len(marks) == 2
    assert documents.page_count(PDF) == 1
