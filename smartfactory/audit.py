"""The audit trail: append-only, hash-chained, with signed checkpoints. The only writer of the audit tables.

An act whose entry cannot be written does not happen: record() runs inside the act's own transaction, last, because
the head row is the one lock everybody shares. Bodies carry no personal data.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

from smartfactory import signing
from smartfactory.canonical import canonical_json, sha256, sm3

if TYPE_CHECKING:
    from smartfactory.models import AuditCheckpoint, AuditEntry, User

ORIGIN = "smartfactory-audit/1"
GENESIS = "0" * 64
_COLUMNS = (
    "seq", "stream", "at", "actor_id", "actor_label", "act", "outcome", "subject", "tenant", "ip", "request_id", "body",
    "prev",
)  # fmt: skip
_request: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("audit_request", default=None)
_refused: contextvars.ContextVar[list[dict] | None] = contextvars.ContextVar("audit_refused", default=None)


@dataclass(frozen=True)
class Finding:
    """One defect of the trail: the entry (or checkpoint size) it concerns, and what is wrong in words."""

    seq: int
    message: str


@contextlib.contextmanager
def request_context(*, ip: str, request_id: str) -> Iterator[None]:
    """Names the request in every entry written meanwhile; refusals that had to wait are written at its end."""
    token, waiting = _request.set({"ip": ip, "request_id": request_id}), _refused.set([])
    try:
        yield
    finally:
        for one in _refused.get() or []:
            with transaction.atomic():
                record(**one)
        _refused.reset(waiting)
        _request.reset(token)


def subject_of(obj: models.Model | str | None) -> str:
    """The name an object has in the trail: `app.model:pk`."""
    if obj is None or isinstance(obj, str):
        return obj or ""
    return f"{obj._meta.label_lower}:{obj.pk}"


def record(
    act: str,
    *,
    actor: User | None = None,
    obj: models.Model | str | None = None,
    outcome: str = "ok",
    body: dict | None = None,
    tenant: str = "",
) -> AuditEntry:
    """Append one entry. Must be called inside a transaction, after every other write of the act."""
    from smartfactory.models import AuditEntry, AuditHead

    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit.record() needs the transaction of its act")
    head, _ = AuditHead.objects.select_for_update().get_or_create(pk=1, defaults={"seq": 0, "hash": GENESIS})
    entry = AuditEntry(
        seq=head.seq + 1,
        at=timezone.now().isoformat(timespec="microseconds"),
        actor=actor if actor is not None and actor.pk else None,
        actor_label=actor.display if actor is not None and actor.pk else "",
        act=act,
        outcome=outcome,
        subject=subject_of(obj),
        tenant=tenant,
        body=canonical_json(body or {}),
        prev=head.hash,
        **(_request.get() or {}),
    )
    entry.hash, entry.sm3 = _digests(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=1).update(seq=entry.seq, hash=entry.hash)
    return entry


def refuse(act: str, *, actor: User | None, obj: models.Model | str | None = None, reason: str = "") -> None:
    """Record a refused attempt so that the caller's rollback does not remove it.

    Inside a transaction of the caller's it waits for the end of the request: what is written now would be undone.
    """
    entry = {"act": act, "actor": actor, "obj": subject_of(obj), "outcome": "refused", "body": {"reason": reason}}
    waiting = _refused.get()
    if waiting is not None and transaction.get_connection().in_atomic_block:
        waiting.append(entry)
        return
    with transaction.atomic():
        record(**entry)


def _linked_text(entry: AuditEntry) -> str:
    return "\x00" + canonical_json({name: getattr(entry, name) for name in _COLUMNS})


def _digests(entry: AuditEntry) -> tuple[str, str]:
    text = _linked_text(entry)
    return sha256(text), sm3(text)


def segment(first: int, last: int) -> list[tuple[str, str]]:
    """(linked text, hash) of the entries from `first` to `last`: the hash is of a NUL and this text.

    What a text says is what the trail holds: who (name), from which address, did what to which row.
    """
    from smartfactory.models import AuditEntry

    rows = AuditEntry.objects.filter(seq__range=(first, last)).order_by("seq")
    return [(_linked_text(one).removeprefix("\x00"), one.hash) for one in rows]


def verify_entry(seq: int | None) -> bool:
    """Whether the entry exists and still carries the hash of its own content, linked to the one before it."""
    from smartfactory.models import AuditEntry

    rows = {entry.seq: entry for entry in AuditEntry.objects.filter(seq__in=[seq, (seq or 0) - 1])}
    entry = rows.get(seq)
    if entry is None or _digests(entry) != (entry.hash, entry.sm3):
        return False
    before = rows.get(entry.seq - 1)
    return entry.prev == (before.hash if before else GENESIS)


@transaction.atomic
def checkpoint() -> AuditCheckpoint | None:
    """Sign the present length and hash of the chain; nothing to do while it has not grown."""
    from smartfactory.models import AuditCheckpoint, AuditHead

    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        return None
    if last := AuditCheckpoint.objects.filter(size=head.seq).first():
        return last
    text = f"{ORIGIN}\n{head.seq}\n{head.hash}\n"
    signature = signing.sign(text)
    return AuditCheckpoint.objects.create(
        size=head.seq,
        hash=head.hash,
        at=timezone.now().isoformat(timespec="microseconds"),
        key_id=signature.key_id,
        text=text,
        signature=canonical_json(signature.as_json()),
    )


def verify(start: int = 1) -> list[Finding]:
    """Walk the chain from `start` (all of it by default) and every checkpoint; return what does not hold."""
    return [*_verify_chain(start), *_verify_checkpoints()]


def _verify_chain(start: int) -> Iterator[Finding]:
    from smartfactory.models import AuditEntry, AuditHead

    before = AuditEntry.objects.filter(seq=start - 1).first()
    seq, link = start - 1, before.hash if before else GENESIS
    for entry in AuditEntry.objects.filter(seq__gte=start).order_by("seq").iterator(chunk_size=2000):
        if entry.seq != seq + 1:
            yield Finding(seq + 1, f"第 {seq + 1} 条到第 {entry.seq - 1} 条审计记录缺失")
        elif entry.prev != link:
            yield Finding(entry.seq, f"第 {entry.seq} 条审计记录与上一条接不上")
        if _digests(entry) != (entry.hash, entry.sm3):
            yield Finding(entry.seq, f"第 {entry.seq} 条审计记录的内容被改动")
        seq, link = entry.seq, entry.hash
    head = AuditHead.objects.filter(pk=1).first()
    if head and (head.seq, head.hash) != (seq, link):
        yield Finding(head.seq, f"审计记录应有 {head.seq} 条，末尾与登记的不一致")
    elif head is None and seq:
        yield Finding(seq, "审计链的末尾登记缺失")


def _verify_checkpoints() -> Iterator[Finding]:
    from smartfactory.models import AuditCheckpoint, AuditEntry

    for point in AuditCheckpoint.objects.iterator():
        if not checkpoint_holds(point):
            yield Finding(point.size, f"校验点 {point.size} 的签名不对")
            continue
        stored = AuditEntry.objects.filter(seq=point.size).values_list("hash", flat=True).first()
        if stored != point.hash and point.size:
            yield Finding(point.size, f"第 {point.size} 条审计记录与已签名的校验点不一致")


def checkpoint_holds(point: AuditCheckpoint) -> bool:
    """Whether the signed text is the one this row claims, and the signature is ours."""
    import json

    expected = f"{ORIGIN}\n{point.size}\n{point.hash}\n"
    try:
        signature = signing.Signature(**json.loads(point.signature))
    except (TypeError, ValueError):
        return False
    claimed = (point.text, point.key_id) == (expected, signature.key_id)
    return claimed and signing.verify(point.text, signature)
