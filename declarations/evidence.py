"""Uploads: parsed before they are kept; pictures are re-encoded once, so that no document carries a camera's file."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction

from declarations import content, returning
from declarations.models import Declaration, Evidence, LateChangeError, ScenarioInstance
from smartfactory import audit, files, jobs, text

if TYPE_CHECKING:
    from smartfactory.models import StoredFile, User

PREVIEW_JOB = "evidence_preview"
WIDEST = 1772
ALLOWED = ["pdf", "jpeg", "png"]


def add(
    declaration: Declaration,
    field: content.Field,
    upload: BinaryIO,
    name: str,
    *,
    actor: User,
    instance: ScenarioInstance | None = None,
) -> Evidence:
    """Keep an upload in its place in the form. Raises files.BadFile in words, LateChangeError when it is too late."""
    name = tidy(name)
    accept, least = list(field.params.get("accept", ALLOWED)), int(field.params.get("min_side", 0))
    found = files.inspect(upload, name, accept, limit(field), min_side=least)
    _plays_within(found.seconds, int(field.params.get("max_seconds", 0)))
    upload.seek(0)
    body, mime = (picture(upload), files.MIMES["jpeg"]) if field.params.get("figure") else (upload, found.mime)
    stored = files.put(body, mime)
    place = {"declaration": declaration, "section": field.section, "field": field.key, "instance": instance}
    evidence = Evidence(**place, name=name, file=stored, pages=found.pages, added_by=actor)
    with transaction.atomic():
        locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
        if not returning.is_open(locked, evidence.address):
            raise LateChangeError(locked.status_word)
        _has_room(list(Evidence.objects.filter(**place)), int(field.params.get("max_files", 10)), stored)
        evidence.save()
        jobs.enqueue(PREVIEW_JOB, f"file:{stored.digest}", {"sha256": stored.digest})
        body = {"field": evidence.address, "sha256": stored.digest, "size": stored.size}
        audit.record("evidence.add", actor=actor, obj=declaration, body=body)
    return evidence


def limit(field: content.Field) -> int:
    """How many bytes a file in this place has at most."""
    return min(int(field.params.get("max_mb", 20)) * 1024 * 1024, settings.MAX_UPLOAD_BYTES)


def _has_room(present: list[Evidence], most: int, stored: StoredFile) -> None:
    """Whether the place takes this file: not the same content twice, and not more than it may hold."""
    for one in present:
        if one.file_id == stored.digest:
            raise files.BadFile(f"内容与这里已有的“{one.name}”完全相同，不用再传")
    if len(present) >= most:
        raise files.BadFile(f"这里最多 {most} 个文件，已经有 {most} 个。请先删去不用的")


def elsewhere(evidence: Evidence) -> str:
    """The name under which the declaration holds the same content in another place; empty if it does not."""
    same = Evidence.objects.filter(declaration=evidence.declaration_id, file=evidence.file_id)
    return same.exclude(pk=evidence.pk).values_list("name", flat=True).first() or ""


def _plays_within(seconds: int, most: int) -> None:
    if most and seconds > most:
        raise files.BadFile(f"视频长 {_clock(seconds)}，最长 {_clock(most)}。请剪短后再上传")


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} 分 {rest} 秒" if minutes and rest else f"{minutes} 分钟" if minutes else f"{rest} 秒"


def remove(evidence: Evidence, *, actor: User) -> None:
    """Take a file out of the form; revisions that name it keep it. Raises LateChangeError when it is too late."""
    with transaction.atomic():
        locked = Declaration.objects.select_for_update().get(pk=evidence.declaration_id)
        if not returning.is_open(locked, evidence.address):
            raise LateChangeError(locked.status_word)
        body = {"field": evidence.address, "sha256": evidence.file_id}
        evidence.delete()
        audit.record("evidence.remove", actor=actor, obj=locked, body=body)


def tidy(name: str) -> str:
    """The file's own name without folders, control characters or an absurd length; the suffix stays."""
    base = os.path.basename(text.clean(name).replace("\\", "/")).strip() or "未命名"
    stem, dot, suffix = base.rpartition(".")
    return f"{stem[:120]}{dot}{suffix[:10]}" if dot else base[:120]


def picture(upload: BinaryIO) -> bytes:
    """The picture upright, at most WIDEST across, as JPEG without metadata."""
    from PIL import Image, ImageOps

    with Image.open(upload) as image:
        image.draft("RGB", (WIDEST, WIDEST))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((WIDEST, WIDEST))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82)
    return out.getvalue()
