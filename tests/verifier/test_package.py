"""The package as the application gives it: to whom, with what, and equal bytes for equal content."""

import io
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from recommendations import releases, seal_package
from recommendations.models import Seal
from smartfactory import signing, workflow
from smartfactory.canonical import grouped
from smartfactory.models import AuditCheckpoint, AuditEntry, IssuedFile
from tests.factories.organisations import make_member
from tests.recommendations.tampering import bend, bend_file, without_guards
from tests.verifier import packing

pytestmark = pytest.mark.django_db
FIXED = {
    "README.txt", "audit.json", "checkpoint.sig.json", "checkpoint.txt", "manifest.json", "package.json",
    "package.sig.json", "signature.json",
}  # fmt: skip
PAPERS = {"cover-letter.pdf", "summary-sheet.pdf", "summary-sheet.xlsx"}


def address(seal, **asked):
    more = "&".join(f"{key}={value}" for key, value in asked.items())
    return f"/lists/{seal.list.public_id}/package.zip?{more}"


def test_each_kind_holds_what_it_says(issued):
    names = {kind: set(packing.unzipped(getattr(issued, kind))) for kind in ("full", "usual", "bare")}
    assert names["usual"] == FIXED | PAPERS
    assert names["bare"] == FIXED | {"cover-letter.pdf"}
    filed = {name for name in names["full"] if name.startswith("declarations/")}
    assert names["full"] == names["usual"] | filed | {"annex.json"}
    assert len(filed) == 2


def test_without_contacts_there_are_none(issued):
    """Neither in words nor as a digest that could be tried against a phone book."""
    annex = json.loads(packing.unzipped(issued.full)["annex.json"])
    bare = packing.unzipped(issued.bare)
    everything = b"".join(bare.values()).decode("utf-8", "replace")
    for name, phone in annex["contacts"].values():
        assert name not in everything
        assert phone not in everything
    listing = json.loads(bare["package.json"])
    assert PAPERS & set(listing["files"]) == {"cover-letter.pdf"}
    assert listing["left_out"]["summary-sheet.pdf"] == "contacts"
    assert b"annex_sha256" not in bare["package.json"]


@pytest.mark.parametrize("kind", ["full", "usual", "bare"])
def test_every_kind_verifies_by_the_program_alone(kind, issued, tmp_path):
    code, answer = packing.run(getattr(issued, kind), issued.pem, tmp_path)
    assert (code, answer["status"], answer["code"]) == (0, "intact", issued.code)
    assert {row["status"] for row in answer["checks"] if row["needed"]} == {"passed"}


def test_equal_content_gives_equal_bytes(seal):
    again = Seal.objects.get(pk=seal.pk)
    assert seal_package.build(seal, "all") == seal_package.build(again, "all")


def test_the_desk_downloads_it_and_the_trail_says_so(seal, province, client_for):
    answer = client_for(province.official).get(address(seal))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == f'attachment; filename="{seal.code}.zip"'
    assert set(packing.unzipped(answer.content)) == FIXED | PAPERS
    entry = AuditEntry.objects.order_by("-seq").first()
    assert (entry.act, json.loads(entry.body)) == (
        "list.download",
        {"name": "package.zip", "sha256": seal.sha256, "contacts": "sheets"},
    )


def test_annex_and_filed_contents_are_for_whom_a_colleague_gave_leave(seal, province, client_for):
    from smartfactory.models import Authority, Role

    above = make_member(Role.OFFICIAL, authority=Authority.objects.get(code="ministry"))
    assert client_for(province.sealer).get(address(seal, contacts="all")).status_code == 404
    asked = releases.ask(seal.list, "移交档案室", actor=province.sealer)
    workflow.fire(asked, "give", actor=province.official, version=asked.version)
    assert client_for(province.sealer).get(address(seal, contacts="all")).status_code == 200
    assert client_for(above).get(address(seal)).status_code == 200
    assert client_for(above).get(address(seal, contacts="all")).status_code == 404
    assert client_for(province.official).get(address(seal, contacts="x")).status_code == 404


def test_a_purged_annex_is_said_to_be_purged(seal):
    Seal.objects.filter(pk=seal.pk).update(annex="")
    made = packing.unzipped(seal_package.build(Seal.objects.get(pk=seal.pk), "all"))
    assert json.loads(made["package.json"])["left_out"] == {"annex.json": "purged"}


def test_documents_still_to_be_drawn_are_waited_for(sealed, province, client_for):
    page = client_for(province.official).get(address(sealed.seal))
    assert page.status_code == 202
    assert "正在生成推荐汇总表" in page.content.decode()
    assert seal_package.missing(sealed.seal, "no") == "cover-letter.pdf"


def _bend_entry(seal):
    with without_guards():
        bend(AuditEntry.objects.get(seq=seal.audit_seq), "actor_label")


DAMAGE = {
    "the manifest": lambda seal: bend(seal, "manifest"),
    "the annex": lambda seal: bend(seal, "annex"),
    "the audit entry": _bend_entry,
    "the checkpoint": lambda seal: bend(AuditCheckpoint.objects.get(size=seal.checkpoint_size), "text"),
    "a file": lambda seal: bend_file(IssuedFile.objects.filter(document=seal.issued).first().file),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_nothing_is_packed_of_what_no_longer_holds(what, seal, province, client_for):
    """The signed listing would vouch for it."""
    with without_guards():
        DAMAGE[what](seal)
    answer = client_for(province.official).get(address(seal), follow=True)
    if what == "a file":
        bend_file(IssuedFile.objects.filter(document=seal.issued).first().file)
    assert answer.redirect_chain[-1][0] == f"/lists/{seal.list.public_id}/"
    assert "没有生成封存包" in answer.content.decode()
    assert not AuditEntry.objects.filter(act="list.download").exists()


def test_the_sealed_page_leads_to_it(seal, province, client_for):
    page = client_for(province.official).get(f"/lists/{seal.list.public_id}/").content.decode()
    assert f"/lists/{seal.list.public_id}/package.zip" in page
    assert "封存包（离线核验用）" in page
    assert "package.zip?contacts=all" not in page, "that one needs a colleague's leave"
    assert "完整件调阅" in page


# What everybody needs for it, without a login


def test_keys_and_program_are_public(seal, client, tmp_path):
    keys = client.get("/verify/keys.pem").content.decode()
    assert keys == signing.public_pems()
    program = b"".join(client.get("/verify/verify_seal.py"))
    assert program == packing.PROGRAM.read_bytes()
    (tmp_path / "got.py").write_bytes(program)
    (tmp_path / "keys.pem").write_text(keys)
    (tmp_path / "package.zip").write_bytes(seal_package.build(seal))
    command = [sys.executable, "-I", "-S", "got.py", "package.zip", "--key", "keys.pem"]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"结论：完好（校验码 {seal.code}）"


def test_the_fingerprint_is_on_the_page(seal, client):
    page = client.get("/verify/").content.decode()
    for key in signing.public_keys().values():
        assert grouped(signing.fingerprint(key), 16) in page


def test_the_command_exports_the_keys(seal, tmp_path, capsys):
    out = io.StringIO()
    call_command("public_keys", stdout=out)
    assert out.getvalue() == signing.public_pems()
    assert signing.fingerprint(signing.private_key().public_key()) in out.getvalue()
    call_command("public_keys", out=tmp_path / "keys.pem")
    assert (tmp_path / "keys.pem").read_text() == out.getvalue()
    with pytest.raises(CommandError, match="写不了"):
        call_command("public_keys", out=tmp_path)


def test_without_a_key_it_says_so(db, settings, tmp_path, client):
    settings.KEYS_ROOT = tmp_path
    assert "还没有公钥" in client.get("/verify/").content.decode()
    assert client.get("/verify/keys.pem").content == b""
    with pytest.raises(CommandError, match="还没有公钥"):
        call_command("public_keys")


@pytest.mark.parametrize("kind", ["all", "sheets", "no"])
def test_the_page_knows_a_package_handed_in(kind, seal, client):
    made = seal_package.build(seal, kind)
    page = client.post("/verify/", {"file": io.BytesIO(made)}).content.decode()
    assert "这份文件是原件" in page
    assert "封存包（离线核验用）" in page
    bent = {**packing.unzipped(made), "checkpoint.txt": b"smartfactory-audit/1"}
    assert "对不上" in client.post("/verify/", {"file": io.BytesIO(packing.zipped(bent))}).content.decode()
