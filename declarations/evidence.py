"""Uploads: parsed before they are kept; pictures are re-encoded once, so that no document carries a camera's file."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.db import transaction

from declarations import content, returning
from declarations.models import Declaration, Evidence, LateChangeError, ScenarioInstance
from smartfactory import audit, files, text

if TYPE_CHECKING:
    from smartfactory.models import User

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
    limit = int(field.params.get("max_mb", 20)) * 1024 * 1024
    accept, least = list(field.params.get("accept", ALLOWED)), int(field.params.get("min_side", 0))
    found = files.inspect(upload, name, accept, min(limit, settings.MAX_UPLOAD_BYTES), min_side=least)
    _plays_within(found.seconds, int(field.params.get("max_seconds", 0)))
    upload.seek(0)
    body, mime = (_picture(upload), files.MIMES["jpeg"]) if field.params.get("figure") else (upload, found.mime)
    stored = files.put(body, mime)
    prefix = f"{field.section}.{instance.uid}" if instance else field.section
    with transaction.atomic():
        locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
        if not returning.is_open(locked, f"{prefix}.{field.key}"):
            raise LateChangeError(locked.status_word)
        present = Evidence.objects.filter(
            declaration=declaration, section=field.section, field=field.key, instance=instance
        )
        most = int(field.params.get("max_files", 10))
        if present.count() >= most:
            raise files.BadFile(f"这里最多 {most} 个文件，已经有 {most} 个。请先删去不用的")
        evidence = Evidence.objects.create(
            declaration=declaration, section=field.section, field=field.key, instance=instance, name=name, file=stored,
            pages=found.pages, added_by=actor,
        )  # fmt: skip
        body = {"field": f"{prefix}.{field.key}", "sha256": stored.digest, "size": stored.size}
        audit.record("evidence.add", actor=actor, obj=declaration, body=body)
    return evidence


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
        prefix = f"{evidence.section}.{evidence.instance.uid}" if evidence.instance else evidence.section
        if not returning.is_open(locked, f"{prefix}.{evidence.field}"):
            raise LateChangeError(locked.status_word)
        body = {"field": f"{prefix}.{evidence.field}", "sha256": evidence.file_id}
        evidence.delete()
        audit.record("evidence.remove", actor=actor, obj=locked, body=body)


def tidy(name: str) -> str:
    """The file's own name without folders, control characters or an absurd length; the suffix stays."""
    base = os.path.basename(text.clean(name).replace("\\", "/")).strip() or "未命名"
    stem, dot, suffix = base.rpartition(".")
    return f"{stem[:120]}{dot}{suffix[:10]}" if dot else base[:120]


def _picture(upload: BinaryIO) -> bytes:
    """The picture upright, at most WIDEST across, as JPEG without metadata."""
    from PIL import Image, ImageOps

    with Image.open(upload) as image:
        image.draft("RGB", (WIDEST, WIDEST))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((WIDEST, WIDEST))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82)
    return out.getvalue()
