"""What must be true across tables at any moment, whatever the code did. Each function yields the findings of one kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db.models import Count, F

from declarations.models import Declaration, Revision
from declarations.vocabulary import EDITABLE, Status
from recommendations.models import ListStatus, RecommendationList, Seal
from smartfactory import audit, verification
from smartfactory.canonical import sha256
from smartfactory.models import AuditEntry, IssuedDocument


def ranks() -> Iterator[str]:
    """Every list has ranks 1..n without gaps, and counts its entries truly."""
    for one in RecommendationList.objects.prefetch_related("entries"):
        found = sorted(entry.rank for entry in one.entries.all())
        if found != list(range(1, len(found) + 1)):
            yield f"名单 {one.public_id}：名次不连续 {found[:10]}"
        if one.size != len(found):
            yield f"名单 {one.public_id}：登记 {one.size} 项，实有 {len(found)} 项"


def quotas() -> Iterator[str]:
    """A sealed list holds no more than its quota, beyond what is exempt or reasoned."""
    for seal in Seal.objects.select_related("list"):
        entries, limit = seal.content["entries"], seal.list.quota_limit
        counted = [one for one in entries if not (one["exempt"] or one["over"])]
        if limit is not None and len(counted) > limit:
            yield f"名单 {seal.list.public_id}：封存 {len(counted)} 项，超过 {limit}"


def recommended() -> Iterator[str]:
    """A declaration is recommended exactly while a recommender's sealed list carries it."""
    listed = set()
    for seal in Seal.objects.filter(list__status=ListStatus.SEALED).select_related("list__track", "list__authority"):
        listed |= {one["declaration"] for one in seal.content["entries"]}
    for one in Declaration.objects.filter(status=Status.RECOMMENDED).exclude(public_id__in=listed):
        yield f"申报书 {one.number}：状态是已推荐，却不在任何封存的名单里"


def revisions() -> Iterator[str]:
    """A revision is the text that was hashed, is tied to the trail, and exists wherever something was submitted."""
    for one in Revision.objects.iterator(chunk_size=200):
        if sha256(one.payload) != one.sha256:
            yield f"定稿 {one.pk}：内容与校验值不一致"
        if not AuditEntry.objects.filter(seq=one.audit_seq, hash=one.audit_hash).exists():
            yield f"定稿 {one.pk}：审计记录对不上"
    for one in Declaration.objects.exclude(status__in=EDITABLE).filter(latest_revision=None):
        yield f"申报书 {one.number}：已提交却没有定稿"


def receipts() -> Iterator[str]:
    """Every issued document still verifies."""
    for one in IssuedDocument.objects.iterator(chunk_size=200):
        if (result := verification.check(one.code)).status == verification.ALTERED:
            yield f"签发文件 {one.code}：{'；'.join(result.finding.details)}"


def doubles() -> Iterator[str]:
    """No declaration stands on two live lists of the same authority."""
    rows = (
        RecommendationList.objects.exclude(status=ListStatus.SUPERSEDED)
        .values("authority_id", declaration=F("entries__declaration"))
        .exclude(declaration=None)
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    for row in rows:
        yield f"申报书 {row['declaration']}：在同一单位的 {row['n']} 份名单里"


def trail() -> Iterator[str]:
    for finding in audit.verify():
        yield finding.message


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "ranks": ranks,
    "quotas": quotas,
    "recommended": recommended,
    "revisions": revisions,
    "issued": receipts,
    "doubles": doubles,
    "audit": trail,
}


def check() -> list[dict[str, str]]:
    return [{"check": name, "message": message} for name, function in CHECKS.items() for message in function()]
