"""评审材料包: ordering one of a sealed list or of chosen declarations, and having it made.

Each finished project is kept until the packet is bound, so that what was done before a stop or a crash is not done again.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from declarations import content
from declarations.models import Declaration
from recommendations.models import ListStatus, Packet, PacketPart, PacketPiece, RecommendationList
from recommendations.packing import pieces
from recommendations.packing.binding import Binding, Volume
from recommendations.packing.expiry import folder
from smartfactory import audit, files, jobs
from smartfactory.canonical import sha256
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked

if TYPE_CHECKING:
    from smartfactory.jobs import JobRun, Result
    from smartfactory.models import Authority, User

JOB = "packet"
KEPT = ("rank", "enterprise", "title", "sha256")


def order_packet(
    one: RecommendationList, ranks: list[int], *, actor: User, with_files: bool = False, for_experts: bool = True
) -> Packet:
    """Ask for a packet of a sealed list: all of it, or the chosen ranks. Raises Blocked while it is not sealed."""
    if one.status not in (ListStatus.SEALED, ListStatus.SUPERSEDED):
        raise Blocked([Problem("名单还没有封存。封存后才能生成材料包")])
    known = one.seal.content["entries"]
    rows = [row for row in known if row["rank"] in set(ranks)] or known
    title = f"{one.authority.short_name} · {one.track.title} · {len(rows)} 份"
    options = {"with_files": with_files, "for_experts": for_experts}
    return _order(title, rows, one.authority, actor, list=one, ranks=[row["rank"] for row in rows], **options)


def order_selection(
    declarations: Sequence[Declaration],
    desk: Authority,
    *,
    actor: User,
    with_files: bool = False,
    for_experts: bool = True,
) -> Packet:
    """Ask for a packet of chosen declarations, each as it was last filed. Raises Blocked if there are none or too many."""
    if not declarations:
        raise Blocked([Problem("还没有选申报书。请在审核里勾选，再生成材料包")])
    if len(declarations) > settings.PACKET_MOST:
        raise Blocked([Problem(f"选了 {len(declarations)} 份，一个材料包最多 {settings.PACKET_MOST} 份。请分几次生成")])
    rows = [_row(number, one) for number, one in enumerate(declarations, 1)]
    title = f"{desk.short_name} · 挑选的申报书 · {len(rows)} 份"
    return _order(title, rows, desk, actor, with_files=with_files, for_experts=for_experts)


def _row(number: int, one: Declaration) -> dict[str, Any]:
    frozen = one.latest_revision
    title = content.project_title(frozen.content)
    return {"rank": number, "enterprise": one.enterprise.name, "title": title, "sha256": frozen.sha256}


def _order(title: str, rows: list[dict[str, Any]], authority: Authority, actor: User, **more: Any) -> Packet:
    entries = [{key: row[key] for key in KEPT} for row in rows]
    until = timezone.now() + timedelta(days=settings.PACKET_DAYS)
    with transaction.atomic():
        packet = Packet.objects.create(
            title=title[:160], entries=entries, authority=authority, created_by=actor, expires_at=until, **more
        )
        ranks = [row["rank"] for row in entries]
        packet.job = jobs.enqueue(JOB, f"packet:{packet.pk}", {"packet": packet.pk, "ranks": ranks}, by=actor)
        packet.save(update_fields=["job"])
        of = packet.list.public_id if packet.list_id else [row["sha256"] for row in entries]
        audit.record("packet.order", actor=actor, obj=packet, body={"list": of, "ranks": ranks})
    return packet


def build(packet: Packet, run: JobRun) -> Result:
    """Make what is not made yet, bind the volumes, write the manifest. The job's result is the first volume."""
    work = folder(packet)
    work.mkdir(parents=True, exist_ok=True)
    total = len(packet.rows) + 2
    made = [_piece(packet, row, work, run, done, total) for done, row in enumerate(packet.rows)]
    run.progress(len(made), total, "封面与目录")
    binding = Binding(packet, made, work)
    parts = [_volume(binding, one, work, run, len(made) + 1, total) for one in binding.volumes]
    manifest = files.put(binding.manifest([_said(one) for one in parts]).encode("utf-8"), "application/json")
    _finish(packet, made, parts, binding.total, manifest)
    shutil.rmtree(work, ignore_errors=True)
    return parts[0].file.path, parts[0].name, pieces.PDF


def _piece(packet: Packet, row: dict[str, Any], work: Path, run: JobRun, done: int, total: int) -> PacketPiece:
    """The project as it was made before a stop, if it is still whole; else made now."""
    run.progress(done, total, f"第 {row['rank']} 名 {row['enterprise']}" if packet.list_id else row["enterprise"])
    target = work / f"{row['rank']}.pdf"
    kept = PacketPiece.objects.filter(packet=packet, place=row["rank"]).first()
    if kept and target.exists() and sha256(target.read_bytes()) == kept.sha256:
        return kept
    made = pieces.make(packet, row, target)
    values = asdict(made) | {"sha256": sha256(target.read_bytes())}
    return PacketPiece.objects.update_or_create(packet=packet, place=row["rank"], defaults=values)[0]


def _volume(binding: Binding, volume: Volume, work: Path, run: JobRun, done: int, total: int) -> PacketPart:
    count = len(binding.volumes)
    which = f"第 {volume.number} 卷，共 {count} 卷" if count > 1 else "合并与页码"
    target = work / f"volume-{volume.number}.pdf"
    binding.bind(volume, target, lambda *_: run.progress(done, total, which))
    stored = files.put(target, pieces.PDF)
    target.unlink()
    packet = binding.packet
    suffix = f"-第{volume.number}卷" if count > 1 else ""
    name = f"评审材料包-{packet.authority.short_name}-{len(packet.rows)}份{suffix}.pdf"
    return PacketPart(
        packet=packet, number=volume.number, name=name, file=stored, sha256=stored.digest, size=stored.size,
        first=volume.first, pages=volume.pages,
    )  # fmt: skip


def _said(part: PacketPart) -> dict[str, Any]:
    return {key: getattr(part, key) for key in ("number", "name", "sha256", "size", "first", "pages")}


@transaction.atomic
def _finish(packet: Packet, made: list[PacketPiece], parts: list[PacketPart], pages: int, manifest: Any) -> None:
    PacketPart.objects.filter(packet=packet).delete()
    PacketPart.objects.bulk_create(parts)
    names = {row["rank"]: row["enterprise"] for row in packet.rows}
    failures = [
        {"rank": one.place, "enterprise": names[one.place], "trouble": trouble}
        for one in made
        for trouble in troubles(one)
    ]
    Packet.objects.filter(pk=packet.pk).update(failures=failures, pages=pages, manifest=manifest)


def troubles(piece: PacketPiece) -> list[str]:
    """Everything of the project that could not be put in, named."""
    lost = [f"{one['name']}：{one['trouble']}" for one in piece.files if one["how"] == pieces.MISSING]
    return [one for one in (piece.trouble, *lost) if one]


def give(packet: Packet, for_experts: bool, *, actor: User) -> None:
    """Let the unit's reviewers have the packet, or take it back."""
    with transaction.atomic():
        Packet.objects.filter(pk=packet.pk).update(for_experts=for_experts)
        audit.record("packet.give" if for_experts else "packet.take", actor=actor, obj=packet)


def record_download(packet: Packet, actor: User, name: str = "") -> None:
    with transaction.atomic():
        audit.record("packet.download", actor=actor, obj=packet, body={"ranks": packet.ranks, "name": name})
