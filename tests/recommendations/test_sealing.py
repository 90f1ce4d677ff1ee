"""What is sealed, and that nothing of it changes unnoticed: by code, by file, by command."""

import io
import json

import pytest
from django.core.management import call_command

from declarations.models import Revision
from recommendations import invariants, ranking, sealing
from recommendations.models import Entry, RecommendationList, Seal
from smartfactory import audit, signing, verification, workflow
from smartfactory.canonical import canonical_json, sha256, sm3
from smartfactory.models import AuditCheckpoint, AuditEntry, Enterprise, IssuedDocument, Job
from smartfactory.workflow import Blocked, StaleState
from tests.factories import recommendations as make
from tests.factories.declarations import advance
from tests.recommendations.tampering import bend, bend_file, bent, without_guards

pytestmark = pytest.mark.django_db


def checked(code, client):
    """The verdict as the public page gives it and as the function gives it: they must agree."""
    result = verification.check(code)
    page = client.get(f"/verify/{code}/")
    words = {"altered": "对不上，可能被改动过", "intact": "有效", "superseded": "替换", "unknown": "没有签发过"}
    assert page.status_code == (404 if result.status == "unknown" else 200)
    assert words[result.status] in page.content.decode() or result.status == "superseded"
    for words in result.finding.details:
        assert words in page.content.decode()
    return result


def verify(path):
    """`manage.py verify FILE --json`: (exit code, answer)."""
    out = io.StringIO()
    try:
        call_command("verify", str(path), "--json", stdout=out)
    except SystemExit as end:
        return end.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


# The content


def test_manifest_says_what_the_rows_say(sealed):
    content, entries = sealed.seal.content, list(sealed.entries.order_by("rank"))
    assert [row["rank"] for row in content["entries"]] == [1, 2]
    for row, entry in zip(content["entries"], entries, strict=True):
        declaration, frozen = entry.declaration, entry.revision.content
        assert (row["declaration"], row["number"]) == (declaration.public_id, declaration.number)
        assert (row["sha256"], row["revision"]) == (entry.revision.sha256, entry.revision.number)
        assert (row["enterprise"], row["credit_code"]) == (
            declaration.enterprise.name, declaration.enterprise.credit_code,
        )  # fmt: skip
        assert row["title"] == frozen["sections"]["factory"]["project_name"]
        assert len(row["instances"]) == len(frozen["sections"]["scenarios"]["instances"])
    assert content["quota"]["limit"] == sealed.quota_limit
    assert content["edition"]["digest"] == sealed.track.edition.digest
    assert (content["list"], content["authority"]["code"]) == (sealed.public_id, "990000")


def test_both_digests_the_signature_and_the_trail_are_of_these_bytes(sealed):
    seal = sealed.seal
    assert seal.manifest == canonical_json(seal.content)
    assert (seal.sha256, seal.sm3) == (sha256(seal.manifest), sm3(seal.manifest))
    assert signing.verify(seal.manifest, seal.signed)
    entry = AuditEntry.objects.get(seq=seal.audit_seq)
    assert (entry.act, entry.hash) == ("recommendationlist.seal", seal.audit_hash)
    assert seal.sha256 in entry.body
    point = AuditCheckpoint.objects.get(size=seal.checkpoint_size)
    assert point.size >= seal.audit_seq
    assert seal.issued.code == seal.sha256[:16].upper()


def test_contacts_stand_only_in_the_annex(sealed):
    seal = sealed.seal
    annex = json.loads(seal.annex)
    assert sha256(seal.annex) == seal.content["annex_sha256"]
    assert len(annex["salt"]) == 32
    assert set(annex["contacts"]) == {"1", "2"}
    name, phone = annex["contacts"]["1"]
    for text in (seal.manifest, AuditEntry.objects.get(seq=seal.audit_seq).body):
        assert name not in text
        assert phone not in text


def test_two_seals_of_the_same_contacts_have_different_digests(province, sealed):
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="理由")
    again = make.sealed(RecommendationList.objects.get(replaces=sealed), province)
    assert json.loads(again.seal.annex)["contacts"] == json.loads(sealed.seal.annex)["contacts"]
    assert again.seal.content["annex_sha256"] != sealed.seal.content["annex_sha256"]


def test_only_what_stands_above_the_line_is_sealed(province, listed):
    one = make.sealed(listed(3, limit=20), province)
    assert len(one.seal.content["entries"]) == 3
    workflow.fire(one, "supersede", actor=province.sealer, version=one.version, note="理由")
    fresh = RecommendationList.objects.get(replaces=one)
    RecommendationList.objects.filter(pk=fresh.pk).update(quota_limit=2)
    assert [row.rank for row in sealing._entries(RecommendationList.objects.get(pk=fresh.pk))] == [1, 2]


def test_reserves_are_not_recommended(province):
    """Below the line: on the list, not in the sheet, and still waiting as “qualified”."""
    one = make.open_list(province)
    first = make.qualified()
    for declaration in [first, *make.copies(first, 21)]:
        ranking.add_entry(one, declaration, actor=province.official, reserve=True)
    one = make.sealed(one, province)
    assert len(one.seal.content["entries"]) == 20
    statuses = {entry.rank: entry.declaration.status for entry in one.entries.select_related("declaration")}
    assert {statuses[rank] for rank in range(1, 21)} == {"recommended"}
    assert {statuses[21], statuses[22]} == {"qualified"}
    assert verification.check(one.seal.code).status == "intact"
    assert invariants.check() == []


# The dialog


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ticks": {"content"}}, "ticks"),
        ({"ticks": set()}, "ticks"),
        ({"count": "3"}, "count"),
        ({"count": ""}, "count"),
        ({"count": "二"}, "count"),
        ({"password": "wrong"}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_every_check_of_the_dialog_is_repeated(province, listed, change, field):
    one = listed(2)
    one = workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)
    given = {"password": make.PASSWORD, "count": "2", "ticks": {"content", "final"}} | change
    with pytest.raises(Blocked) as refusal:
        sealing.confirm_and_seal(one, actor=province.sealer, version=one.version, **given)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not Seal.objects.exists()
    refused = AuditEntry.objects.get(act="recommendationlist.seal", outcome="refused")
    assert (refused.actor_label, refused.subject) == (province.sealer.display, audit.subject_of(one))
    assert "wrong" not in refused.body


def test_guessing_the_password_of_the_dialog_locks_the_account(province, listed, settings):
    one = listed(2)
    one = workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)
    given = {"count": "2", "ticks": {"content", "final"}, "version": one.version, "actor": province.sealer}
    for _ in range(settings.LOGIN_FAILURES):
        with pytest.raises(Blocked):
            sealing.confirm_and_seal(one, password="wrong", **given)
    with pytest.raises(Blocked, match="暂时不能再试"):
        sealing.confirm_and_seal(one, password=make.PASSWORD, **given)


def test_confirmed_and_sealed(province, listed):
    one = listed(2)
    one = workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)
    given = {"password": make.PASSWORD, "count": " ２ ", "ticks": {"content", "final"}}
    with pytest.raises(StaleState):
        sealing.confirm_and_seal(one, actor=province.sealer, version=one.version - 1, **given)
    assert sealing.confirm_and_seal(one, actor=province.sealer, version=one.version, **given).status == "sealed"


def test_a_seal_that_cannot_be_finished_leaves_nothing(province, listed, monkeypatch):
    one = listed(2)
    one = workflow.fire(make.settle(one), "freeze", actor=province.official, version=one.version)
    before = AuditEntry.objects.count(), Job.objects.count()

    def broken(made, name):
        raise OSError("disk full")

    monkeypatch.setattr(sealing, "enqueue_document", broken)
    with pytest.raises(OSError, match="disk full"):
        workflow.fire(one, "seal", actor=province.sealer, version=one.version)
    one.refresh_from_db()
    assert (one.status, Seal.objects.count()) == ("frozen", 0)
    assert IssuedDocument.objects.filter(kind=sealing.KIND).count() == 0
    assert (AuditEntry.objects.count(), Job.objects.count()) == before
    assert {entry.declaration.status for entry in one.entries.select_related("declaration")} == {"qualified"}


# Tampering, one character each


@pytest.fixture
def drawn(quick, run_jobs):
    """The sealed list with its documents."""
    run_jobs()
    assert verification.check(quick.seal.code).status == "intact"
    return quick


def swap_ranks(one):
    first, second = one.entries.order_by("rank")
    for entry, rank in ((first, -1), (second, 1), (first, 2)):
        Entry.objects.filter(pk=entry.pk).update(rank=rank)


def push_rank(one):
    Entry.objects.filter(list=one, rank=2).update(rank=3)


def rename(one):
    bend(Enterprise.objects.get(pk=one.entries.get(rank=1).declaration.enterprise_id), "name")


def renumber(one):
    bend(one.entries.get(rank=1).declaration, "number")


def exempt(one):
    Entry.objects.filter(list=one, rank=2).update(exempt_reason="x")


def point_elsewhere(one):
    first, second = one.entries.order_by("rank")
    Entry.objects.filter(pk=first.pk).update(revision=second.revision_id)


def raise_limit(one):
    RecommendationList.objects.filter(pk=one.pk).update(quota_limit=one.quota_limit + 1)


def bend_signature(one):
    Seal.objects.filter(list=one).update(signature=one.seal.signature | {"value": bent(one.seal.signature["value"])})


def bend_trail(one):
    with without_guards():
        bend(AuditEntry.objects.get(seq=one.seal.audit_seq), "body")


def bend_checkpoint(one):
    with without_guards():
        bend(AuditCheckpoint.objects.get(size=one.seal.checkpoint_size), "hash")


def lose_checkpoint(one):
    with without_guards():
        AuditCheckpoint.objects.filter(size=one.seal.checkpoint_size).delete()


def lose_trail(one):
    with without_guards():
        AuditEntry.objects.filter(seq=one.seal.audit_seq).delete()


CASES = {
    "rank swapped": (swap_ranks, "名单现在的记录与封存内容不一致"),
    "rank moved": (push_rank, "名单现在的名次不连续"),
    "enterprise renamed": (rename, "名单现在的记录与封存内容不一致"),
    "number": (renumber, "名单现在的记录与封存内容不一致"),
    "exempted": (exempt, "名单现在的记录与封存内容不一致"),
    "other revision": (point_elsewhere, "名单现在的记录与封存内容不一致"),
    "quota": (raise_limit, "名单登记的名额与封存内容不一致"),
    "manifest": (lambda one: bend(one.seal, "manifest"), "封存内容与封存时的校验值不一致"),
    "digest": (lambda one: bend(one.seal, "sha256"), "封存内容与封存时的校验值不一致"),
    "second digest": (lambda one: bend(one.seal, "sm3"), "封存内容与国密校验值不一致"),
    "register": (lambda one: bend(one.seal.issued, "digest"), "封存内容与封存时的校验值不一致"),
    "annex": (lambda one: bend(one.seal, "annex"), "联系人附录与封存时不一致"),
    "signature": (bend_signature, "封存内容的签名对不上"),
    "audit row": (bend_trail, "封存的审计记录已被改动或丢失"),
    "audit row lost": (lose_trail, "封存的审计记录已被改动或丢失"),
    "audit hash": (lambda one: bend(one.seal, "audit_hash"), "封存的审计记录与封存内容不一致"),
    "checkpoint": (bend_checkpoint, "封存时的校验点已被改动或丢失"),
    "checkpoint lost": (lose_checkpoint, "封存时的校验点已被改动或丢失"),
    "revision": (lambda one: bend(one.entries.get(rank=2).revision, "payload"), "的定稿内容被改动"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_changed_character_is_named(sealed, client, case):
    code = sealed.seal.code
    assert checked(code, client).status == "intact"
    act, words = CASES[case]
    act(sealed)
    result = checked(code, client)
    assert result.status == "altered"
    assert words in "；".join(result.finding.details)
    assert any(words in found["message"] for found in invariants.check())


@pytest.mark.parametrize("name", ["summary-sheet.pdf", "summary-sheet.xlsx", "cover-letter.pdf"])
def test_one_changed_byte_of_a_kept_document_is_named(drawn, client, tmp_path, name):
    stored = verification.rendered(drawn.seal.issued, name)
    copy = tmp_path / name
    copy.write_bytes(stored.read())
    assert verify(copy) == (0, {"file": str(copy), "kind": name.rpartition(".")[2],
                                "code": drawn.seal.code, "status": "intact", "details": []})  # fmt: skip
    bend_file(stored)
    assert f"保存的文件（{name}）已被改动或丢失" in checked(drawn.seal.code, client).finding.details
    assert verify(copy)[1]["status"] == "altered"
    bend_file(stored)
    stored.path.unlink()
    assert verification.check(drawn.seal.code).status == "altered"


@pytest.mark.parametrize("name", ["summary-sheet.pdf", "summary-sheet.xlsx", "cover-letter.pdf"])
def test_one_changed_byte_of_a_copy_is_told(drawn, tmp_path, name):
    """The stored document is sound; the copy somebody hands in is not."""
    stored = verification.rendered(drawn.seal.issued, name)
    copy = tmp_path / name
    copy.write_bytes(stored.read() + b"\n")
    code, answer = verify(copy)
    assert (code, answer["status"], answer["code"]) == (1, "altered", drawn.seal.code)
    assert answer["details"] == ["文件与系统签发的不一致，可能被改动过"]
    assert verification.check(drawn.seal.code).status == "intact"


def test_manifest_as_a_file(drawn, tmp_path):
    copy = tmp_path / "manifest.json"
    copy.write_text(drawn.seal.manifest, encoding="utf-8")
    code, answer = verify(copy)
    assert (code, answer["kind"], answer["status"]) == (0, "manifest", "intact")
    copy.write_text(drawn.seal.manifest.replace('"limit":20', '"limit":21'), encoding="utf-8")
    code, answer = verify(copy)
    assert (code, answer["status"], answer["code"]) == (1, "altered", drawn.seal.code)


# Right where nothing is wrong


def test_unknown_code(client, db):
    assert checked("0123456789ABCDEF", client).status == "unknown"


@pytest.mark.parametrize("code", ["x", "%00", "0" * 200, "封存", "' OR 1=1"])
def test_odd_codes_are_unknown(client, db, code):
    assert client.get(f"/verify/{code}/").status_code == 404


def test_code_as_it_is_printed(sealed, client):
    code = sealed.seal.code
    printed = " ".join(code[at : at + 4] for at in range(0, 16, 4)).lower()
    assert client.get("/verify/", {"code": printed})["Location"] == f"/verify/{code}/"


def test_withdrawn_at_once_and_replaced_later(province, sealed, client):
    """From the moment of withdrawal nobody is told “valid”; the reason stands on the page, then the way to the new one."""
    code = sealed.seal.code
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="一家企业撤回申报")
    page = client.get(f"/verify/{code}/").content.decode()
    assert verification.check(code).status == "superseded"
    assert "已作废" in page
    assert "一家企业撤回申报" in page
    assert "有效" not in page
    again = make.sealed(RecommendationList.objects.get(replaces=sealed), province)
    page = client.get(f"/verify/{code}/").content.decode()
    assert "已被新版替换" in page
    assert f"/verify/{again.seal.code}/" in page
    assert verification.check(again.seal.code).status == "intact"


def test_withdrawn_and_tampered_is_altered(province, sealed):
    workflow.fire(sealed, "supersede", actor=province.sealer, version=sealed.version, note="理由")
    bend(sealed.seal, "manifest")
    assert verification.check(sealed.seal.code).status == "altered"


def test_public_page_names_no_contact(sealed, client):
    page = client.get(f"/verify/{sealed.seal.code}/").content.decode()
    for name, phone in json.loads(sealed.seal.annex)["contacts"].values():
        assert name not in page
        assert phone not in page
    assert sealed.seal.content["entries"][0]["enterprise"] in page


def test_later_entries_in_the_trail_change_nothing(province, sealed):
    advance(make.qualified(), "reopen")
    audit.checkpoint()
    assert verification.check(sealed.seal.code).status == "intact"
    assert Revision.objects.count() == 3
