"""Background work of this floor: documents of a sealed list, and packets."""

from __future__ import annotations

from celery import shared_task

from recommendations import esealing, exports, packets
from recommendations.models import Packet, Seal, StampedScan
from recommendations.packing import expiry
from recommendations.scans import checking
from recommendations.sealing import DOCUMENT_JOB
from smartfactory import verification
from smartfactory.jobs import JobRun, Result, handler


@handler(DOCUMENT_JOB)
def draw_document(run: JobRun) -> Result:
    """Draw one document of a seal. A second run finds the first one's file and keeps it."""
    seal = Seal.objects.select_related("issued", "list__authority").get(pk=run.params["seal"])
    name = run.params["name"]
    run.progress(0, 2, "排版")
    drawer, mime = exports.DRAWERS[name]
    kept = verification.rendered(seal.issued, name)
    if kept is None:
        drawn = drawer(seal)
        run.progress(1, 2, "保存")
        kept = verification.attach(seal.issued, name, drawn, mime).file
    return kept.read(), name, mime


@handler(packets.JOB)
def build_packet(run: JobRun) -> Result:
    rows = Packet.objects.select_related("list__seal__issued", "list__track", "authority", "created_by")
    packet = rows.get(pk=run.params["packet"])
    return packets.build(packet, run)


@handler(checking.JOB)
def check_scan(run: JobRun) -> Result:
    return checking.check(
        StampedScan.objects.select_related("list__seal__issued", "list__authority", "list__track", "created_by").get(
            pk=run.params["scan"]
        ),
        run,
    )


@handler(esealing.JOB)
def fetch_eseal(run: JobRun) -> Result:
    return esealing.fetch(Seal.objects.select_related("issued", "list__authority").get(pk=run.params["seal"]), run)


@shared_task(name="purge_packets")
def purge_packets() -> int:
    return expiry.purge()
