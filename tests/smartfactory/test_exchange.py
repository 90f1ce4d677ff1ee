"""A whole installation to a file and back: nothing lost, nothing added, nothing believed unchecked."""

import io
import os
import subprocess
import sys
import threading
import zipfile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections, transaction

from smartfactory import archive, audit, audit_guards, exchange, rows, verification
from smartfactory.models import AuditEntry, Enterprise, StoredFile, User
from tests.factories.organisations import make_enterprise, make_user
from tests.support import world as worlds


@pytest.fixture
def world(policy, transactional_db):
    return worlds.build()


@pytest.fixture
def small(transactional_db):
    """An installation with a person, an enterprise and an entry in the trail."""
    make_enterprise()
    with transaction.atomic():
        audit.record("test.act", actor=make_user())
    audit.checkpoint()


def elsewhere(folder, *command):
    """Run a command of manage.py on an installation of its own: SQLite, in `folder`."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"VAR_DIR": str(folder), "KEYS_DIR": str(folder / "keys"), "DEMO": "0"}
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *command],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_the_same_bytes_come_out_of_an_empty_installation(world, tmp_path):
    """From the engine under test to SQLite, and back: rows, files and keys, byte for byte."""
    first, second, third = (tmp_path / name for name in ("first.zip", "second.zip", "third.zip"))
    call_command("export_all", str(first), stdout=io.StringIO())
    elsewhere(tmp_path / "new", "migrate", "--verbosity", "0")
    assert "核对无误" in elsewhere(tmp_path / "new", "import_all", str(first))
    elsewhere(tmp_path / "new", "export_all", str(second))
    assert second.read_bytes() == first.read_bytes()
    call_command("import_all", str(second), "--replace", stdout=io.StringIO())
    call_command("export_all", str(third), stdout=io.StringIO())
    assert third.read_bytes() == first.read_bytes()
    assert audit_guards.missing(connection) == []


def test_a_restored_installation_works_on(world, tmp_path):
    """What was lost since the backup is back, papers verify, and new rows get numbers of their own."""
    copy = tmp_path / "backup.zip"
    call_command("backup", str(copy), stdout=io.StringIO())
    enterprises = set(Enterprise.objects.values_list("pk", flat=True))
    for stored in StoredFile.objects.all():
        stored.path.unlink(missing_ok=True)
    User.objects.update(full_name="被改过")
    late = make_enterprise()
    call_command("restore", str(copy), "--replace", stdout=io.StringIO())
    assert set(Enterprise.objects.values_list("pk", flat=True)) == enterprises
    assert not User.objects.filter(full_name="被改过").exists()
    assert verification.check(world.ids["code"]).status == "intact"
    assert make_enterprise(name=late.name).pk not in enterprises
    assert audit.verify() == []


def test_everything_is_written_as_of_one_moment_and_nobody_waits(small, tmp_path, monkeypatch):
    """Somebody else commits while the rows are being written: he is not held up, and the file does not know it."""
    plain, others = rows.lines, []

    def while_others_write(model):
        if model is User:
            others.append(threading.Thread(target=write_elsewhere))
            others[0].start()
            others[0].join(timeout=10)
        return plain(model)

    def write_elsewhere():
        make_user("latecomer")
        connections.close_all()

    # The moment is that of the first table that is read.
    monkeypatch.setattr(rows, "all_models", lambda: [Enterprise, User])
    monkeypatch.setattr(rows, "lines", while_others_write)
    exchange.write(tmp_path / "copy.zip")
    assert not others[0].is_alive()
    assert User.objects.filter(username="latecomer").exists()
    assert b"latecomer" not in (tmp_path / "copy.zip").read_bytes()


def test_what_is_there_is_not_overwritten_unasked(small, tmp_path):
    copy = tmp_path / "copy.zip"
    exchange.write(copy)
    User.objects.update(full_name="新名字")
    with pytest.raises(CommandError, match=r"账号 1 条、企业 1 条、审计记录 1 条.*--replace"):
        call_command("import_all", str(copy))
    assert User.objects.get().full_name == "新名字"
    with pytest.raises(CommandError, match="已经存在，没有覆盖"):
        call_command("export_all", str(copy))


def test_policy_loaded_at_the_start_is_nobodys_work(policy, transactional_db):
    """An installation that was only started, with editions and authorities, can still be imported into."""
    assert exchange.occupied() == {}


def rewritten(source, target, change):
    """Copy an archive through `change(name, content)`; None leaves the entry out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, content: content.replace("澜州".encode(), "平岭".encode()), "摘要不一致"),
        (lambda name, content: None if "user" in name else content, "条目与清单不一致"),
        (lambda name, content: content.replace(b"archive/1", b"archive/9"), "本版本只认"),
        (lambda name, content: content.replace(b'"schema":{', b'"schema":{"later":"0009",'), "另一个版本"),
        (lambda name, content: None if name == "manifest.json" else content, "不是本系统导出的文件"),
    ],
)
def test_a_file_that_was_altered_is_refused_and_changes_nothing(small, tmp_path, change, words):
    copy = tmp_path / "copy.zip"
    exchange.write(copy)
    altered = rewritten(copy, tmp_path / "altered.zip", change)
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(altered), "--replace")
    assert Enterprise.objects.count() == 1
    assert audit_guards.missing(connection) == []


def test_a_file_that_was_cut_short_or_is_missing_is_refused(small, tmp_path):
    copy = tmp_path / "copy.zip"
    exchange.write(copy)
    short = tmp_path / "short.zip"
    short.write_bytes(copy.read_bytes()[:-200])
    with pytest.raises(CommandError, match="没有传完整"):
        call_command("restore", str(short), "--replace")
    with pytest.raises(CommandError, match="读不到"):
        call_command("restore", str(tmp_path / "nothing.zip"), "--replace")


def test_a_row_that_does_not_fit_undoes_the_whole_import(small, tmp_path):
    """A forged archive with sound digests: a reference that leads nowhere."""
    copy, target = tmp_path / "copy.zip", tmp_path / "forged.zip"
    exchange.write(copy)
    old = archive.Reader(copy)
    with target.open("wb") as out:
        writer = archive.Writer(out)
        for name in old.manifest["entries"]:
            content = b"".join(old.chunks(name))
            if name == "rows/smartfactory.enterprise.jsonl":
                content = content.replace(b'"authority_id":', b'"authority_id":99')
            writer.add(name, [content])
        writer.finish(**{key: old.manifest[key] for key in ("rows", "schema", "damaged")})
    with pytest.raises(CommandError, match="对不上"):
        call_command("import_all", str(target), "--replace")
    assert Enterprise.objects.get().authority.code == "990101"


def test_a_lost_file_does_not_prevent_a_backup_and_is_named(world, tmp_path, capsys):
    stored = StoredFile.objects.get(pk=world.ids["file"])
    stored.path.chmod(0o600)
    stored.path.write_bytes(b"altered")
    with pytest.raises(SystemExit):
        call_command("backup", str(tmp_path / "copy.zip"), stdout=io.StringIO())
    assert stored.digest in capsys.readouterr().err
    reader = archive.Reader(tmp_path / "copy.zip")
    assert reader.manifest["damaged"] == [stored.digest]
    stored.path.unlink()


def test_a_trail_that_does_not_hold_is_told_after_the_import(small, tmp_path, capsys):
    audit_guards.remove(connection)
    AuditEntry.objects.update(body='{"forged":true}')
    audit_guards.install(connection)
    copy = tmp_path / "copy.zip"
    exchange.write(copy)
    with pytest.raises(SystemExit):
        call_command("restore", str(copy), "--replace", stdout=io.StringIO())
    assert "第 1 条审计记录的内容被改动" in capsys.readouterr().err


def test_the_file_is_for_its_owner_alone_and_has_no_private_key(small, tmp_path):
    copy = tmp_path / "copy.zip"
    exchange.write(copy)
    assert copy.stat().st_mode & 0o077 == 0
    assert b"PRIVATE KEY" not in copy.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.zip"]


def test_every_table_of_the_project_is_covered():
    """Left out are only the links to Django's own groups and permissions, which nothing here uses."""
    ours = {model for model in apps.get_models(include_auto_created=True) if model.__module__.split(".")[0] in FLOORS}
    left_out = {model._meta.label for model in ours - set(rows.all_models())}
    assert left_out == {"smartfactory.User_groups", "smartfactory.User_user_permissions"}


FLOORS = ("smartfactory", "assessment", "declarations", "recommendations")
