"""Submitting: the deadline to the second, the frozen content, one receipt for one click, and what cannot be altered."""

import datetime

import pytest

from declarations import content, deadlines, services
from declarations.freezing import seen_digest
from declarations.models import Declaration, Revision, SectionContent
from declarations.verifier import check
from smartfactory import verification, workflow
from smartfactory.canonical import sha256, sm3
from smartfactory.models import AuditEntry, Job
from tests.factories import declarations as made

END = datetime.datetime(2024, 11, 22, 23, 59, 59, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
PROMISES = ["truth", "secrecy", "cooperation"]


@pytest.fixture
def send(draft, signatory):
    """Submit as the signatory; keyword arguments replace the usual ones."""

    def submit(**more):
        current = Declaration.objects.get(pk=draft.pk)
        usual = {
            "actor": signatory,
            "version": current.version,
            "promises": PROMISES,
            "key": "k1",
            "received_at": deadlines.server_time(),
        }
        return services.submit(current, **usual | more)

    return submit


@pytest.mark.parametrize(("late", "accepted"), [(0, True), (0.999, True), (1, False)])
def test_deadline_includes_its_last_second(draft, send, late, accepted):
    made.extend_deadline(draft, END)
    received = END + datetime.timedelta(seconds=late)
    if accepted:
        assert send(received_at=received).received_at == received
    else:
        with pytest.raises(
            workflow.Blocked, match="系统收到的时间是 2024-11-23 00:00:00，截止时间是 2024-11-22 23:59:59"
        ):
            send(received_at=received)
        assert Declaration.objects.get(pk=draft.pk).status == "draft"


def test_nearest_deadline_counts(draft):
    track, city = draft.track, draft.enterprise.authority
    assert deadlines.resolve(track, "enterprise", city.parent).at == END
    made.extend_deadline(draft, END - datetime.timedelta(days=3))
    assert deadlines.resolve(track, "enterprise", city).at == END - datetime.timedelta(days=3)
    assert deadlines.resolve(track, "enterprise").at == END
    assert deadlines.resolve(track, "city", city) is None


def test_frozen_word_for_word(draft, send):
    said = content.payload(draft)
    revision = send()
    assert revision.content | said == revision.content
    assert (revision.sha256, revision.sm3) == (sha256(revision.payload), sm3(revision.payload))
    assert content.canonical(revision.content) == revision.payload
    assert [one["key"] for one in revision.content["commitments"]] == PROMISES


def test_receipt_is_anchored_in_the_trail(draft, send):
    revision = send()
    entry = AuditEntry.objects.get(act="declaration.submit")
    assert (revision.audit_seq, revision.audit_hash) == (entry.seq, entry.hash)
    assert revision.code == revision.sha256[:16].upper()
    assert Job.objects.get(kind="declaration_pdf").params == {"revision": revision.pk, "sha256": revision.sha256}


def test_same_key_same_receipt(draft, send):
    first = send()
    assert send() == first
    assert send(version=1) == first
    assert (Revision.objects.count(), AuditEntry.objects.filter(act="declaration.submit").count()) == (1, 1)


def test_second_click_with_another_key_is_no_second_submission(draft, send):
    first = send()
    assert send(key="k2", version=1) == first
    assert Revision.objects.count() == 1


def test_unconfirmed_commitment_is_named(send):
    with pytest.raises(workflow.Blocked) as refused:
        send(promises=["truth"])
    assert [one.field for one in refused.value.problems] == ["promise-secrecy", "promise-cooperation"]


def test_broken_rule_blocks(draft, send):
    SectionContent.objects.filter(declaration=draft, key="factory").write(data={})
    with pytest.raises(workflow.Blocked):
        send()
    assert not Revision.objects.exists()


def test_content_changed_behind_the_page_is_not_signed(draft, send, preparer):
    seen = seen_digest(content.payload(draft))
    services.save_section(draft, "factory", {"summary": "背后改的"}, version=1, actor=preparer)
    with pytest.raises(workflow.Blocked, match="又有改动"):
        send(seen=seen)
    assert send(seen=seen_digest(content.payload(draft))).number == 1


def test_only_the_signatory_submits(send, preparer):
    with pytest.raises(workflow.NotAllowed):
        send(actor=preparer)


def test_resubmission_supersedes_and_settles_what_was_asked(policy):
    declaration = made.make_declaration(status="returned")
    preparer = made.people_of(declaration)[0]
    services.save_section(declaration, "factory", {"summary": "按意见改的简介"}, version=1, actor=preparer)
    declaration = made.submit(declaration)
    first, second = declaration.revisions.all()
    assert first.issued.superseded_by == second.issued
    assert [one.resolved for one in first.return_items.all()] == [True]
    assert declaration.latest_revision == second


def test_file_named_by_a_revision_stays(draft, send, preparer):
    from declarations import evidence

    file = draft.evidence.first()
    revision = send()
    declaration = workflow.fire(Declaration.objects.get(pk=draft.pk), "withdraw", actor=preparer, version=2)
    evidence.remove(declaration.evidence.get(pk=file.pk), actor=preparer)
    assert revision.files.filter(pk=file.file_id).exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"payload": lambda text: text.replace("柔性", "刚性", 1)}, "定稿内容与提交时的校验值不一致"),
        ({"sm3": lambda text: "0" * 64}, "定稿内容与国密校验值不一致"),
        ({"audit_hash": lambda text: "0" * 64}, "提交的审计记录与定稿不一致"),
        ({"audit_seq": lambda text: 999}, "提交的审计记录已被改动或丢失"),
        ({"payload": lambda text: "不是 JSON"}, "定稿内容与提交时的校验值不一致"),
    ],
)
def test_any_alteration_is_reported(send, change, words):
    revision = send()
    assert verification.check(revision.code).status == "intact"
    name, bend = next(iter(change.items()))
    Revision.objects.filter(pk=revision.pk).update(**{name: bend(getattr(revision, name))})
    found = check(revision.issued)
    assert found.status == "altered"
    assert words in found.details


def test_public_facts_name_no_person(send):
    facts = dict(check(send().issued).facts)
    assert set(facts) == {"申报单位", "项目名称", "申报类别", "编号", "版本", "提交时间"}
    assert "周敏" not in str(facts)
