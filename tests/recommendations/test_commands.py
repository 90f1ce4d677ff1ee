"""What operators and outside checks call: the shapes they rely on, and the exit codes."""

import io
import json
import resource
import tracemalloc
import zipfile
import zlib

import pytest
from django.core.management import CommandError, call_command

from assessment import report
from assessment.models import SelfAssessment
from assessment.presentation import Sheet
from declarations import printing
from declarations.models import Revision
from recommendations import packets
from recommendations.models import Packet
from smartfactory import files, verification, workflow
from smartfactory.models import Authority, IssuedFile
from tests.factories import recommendations as make
from tests.factories.declarations import advance, extend_deadline, make_declaration, people_of, submit
from tests.recommendations.tampering import bend, bend_file

pytestmark = pytest.mark.django_db


def run(*arguments):
    """(exit code, what was printed)."""
    out = io.StringIO()
    try:
        call_command(*(str(one) for one in arguments), stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def answer(*arguments):
    code, printed = run(*arguments, "--json")
    return code, json.loads(printed)


# quota


def test_quota_has_the_promised_keys(policy):
    code, rows = answer("quota", "--track", "2025-excellence")
    assert code == 0
    promised = {"authority", "code", "kind", "limit", "strength", "basis", "clause", "standing", "via"}
    assert all(promised <= set(row) for row in rows)
    by_code = {row["code"]: row for row in rows}
    assert by_code["370000"]["limit"] == 40
    assert (by_code["370200"]["limit"], by_code["370200"]["via"]) == (None, "370000")
    assert by_code["130000"]["via"] is None


def test_quota_leaves_out_what_is_only_demonstration(policy):
    _, rows = answer("quota", "--track", "2024-excellence")
    demo = set(Authority.objects.filter(is_demo=True).values_list("code", flat=True))
    assert not demo & {row["code"] for row in rows}
    assert {"660000", "370200", "370000"} <= {row["code"] for row in rows}


def test_quota_of_one_unit_may_be_a_demonstration(policy):
    _, (row,) = answer("quota", "--track", "2024-excellence", "--authority", "990000")
    assert (row["authority"], row["limit"]) == ("990000", 20)


@pytest.mark.parametrize("arguments", [("--track", "2031-x"), ("--track", "2024-excellence", "--authority", "nowhere")])
def test_quota_refuses_what_it_does_not_know(policy, arguments):
    with pytest.raises(CommandError) as refusal:
        run("quota", *arguments)
    assert arguments[-1] in str(refusal.value)
    assert refusal.value.returncode == 2


def test_quota_for_people(policy):
    code, printed = run("quota", "--track", "2025-pioneer")
    assert code == 0
    assert "未知" in printed
    assert "（经 370000）" in printed


# load_authorities, check_invariants


def test_load_authorities_says_how_many(policy):
    code, printed = run("load_authorities")
    assert (code, printed.strip()) == (0, f"推荐单位 {Authority.objects.count()} 个")


def test_invariants_hold_on_a_sealed_list(quick, sealed, run_jobs):
    run_jobs()
    assert answer("check_invariants") == (0, [])
    assert run("check_invariants")[1].strip() == "7 类核对都通过"


def test_each_finding_is_named_and_the_exit_code_is_one(sealed):
    bend(sealed.entries.get(rank=1).revision, "payload")
    code, found = answer("check_invariants")
    assert code == 1
    assert all(set(one) == {"check", "message"} for one in found)
    assert {one["check"] for one in found} == {"revisions", "issued"}


def test_recommended_without_a_list_is_found(sealed):
    declaration = make_declaration()
    type(declaration).objects.filter(pk=declaration.pk).update(status="recommended")
    assert ("recommended", True) in {
        (one["check"], declaration.number in one["message"]) for one in answer("check_invariants")[1]
    }


# verify


def save(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def drawn(run_jobs):
    declaration = make_declaration(status="submitted")
    run_jobs()
    return Revision.objects.get(declaration=declaration)


def test_verify_declaration(policy, run_jobs, tmp_path):
    revision = drawn(run_jobs)
    content = verification.rendered(revision.issued, "declaration.pdf").read()
    path = save(tmp_path, "a.pdf", content)
    expected = {"file": str(path), "kind": "pdf", "code": revision.code, "status": "intact", "details": []}
    assert answer("verify", path) == (0, expected)
    altered = save(tmp_path, "b.pdf", content[:-7] + b" " + content[-7:])
    code, found = answer("verify", altered)
    assert (code, found["status"], found["code"]) == (1, "altered", revision.code)


def test_verify_the_frozen_content_of_a_declaration(policy, tmp_path):
    declaration = make_declaration(status="submitted")
    revision = Revision.objects.get(declaration=declaration)
    path = save(tmp_path, "a.json", revision.payload.encode())
    expected = {"file": str(path), "kind": "declaration", "code": revision.code, "status": "intact", "details": []}
    assert answer("verify", path) == (0, expected)
    altered = save(tmp_path, "b.json", revision.payload.replace("项目", "顷目", 1).encode())
    assert answer("verify", altered)[1] == {
        "file": str(altered),
        "kind": "declaration",
        "code": revision.code,
        "status": "altered",
        "details": ["文件与系统签发的不一致，可能被改动过"],
    }


def test_verify_names_what_stands_behind_a_sound_file(policy, run_jobs, tmp_path):
    revision = drawn(run_jobs)
    path = save(tmp_path, "a.pdf", verification.rendered(revision.issued, "declaration.pdf").read())
    bend(revision, "payload")
    code, found = answer("verify", path)
    assert (code, found["status"]) == (1, "altered")
    assert "定稿内容与提交时的校验值不一致" in found["details"]


def test_verify_receipt_as_it_was_downloaded(policy, tmp_path, client_for):
    """Every copy of a receipt is the same file, and it verifies as ours."""
    declaration = make_declaration(status="submitted")
    revision = Revision.objects.get(declaration=declaration)
    preparer, signatory, official = people_of(declaration)
    address = f"/declarations/{declaration.public_id}/revisions/1/receipt.pdf"
    copies = [b"".join(client_for(one).get(address).streaming_content) for one in (preparer, signatory, official)]
    assert len(set(copies)) == 1
    path = save(tmp_path, "receipt.pdf", copies[0])
    expected = {"file": str(path), "kind": "pdf", "code": revision.code, "status": "intact", "details": []}
    assert answer("verify", path) == (0, expected)
    assert IssuedFile.objects.filter(document=revision.issued).count() == 1
    changed = save(tmp_path, "changed.pdf", copies[0].replace(b"PDF-1", b"PDF-2", 1))
    assert answer("verify", changed)[1]["status"] in ("altered", "unknown")
    bend_file(printing.kept_receipt(revision))
    assert "保存的文件（receipt.pdf）已被改动或丢失" in answer("verify", path)[1]["details"]


def test_verify_receipt_of_an_older_revision_is_superseded(policy, tmp_path):
    declaration = make_declaration(status="submitted")
    first = Revision.objects.get(declaration=declaration)
    path = save(tmp_path, "receipt.pdf", printing.kept_receipt(first).read())
    for name in ("take_up", "return_"):
        advance(declaration, name)
    extend_deadline(declaration)
    submit(declaration)
    code, found = answer("verify", path)
    assert (code, found["status"]) == (1, "superseded")


def test_verify_report_of_an_assessment_is_not_called_altered(policy, tmp_path):
    """It carries no code and is no issued document: unknown, not altered."""
    declaration = make_declaration()
    preparer = people_of(declaration)[0]
    row = SelfAssessment.objects.create(
        enterprise=declaration.enterprise, edition=declaration.track.edition, target="EXCELLENCE", created_by=preparer
    )
    path = save(tmp_path, "report.pdf", report.response(Sheet(row, preparer)).content)
    code, found = answer("verify", path)
    assert (code, found["status"], found["code"]) == (1, "unknown", "")


def test_verify_packet(province, quick, sealed, run_jobs, tmp_path):
    run_jobs()
    packet = packets.order_packet(sealed, [], actor=province.official)
    run_jobs()
    packet = Packet.objects.get(pk=packet.pk)
    path = save(tmp_path, "packet.pdf", packet.job.result.read())
    code, found = answer("verify", path)
    assert (code, found["kind"], found["status"], found["code"]) == (0, "packet", "intact", sealed.seal.code)
    altered = save(tmp_path, "other.pdf", packet.job.result.read() + b"\n%")
    assert answer("verify", altered)[1]["status"] == "altered"
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="理由")
    assert answer("verify", path)[1]["status"] == "superseded"


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%PDF-1.7 broken", b"PK\x03\x04broken", b"{not json", b"{}", b'{"list": 3}', b"\x00" * 9, b"[1]",
                b'{"list": "\\u0000"}', b'{"declaration": 3}', b'{"declaration": {"id": "x"}, "revision": "x"}', b'["list"]', b"{" * 3000]
)  # fmt: skip
def test_verify_of_anything_else_is_unknown(db, tmp_path, content):
    code, found = answer("verify", save(tmp_path, "x.bin", content))
    assert (code, found["status"], found["code"]) == (1, "unknown", "")


def workbook(**parts):
    """A zip that claims to be a workbook, with parts as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({"[Content_Types].xml": b"<Types/>"} | parts).items():
            archive.writestr(name, content)
    return out.getvalue()


def test_verify_unpacks_nothing_of_a_strangers_workbook_but_its_description(sealed, tmp_path):
    """Anybody may hand in a file: one that grows a thousandfold when unpacked is looked at like any other."""
    code = sealed.seal.code.encode()
    named = b"<cp:coreProperties><cp:keywords>" + code + b"</cp:keywords></cp:coreProperties>"
    bomb = b"\0" * (64 << 20)
    path = save(tmp_path, "a.xlsx", workbook(**{"docProps/core.xml": named, "xl/sharedStrings.xml": bomb}))
    tracemalloc.start()
    exit_code, found = answer("verify", path)
    assert (exit_code, found["status"], found["code"]) == (1, "altered", sealed.seal.code)
    assert (
        answer("verify", save(tmp_path, "b.xlsx", workbook(**{"docProps/core.xml": b" " * 9_000_000})))[1]["status"]
        == "unknown"
    )
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()


def test_verify_several_files_and_one_that_is_not_there(quick, sealed, run_jobs, tmp_path):
    run_jobs()
    good = save(tmp_path, "sheet.pdf", verification.rendered(sealed.seal.issued, "summary-sheet.pdf").read())
    code, found = answer("verify", good, tmp_path / "gone.pdf")
    assert code == 1
    assert [one["status"] for one in found] == ["intact", "unchecked"]
    assert "完好" in run("verify", good)[1]


def test_verify_for_people_names_every_detail(quick, sealed, run_jobs, tmp_path):
    run_jobs()
    path = save(tmp_path, "m.json", sealed.seal.manifest.encode())
    make.make_desk()
    bend(sealed.seal.issued, "digest")
    code, printed = run("verify", path)
    assert code == 1
    assert "被改动" in printed
    assert "封存内容与封存时的校验值不一致" in printed


def pdf_bomb(size):
    """A PDF of some kilobytes whose table of contents unpacks to `size` bytes."""
    packed = zlib.compress(bytes(size), 9)
    head = b"%PDF-1.5\n2 0 obj<</Type/Catalog>>endobj\n"
    table = b"1 0 obj\n<</Type/XRef/Size 3/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    return head + table + packed + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF" % len(head)


def test_verify_of_a_pdf_that_grows_without_end(db, tmp_path):
    path = save(tmp_path, "bomb.pdf", pdf_bomb(300 << 20))
    assert path.stat().st_size < 400_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    code, found = answer("verify", path)
    assert (code, found["status"]) == (1, "unknown")
    with pytest.raises(files.BadFile), path.open("rb") as upload:
        files.inspect(upload, "bomb.pdf", ["pdf"], 1 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10
