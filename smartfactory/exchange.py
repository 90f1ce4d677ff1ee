"""A whole installation as one file, and an installation from such a file.

The file holds every row, every stored file that a row names, and the public keys the trail was signed with; never a
private key. Reading it into an empty installation and writing it again gives the same bytes, on either engine.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from smartfactory import audit, audit_guards, files, rows, signing
from smartfactory.archive import BadArchive, Reader, Writer
from smartfactory.models import AuditCheckpoint, AuditEntry, Enterprise, StoredFile, User


class Occupied(Exception):
    """There is an installation here already; the text says what to do."""


@dataclass
class Report:
    """What was written or read: rows by table, files, files that are lost or damaged, defects of the trail."""

    rows: int = 0
    files: int = 0
    damaged: list[str] = field(default_factory=list)
    findings: list[audit.Finding] = field(default_factory=list)


def write(target: Path) -> Report:
    """Write everything to `target`, which must not exist; it appears whole or not at all.

    A stored file that is lost or damaged is left out and named in the report: one bad file must not prevent a backup.
    """
    if target.exists():
        raise FileExistsError(f"{target} 已经存在，没有覆盖。请换一个文件名")
    draft = target.with_name(f".{target.name}.part")
    report = Report()
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            _write(Writer(out), report)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return report


def _write(out: Writer, report: Report) -> None:
    counts = {}
    with _one_moment():
        for model in rows.all_models():
            label = model._meta.label_lower
            out.add(f"rows/{label}.jsonl", rows.lines(model))
            counts[label] = model._base_manager.count()
        keys = sorted(set(AuditCheckpoint.objects.values_list("key_id", flat=True)))
        stored = list(StoredFile.objects.order_by("digest"))
    # Files never change once kept, so they need no lock, however long they take.
    for key in keys:
        out.add(f"keys/{key}.pub", [signing.public_pem(key).encode("ascii")])
    for one in sorted(stored, key=lambda one: one.digest):
        _add_file(out, one, report)
    report.rows = sum(counts.values())
    out.finish(rows=counts, schema=_schema(), damaged=report.damaged)


def _add_file(out: Writer, stored: StoredFile, report: Report) -> None:
    if not _sound(stored):
        report.damaged.append(stored.digest)
        return
    with stored.open() as source:
        out.add(f"files/{stored.digest}", iter(lambda: source.read(1 << 20), b""))
    report.files += 1


def _sound(stored: StoredFile) -> bool:
    if not stored.path.is_file():
        return False
    with stored.open() as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == stored.digest


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Read everything as of one moment, without holding up those who write."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _schema() -> dict[str, str]:
    """The newest migration of every app of the project: rows fit only the tables they came from."""
    ours = {model._meta.app_label for model in rows.all_models()}
    leaves = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes()
    return {app: name for app, name in sorted(leaves) if app in ours}


def read(source: Path, *, replace: bool = False) -> Report:
    """Make this installation the one in `source`.

    Raises Occupied where people or enterprises are known already, unless told to `replace` them; BadArchive when the
    file is not whole or was written by another version. Then nothing has changed.
    """
    archive = Reader(source)
    try:
        if archive.manifest["schema"] != _schema():
            raise BadArchive(f"{source} 是另一个版本的系统写出的，表结构不同。请用写出它的版本导入，再升级")
        _refuse_if_occupied(replace=replace)
        report = Report(damaged=list(archive.manifest["damaged"]))
        _read_files(archive, report)
        _read_rows(archive, report)
    except IntegrityError as error:
        raise BadArchive(f"文件里的数据互相对不上，没有导入：{error}") from None
    finally:
        archive.close()
    report.findings = audit.verify()
    return report


def occupied() -> dict[str, int]:
    """What people have done here so far. Editions and authorities loaded at the start are nobody's work."""
    counts = {"账号": User, "企业": Enterprise, "审计记录": AuditEntry}
    return {name: count for name, model in counts.items() if (count := model._base_manager.count())}


def _refuse_if_occupied(*, replace: bool) -> None:
    if replace or not (found := occupied()):
        return
    words = "、".join(f"{name} {count} 条" for name, count in found.items())
    raise Occupied(
        f"这里已有数据（{words}），没有导入。请在新安装上导入（只运行过 manage.py migrate）；"
        "确要用文件里的内容替换这里的全部数据，请先备份、停止网站和后台，再加上 --replace"
    )


def _read_files(archive: Reader, report: Report) -> None:
    for name in archive.names("files/"):
        with archive.open(name) as source:
            digest, _ = files.keep(source)
        if name != f"files/{digest}":
            raise BadArchive(f"{name} 的内容与名字不符。请重新取得这个文件")
        report.files += 1
    folder = Path(settings.KEYS_ROOT)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in archive.names("keys/"):
        path = folder / Path(name).name
        if not path.exists():
            path.write_bytes(b"".join(archive.chunks(name)))


def _read_rows(archive: Reader, report: Report) -> None:
    with transaction.atomic():
        _take_time()
        audit_guards.remove(connection)
        rows.remove_all()
        audit_guards.install(connection)
        for name in archive.names("rows/"):
            model = apps.get_model(name.removeprefix("rows/").removesuffix(".jsonl"))
            with archive.open(name) as source:
                report.rows += rows.put_back(model, source)
        rows.settle(rows.all_models())


def _take_time() -> None:
    """Emptying a large table may take longer than a page may."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
