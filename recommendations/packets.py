"""评审材料包: cover and contents, the summary sheet, and the declarations, merged from PDFs that are drawn once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from declarations import printing
from declarations.models import Revision
from recommendations import exports
from recommendations.models import ListStatus, Packet, RecommendationList
from smartfactory import audit, documents, jobs, verification
from smartfactory.page_codes import linking
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked

if TYPE_CHECKING:
    from pathlib import Path

    from smartfactory.jobs import JobRun, Result
    from smartfactory.models import StoredFile, User

log = logging.getLogger(__name__)
JOB = "packet"
LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class Piece:
    """One declaration of a packet: its line in the contents, and its PDF or why it is not there."""

    rank: int
    enterprise: str
    title: str
    pdf: Path | None
    pages: int = 0
    trouble: str = ""


def order_packet(one: RecommendationList, ranks: list[int], *, actor: User) -> Packet:
    """Ask for a packet of a sealed list: all of it, or the chosen ranks. Raises Blocked while it is not sealed."""
    if one.status not in (ListStatus.SEALED, ListStatus.SUPERSEDED):
        raise Blocked([Problem("名单还没有封存。封存后才能生成材料包")])
    known = [row["rank"] for row in one.seal.content["entries"]]
    chosen = [rank for rank in known if rank in set(ranks)] or known
    title = f"{one.authority.short_name} · {one.track.title} · {len(chosen)} 份"
    with transaction.atomic():
        packet = Packet.objects.create(
            list=one, title=title, ranks=chosen, created_by=actor, expires_at=timezone.now() + LIFETIME
        )
        packet.job = jobs.enqueue(JOB, f"packet:{packet.pk}", {"packet": packet.pk, "ranks": chosen}, by=actor)
        packet.save(update_fields=["job"])
        audit.record("packet.order", actor=actor, obj=packet, body={"list": one.public_id, "ranks": chosen})
    return packet


def build(packet: Packet, run: JobRun) -> Result:
    """Merge what is ready. A declaration whose file is missing or damaged is named and left out; the rest goes on."""
    seal = packet.list.seal
    wanted = [row for row in seal.content["entries"] if row["rank"] in set(packet.ranks)]
    total = len(wanted) + 3
    pieces = []
    for done, row in enumerate(wanted):
        run.progress(done, total, f"第 {row['rank']} 名 {row['enterprise']}")
        pieces.append(_piece(row))
    run.progress(len(wanted), total, "封面与目录")
    parts = [documents.Part("封面与目录", _cover(packet, pieces)), documents.Part("推荐汇总表", _sheet(seal))]
    parts += [documents.Part(f"{one.rank}. {one.enterprise}", one.pdf) for one in pieces if one.pdf]
    run.progress(len(wanted) + 1, total, "合并与页码")
    merged = documents.merge_pdfs(parts, title=packet.title, created=packet.created_at, keywords=seal.code)
    _finish(packet, pieces, documents.page_count(merged))
    return merged, f"评审材料包-{packet.list.authority.short_name}-{len(pieces)}份.pdf", "application/pdf"


def _piece(row: dict[str, Any]) -> Piece:
    from smartfactory.canonical import sha256

    revision = Revision.objects.filter(sha256=row["sha256"]).select_related("issued", "declaration__track").first()
    line = {"rank": row["rank"], "enterprise": row["enterprise"], "title": row["title"]}
    stored = _drawn(revision) if revision and revision.issued else None
    if stored is None:
        return Piece(**line, pdf=None, trouble="申报书 PDF 没有生成，请管理员查看运行日志")
    if not stored.path.exists() or sha256(stored.read()) != stored.digest:
        return Piece(**line, pdf=None, trouble="申报书 PDF 已损坏或丢失，请管理员恢复备份")
    return Piece(**line, pdf=stored.path, pages=documents.page_count(stored.path))


def _drawn(revision: Revision) -> StoredFile | None:
    """The declaration's file, drawn here if its own turn has not come; None when it cannot be drawn."""
    try:
        return printing.kept_desk_copy(revision)
    except Exception:
        log.exception("declaration of revision %s could not be drawn", revision.pk)
        return None


def _sheet(seal: Any) -> bytes:
    kept = verification.rendered(seal.issued, "summary-sheet.pdf")
    return kept.read() if kept else exports.sheet_pdf(seal)


def _cover(packet: Packet, pieces: list[Piece]) -> bytes:
    """Drawn twice: only the first tells how many pages cover and contents take, and so where everything starts."""
    sheet = documents.page_count(_sheet(packet.list.seal))
    draft = _draw_cover(packet, _contents(pieces, 0))
    return _draw_cover(packet, _contents(pieces, documents.page_count(draft) + sheet))


def _draw_cover(packet: Packet, contents: list[dict[str, Any]]) -> bytes:
    seal = packet.list.seal
    url = exports.verify_url(seal.code)
    context = {
        "packet": packet,
        "contents": contents,
        "title": packet.title,
        "code": seal.code,
        "verify_url": url,
        "foot_note": "评审材料，请勿转发",
    }
    made = documents.render_pdf(
        "pdf/packet.html",
        context,
        created=packet.created_at,
        page_code=linking(url, "packet"),
        identifier=packet.public_id,
    )
    return made.pdf


def _contents(pieces: list[Piece], before: int) -> list[dict[str, Any]]:
    """The lines of the contents, each with the page its declaration starts on."""
    page, rows = before, []
    for one in pieces:
        rows.append({"piece": one, "page": page + 1 if one.pdf else None})
        page += one.pages
    return rows


def _finish(packet: Packet, pieces: list[Piece], pages: int) -> None:
    failures = [
        {"rank": one.rank, "enterprise": one.enterprise, "trouble": one.trouble} for one in pieces if one.trouble
    ]
    Packet.objects.filter(pk=packet.pk).update(failures=failures, pages=pages)


def record_download(packet: Packet, actor: User) -> None:
    with transaction.atomic():
        audit.record("packet.download", actor=actor, obj=packet, body={"ranks": packet.ranks})
