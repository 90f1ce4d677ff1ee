"""What expires goes: the files of a packet are removed, its row, its digests and its trail stay."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from recommendations.models import Packet, PacketPart
from smartfactory import audit, jobs
from smartfactory.models import Job, StoredFile


def folder(packet: Packet) -> Path:
    """Where finished projects wait to be bound; only this packet's."""
    return Path(settings.VAR) / "packets" / packet.public_id


def purge() -> int:
    """Remove the files of every packet whose time is over; returns how many packets."""
    over = Packet.objects.filter(expires_at__lte=timezone.now(), purged_at=None).select_related("job")
    count = 0
    for packet in over.order_by("pk")[:100]:
        if packet.job:
            jobs.cancel(packet.job)
        with transaction.atomic():
            count += _purge(packet)
    return count


def _purge(packet: Packet) -> int:
    if not Packet.objects.filter(pk=packet.pk, purged_at=None).update(purged_at=timezone.now(), manifest=None):
        return 0
    digests = set(PacketPart.objects.filter(packet=packet).exclude(file=None).values_list("file_id", flat=True))
    digests |= {packet.manifest_id, packet.job.result_id if packet.job else None} - {None}
    PacketPart.objects.filter(packet=packet).update(file=None)
    Job.objects.filter(pk=packet.job_id).update(result=None)
    for digest in sorted(digests):
        _remove(digest)
    transaction.on_commit(partial(shutil.rmtree, folder(packet), ignore_errors=True))
    audit.record("packet.purge", obj=packet, body={"files": len(digests)})
    return 1


def _remove(digest: str) -> None:
    """Unless something else still holds the same bytes."""
    stored = StoredFile.objects.filter(pk=digest).first()
    if stored is None or stored.revisions.exists():
        return
    try:
        with transaction.atomic():
            path = stored.path
            stored.delete()
    except ProtectedError:
        return
    transaction.on_commit(partial(path.unlink, missing_ok=True))
