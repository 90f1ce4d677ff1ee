"""Uploads that survive a cut line: begun, sent part by part at an offset, and checked as a whole before they count.

Only the person who began one goes on with it. What nobody goes on with is swept away; a plain form sends files whole.
"""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from declarations import evidence, returning
from declarations.content import Field
from declarations.models import Declaration, Evidence, LateChangeError, ScenarioInstance, Upload
from smartfactory.files import EMPTY, BadFile

if TYPE_CHECKING:
    from smartfactory.models import User

# How many files one person may have on the way to one declaration, and how long one waits to be gone on with.
MOST_OPEN = 12
PATIENCE = timedelta(days=2)
PART = 4 << 20
DIFFERENT = "收到的内容与您选的文件不一致，已经清掉。请重新选择这个文件上传"


class WrongOffset(Exception):
    """The part does not begin where the last one ended; `received` says where it has to."""

    def __init__(self, received: int) -> None:
        super().__init__(received)
        self.received = received


def begin(
    declaration: Declaration, field: Field, instance: ScenarioInstance | None, name: str, size: int, *, actor: User
) -> Upload:
    """The upload of this file to this place: the one that was cut off before, or a new one.

    Raises BadFile for what would not be accepted at the end, LateChangeError when it is too late.
    """
    name = evidence.tidy(name)
    if size <= 0:
        raise BadFile(EMPTY)
    if size > evidence.limit(field):
        most = evidence.limit(field) / 1048576
        raise BadFile(f"文件有 {size / 1048576:.1f} MB，这里最大 {most:.1f} MB。请压缩或拆分后再上传")
    place = {"declaration": declaration, "section": field.section, "field": field.key, "instance": instance}
    if not returning.is_open(declaration, Evidence(**place).address):
        raise LateChangeError(declaration.status_word)
    own = Upload.objects.filter(owner=actor)
    if found := own.filter(**place, name=name, size=size).first():
        return _sound(found)
    if own.filter(declaration=declaration).count() >= MOST_OPEN:
        raise BadFile(f"已经有 {MOST_OPEN} 个文件没有传完。请先传完它们，或明天再传")
    return Upload.objects.create(owner=actor, **place, name=name, size=size, touched_at=timezone.now())


def _sound(upload: Upload) -> Upload:
    """The upload, from the start where its parts were lost."""
    held = upload.path.stat().st_size if upload.path.exists() else 0
    if held < upload.received:
        Upload.objects.filter(pk=upload.pk, received=upload.received).update(received=0)
        upload.refresh_from_db()
    return upload


def append(upload: Upload, offset: int, part: bytes) -> int:
    """Put a part where it belongs and return how much is there now. Raises WrongOffset, BadFile.

    The row is moved first and the bytes are on the disk before that counts, so a part is there whole or not at all.
    """
    if not part or len(part) > PART or offset + len(part) > upload.size:
        raise BadFile("这一段的大小不对。请重新选择这个文件上传")
    with transaction.atomic():
        rows = Upload.objects.filter(pk=upload.pk, received=offset)
        if not rows.update(received=F("received") + len(part), touched_at=timezone.now()):
            now = Upload.objects.filter(pk=upload.pk).values_list("received", flat=True).first()
            raise WrongOffset(now or 0)
        upload.path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(upload.path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as shelf:
            shelf.seek(offset)
            shelf.write(part)
            shelf.flush()
            os.fsync(shelf.fileno())
    return offset + len(part)


def finish(upload: Upload, field: Field, digest: str, *, actor: User) -> Evidence:
    """Take the whole file into its place. Raises WrongOffset while parts are missing, BadFile, LateChangeError.

    A file that is not what was sent, or that is refused, is thrown away: it would be refused again.
    """
    if upload.received != upload.size or not upload.path.exists():
        raise WrongOffset(_sound(upload).received)
    if _digest(upload.path) != digest:
        drop(upload)
        raise BadFile(DIFFERENT)
    try:
        with upload.path.open("rb") as whole:
            made = evidence.add(upload.declaration, field, whole, upload.name, actor=actor, instance=upload.instance)
    except (BadFile, LateChangeError):
        drop(upload)
        raise
    drop(upload)
    return made


def _digest(path: Path) -> str:
    with path.open("rb") as whole:
        return hashlib.file_digest(whole, "sha256").hexdigest()


def drop(upload: Upload) -> None:
    """Forget an upload and its parts."""
    Upload.objects.filter(pk=upload.pk).delete()
    upload.path.unlink(missing_ok=True)


def sweep(now: datetime | None = None) -> int:
    """Throw away what nobody has gone on with for long, and parts whose row is gone. Returns how many."""
    before = (now or timezone.now()) - PATIENCE
    old = list(Upload.objects.filter(touched_at__lt=before))
    for one in old:
        drop(one)
    root = Path(settings.UPLOADS_ROOT)
    known = set(Upload.objects.values_list("public_id", flat=True))
    for path in root.iterdir() if root.exists() else ():
        if path.name not in known and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
    return len(old)
