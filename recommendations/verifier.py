"""Checking a sealed list afresh: content, signature, annex, live rows, filed contents, trail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from declarations.models import Revision
from recommendations import ranking
from recommendations.models import Entry, ListStatus, Seal
from recommendations.sealing import KIND
from smartfactory import audit, signing
from smartfactory.canonical import grouped, sha256, sm3
from smartfactory.models import AuditCheckpoint, AuditEntry
from smartfactory.verification import ALTERED, INTACT, SUPERSEDED, Finding, register

if TYPE_CHECKING:
    from smartfactory.models import IssuedDocument

# What a row of the sealed content and the row in the database must agree in.
ROW = ("rank", "declaration", "number", "sha256", "enterprise", "credit_code", "exempt", "over")


def check(issued: IssuedDocument) -> Finding:
    """Intact only if nothing that was sealed has changed since; superseded from the moment the list was withdrawn.

    Facts and items hold no personal data.
    """
    pk = issued.subject.rpartition(":")[2]
    seal = Seal.objects.filter(pk=pk).select_related("list__authority", "issued").first()
    if seal is None:
        return Finding(ALTERED, details=["登记的封存内容已不存在"])
    details = [*_seal_defects(seal, issued), *_row_defects(seal), *_trail_defects(seal)]
    sealed = _readable(seal)
    items = [(one["enterprise"], one["title"]) for one in sealed.get("entries", [])]
    status = SUPERSEDED if seal.list.status == ListStatus.SUPERSEDED else INTACT
    return Finding(ALTERED if details else status, [*_facts(seal, sealed), *_voided(seal)], details, items)


def _readable(seal: Seal) -> dict[str, Any]:
    try:
        found = json.loads(seal.manifest)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _seal_defects(seal: Seal, issued: IssuedDocument) -> Iterator[str]:
    digest = sha256(seal.manifest)
    if not digest == seal.sha256 == issued.digest:
        yield "封存内容与封存时的校验值不一致"
    if sm3(seal.manifest) != seal.sm3:
        yield "封存内容与国密校验值不一致"
    try:
        signed = signing.verify(seal.manifest, seal.signed)
    except TypeError:
        signed = False
    if not signed:
        yield "封存内容的签名对不上"
    if seal.annex and sha256(seal.annex) != _readable(seal).get("annex_sha256"):
        yield "联系人附录与封存时不一致"


def _row_defects(seal: Seal) -> Iterator[str]:
    """The rows the lists and pages show must still say what was sealed."""
    sealed = _readable(seal).get("entries", [])
    rows = list(seal.list.entries.select_related("declaration__enterprise", "revision"))
    live = ranking.included(rows, seal.list.quota_limit)
    if [_sealed_row(one) for one in sealed] != [_live_row(rank, one) for rank, one in enumerate(live, 1)]:
        yield "名单现在的记录与封存内容不一致"
    if [one.rank for one in rows] != list(range(1, len(rows) + 1)):
        yield "名单现在的名次不连续"
    if seal.list.quota_limit != _readable(seal).get("quota", {}).get("limit"):
        yield "名单登记的名额与封存内容不一致"
    wanted = {one.get("sha256") for one in sealed}
    for revision in Revision.objects.filter(sha256__in=wanted):
        wanted.discard(revision.sha256)
        if sha256(revision.payload) != revision.sha256:
            yield f"第 {revision.number} 版申报书（{grouped(revision.sha256)}）的定稿内容被改动"
    if wanted:
        yield f"有 {len(wanted)} 份申报书的定稿内容找不到"


def _sealed_row(one: dict[str, Any]) -> tuple:
    return tuple(one.get(key) for key in ROW)


def _live_row(rank: int, one: Entry) -> tuple:
    enterprise = one.declaration.enterprise
    return (
        rank, one.declaration.public_id, one.declaration.number, one.revision.sha256, enterprise.name,
        enterprise.credit_code, one.exempt_reason, one.over_reason,
    )  # fmt: skip


def _voided(seal: Seal) -> list[tuple[str, str]]:
    """When and why the list was withdrawn: the reason was asked for so that it can be read here."""
    if seal.list.status != ListStatus.SUPERSEDED:
        return []
    acts = AuditEntry.objects.filter(act="recommendationlist.supersede", outcome="ok")
    entry = acts.filter(subject=audit.subject_of(seal.list)).order_by("-seq").first()
    if entry is None:
        return []
    at = timezone.localtime(parse_datetime(entry.at)).strftime("%Y年%m月%d日 %H:%M")
    return [("作废时间", at), ("作废理由", str(json.loads(entry.body).get("note", "")))]


def _trail_defects(seal: Seal) -> Iterator[str]:
    entry = AuditEntry.objects.filter(seq=seal.audit_seq).first()
    if entry is None or not audit.verify_entry(seal.audit_seq):
        yield "封存的审计记录已被改动或丢失"
    elif entry.hash != seal.audit_hash or seal.sha256 not in entry.body:
        yield "封存的审计记录与封存内容不一致"
    point = AuditCheckpoint.objects.filter(size=seal.checkpoint_size).first()
    if point is None or not audit.checkpoint_holds(point):
        yield "封存时的校验点已被改动或丢失"
    elif point.size == seal.audit_seq and point.hash != seal.audit_hash:
        yield "封存时的校验点与审计记录不一致"


def _facts(seal: Seal, sealed: dict[str, Any]) -> list[tuple[str, str]]:
    at = parse_datetime(str(sealed.get("sealed_at") or "")) or seal.sealed_at
    limit = sealed.get("quota", {}).get("limit")
    return [
        ("名称", seal.issued.title if seal.issued else ""),
        ("推荐单位", str(sealed.get("authority", {}).get("name", ""))),
        ("封存时间", timezone.localtime(at).strftime("%Y年%m月%d日 %H:%M")),
        ("项目数", f"{len(sealed.get('entries', []))} 个" + (f"（上限 {limit} 个）" if limit is not None else "")),
    ]


register(KIND, check)
