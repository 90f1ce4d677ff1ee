"""The trail: it only grows, every change to it is found, and what was refused stays on record."""

import contextlib
import io
import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from smartfactory import audit, audit_guards, checks
from smartfactory.canonical import canonical_json
from smartfactory.models import AuditCheckpoint, AuditEntry, AuditHead, Role
from tests.factories.declarations import make_declaration
from tests.factories.organisations import make_enterprise, make_member, make_user

pytestmark = pytest.mark.django_db
SQLITE = connection.vendor == "sqlite"
TABLES = ("smartfactory_auditentry", "smartfactory_auditcheckpoint")


@pytest.fixture
def chain():
    """Five entries, a checkpoint over the first four."""
    user = make_user()
    for number in range(1, 6):
        with transaction.atomic():
            audit.record("test.act", actor=user, obj=user, body={"number": number}, tenant="test")
        if number == 4:
            audit.checkpoint()
    return user


@pytest.fixture
def unguarded(chain):
    """Somebody who holds the database has taken the triggers off."""
    audit_guards.remove(connection)
    return chain


def messages():
    return [one.message for one in audit.verify()]


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# Guards

ATTACKS = [
    "UPDATE {table} SET hash = 'x'",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE {key} = (SELECT max({key}) FROM {table})",
    *(
        [
            "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            "REPLACE INTO {table} SELECT * FROM {table}",
            "UPDATE OR REPLACE {table} SET {key} = {key} + 1",
        ]
        if SQLITE
        else [
            "TRUNCATE {table}",
            "TRUNCATE {table} CASCADE",
            "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET hash = 'x'",
            "SET LOCAL session_replication_role = replica; UPDATE {table} SET hash = 'x'",
            "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
            "SET LOCAL session_replication_role = replica; TRUNCATE {table}",
        ]
    ),
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_everything_but_appending(chain, table, attack):
    key = audit_guards.TABLES[table]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(attack.format(table=table, key=key))
    assert (AuditEntry.objects.count(), AuditCheckpoint.objects.count()) == (5, 1)
    assert audit.verify() == []


def test_a_missing_guard_is_an_error_of_the_installation(chain):
    assert checks.audit_guards_stand(None, ["default"]) == []
    name = f"{TABLES[0]}_{'replace' if SQLITE else 'truncate'}"
    execute(f"DROP TRIGGER {name}" if SQLITE else f"DROP TRIGGER {name} ON {TABLES[0]}")
    found = checks.audit_guards_stand(None, ["default"])
    assert [(one.id, name in one.msg) for one in found] == [("smartfactory.E002", True)]


# What is found when the guards are gone

COLUMNS = [one.attname for one in AuditEntry._meta.concrete_fields if not one.primary_key]


def changed(value):
    """`value` with one character more, less or other."""
    if value is None or isinstance(value, int):
        return (value or 0) + 1
    return value[:-1] + ("0" if value[-1:] != "0" else "1") if value else "x"


@pytest.mark.parametrize("column", COLUMNS)
def test_one_character_in_any_column_is_found(unguarded, column):
    entry = AuditEntry.objects.get(seq=2)
    AuditEntry.objects.filter(seq=2).update(**{column: changed(getattr(entry, column))})
    assert 2 in {one.seq for one in audit.verify()}
    assert not audit.verify_entry(2)


def test_a_changed_entry_whose_hash_was_made_to_fit_breaks_the_next_link(unguarded):
    entry = AuditEntry.objects.get(seq=2)
    entry.body = canonical_json({"number": 22})
    entry.hash, entry.sm3 = audit._digests(entry)
    AuditEntry.objects.filter(seq=2).update(body=entry.body, hash=entry.hash, sm3=entry.sm3)
    assert messages() == ["第 3 条审计记录与上一条接不上"]


def test_a_chain_recomputed_throughout_contradicts_the_signed_checkpoint(unguarded):
    AuditEntry.objects.filter(seq=2).update(body=canonical_json({"number": 22}))
    recompute()
    assert messages() == ["第 4 条审计记录与已签名的校验点不一致"]


def recompute():
    """What a thief without the key can do: make the whole chain consistent again."""
    before = audit.GENESIS
    for entry in AuditEntry.objects.order_by("seq"):
        entry.prev = before
        entry.hash, entry.sm3 = audit._digests(entry)
        AuditEntry.objects.filter(seq=entry.seq).update(prev=entry.prev, hash=entry.hash, sm3=entry.sm3)
        before = entry.hash
    AuditHead.objects.update(hash=before)


def test_a_missing_entry_is_named(unguarded):
    AuditEntry.objects.filter(seq=3).delete()
    assert messages() == ["第 3 条到第 3 条审计记录缺失"]


def test_two_entries_that_changed_places_are_found(unguarded):
    AuditEntry.objects.filter(seq=2).update(seq=99)
    AuditEntry.objects.filter(seq=3).update(seq=2)
    AuditEntry.objects.filter(seq=99).update(seq=3)
    assert {2, 3} <= {one.seq for one in audit.verify()}


def test_an_entry_slipped_in_at_the_end_is_found(unguarded):
    last = AuditEntry.objects.get(seq=5)
    last.seq = 6
    last.save(force_insert=True)
    assert messages() == [
        "第 6 条审计记录与上一条接不上",
        "第 6 条审计记录的内容被改动",
        "审计记录应有 5 条，末尾与登记的不一致",
    ]


def test_a_tail_cut_off_is_found_by_the_head_and_before_a_checkpoint_by_its_signature(unguarded):
    AuditEntry.objects.filter(seq__gte=3).delete()
    assert "审计记录应有 5 条，末尾与登记的不一致" in messages()
    last = AuditEntry.objects.get(seq=2)
    AuditHead.objects.update(seq=2, hash=last.hash)
    assert messages() == ["第 4 条审计记录与已签名的校验点不一致"]


def test_an_emptied_trail_is_found(unguarded):
    AuditEntry.objects.all().delete()
    AuditHead.objects.all().delete()
    assert messages() == ["第 4 条审计记录与已签名的校验点不一致"]
    assert audit.checkpoint() is None


@pytest.mark.parametrize("column", ["size", "hash", "key_id", "text", "signature"])
def test_a_changed_checkpoint_is_found(unguarded, column):
    point = AuditCheckpoint.objects.get()
    AuditCheckpoint.objects.update(**{column: changed(getattr(point, column))})
    assert len(audit.verify()) == 1


def test_a_checkpoint_signed_by_another_key_does_not_count(unguarded, settings, tmp_path):
    AuditCheckpoint.objects.all().delete()
    own, settings.KEYS_ROOT = settings.KEYS_ROOT, tmp_path
    audit.checkpoint()
    assert audit.verify() == []
    settings.KEYS_ROOT = own
    assert messages() == ["校验点 5 的签名不对"]


def test_verification_may_begin_in_the_middle(unguarded):
    assert audit.verify(start=4) == []
    AuditEntry.objects.filter(seq=2).update(body="{}")
    assert audit.verify(start=4) == []
    assert [one.seq for one in audit.verify()] == [2]


# Writing


@contextlib.contextmanager
def undone():
    """A transaction that comes to nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_an_act_without_a_transaction_is_not_recorded(transactional_db):
    with pytest.raises(transaction.TransactionManagementError):
        audit.record("test.act")


def test_an_act_that_is_rolled_back_leaves_no_entry(chain):
    with undone():
        audit.record("test.act")
    assert AuditEntry.objects.count() == 5
    assert audit.verify() == []


def test_a_checkpoint_is_made_once_per_length(chain):
    first = audit.checkpoint()
    assert audit.checkpoint() == first
    assert AuditCheckpoint.objects.count() == 2


def test_a_refusal_outlives_the_callers_rollback(chain):
    """Within a request, a refusal inside a transaction that is undone is written at the request's end."""
    with audit.request_context(ip="192.0.2.7", request_id="abc"), undone():
        audit.refuse("test.act", actor=chain, obj=chain, reason="not allowed")
    entry = AuditEntry.objects.get(seq=6)
    assert (entry.outcome, entry.ip, entry.request_id, entry.actor_id) == ("refused", "192.0.2.7", "abc", chain.pk)
    assert audit.verify() == []


def test_what_a_page_refuses_is_on_record(policy, client_for):
    """A reader of the enterprise presses a button that is the signatory's; the page says no and the trail knows."""
    enterprise = make_enterprise()
    reader = make_member(Role.READER, enterprise=enterprise)
    declaration = make_declaration(enterprise=enterprise, filled=False)
    answer = client_for(reader).post(f"/declarations/{declaration.public_id}/submit/", {"version": 1})
    assert answer.status_code == 403
    last = AuditEntry.objects.order_by("-seq").first()
    assert (last.act, last.outcome, last.actor) == ("declaration.submit", "refused", reader)


# The command


def run_command(*arguments):
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_that_all_is_well(chain):
    assert run_command() == (
        0,
        "5 条审计记录、1 个校验点都核对无误。名单和定稿是否与记录一致，请另用 verify 和 check_invariants 核对\n",
    )
    code, text = run_command("--json")
    assert (code, json.loads(text)) == (0, {"intact": True, "entries": 5, "checkpoints": 1, "findings": []})


def test_the_command_names_each_finding_and_exits_with_1(unguarded):
    AuditEntry.objects.filter(seq=3).update(act="test.other")
    code, text = run_command("--json")
    found = [{"seq": 3, "message": "第 3 条审计记录的内容被改动"}]
    assert (code, json.loads(text)) == (1, {"intact": False, "entries": 5, "checkpoints": 1, "findings": found})
    assert run_command() == (1, "第 3 条审计记录的内容被改动\n")


def test_the_command_on_an_empty_trail():
    assert run_command() == (
        0,
        "0 条审计记录、0 个校验点都核对无误。名单和定稿是否与记录一致，请另用 verify 和 check_invariants 核对\n",
    )
