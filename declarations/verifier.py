"""Checking a declaration's document afresh: the frozen content, its digests, its place in the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from declarations.content import project_title
from declarations.models import Revision
from declarations.vocabulary import Status
from smartfactory import audit
from smartfactory.canonical import sha256, sm3
from smartfactory.models import AuditEntry
from smartfactory.verification import ALTERED, INTACT, Finding, register

if TYPE_CHECKING:
    from smartfactory.models import IssuedDocument


def check(issued: IssuedDocument) -> Finding:
    """Intact only if content, both digests, register and audit entry still agree. Facts hold no personal data."""
    pk = issued.subject.rpartition(":")[2]
    revision = Revision.objects.filter(pk=pk).select_related("declaration__enterprise", "declaration__track").first()
    if revision is None:
        return Finding(ALTERED, details=["登记的定稿已不存在"])
    details = [words for words, holds in _comparisons(issued, revision) if not holds]
    return Finding(ALTERED if details else INTACT, _facts(revision), details)


def _comparisons(issued: IssuedDocument, revision: Revision) -> list[tuple[str, bool]]:
    digest = sha256(revision.payload)
    entry = AuditEntry.objects.filter(seq=revision.audit_seq).first()
    return [
        ("定稿内容与提交时的校验值不一致", digest == revision.sha256 == issued.digest),
        ("定稿内容与国密校验值不一致", sm3(revision.payload) == revision.sm3),
        ("提交的审计记录已被改动或丢失", audit.verify_entry(revision.audit_seq)),
        (
            "提交的审计记录与定稿不一致",
            entry is not None and entry.hash == revision.audit_hash and digest in entry.body,
        ),
    ]


def _facts(revision: Revision) -> list[tuple[str, str]]:
    declaration = revision.declaration
    latest = declaration.latest_revision_id == revision.pk
    withdrawn = latest and declaration.status == Status.DRAFT
    return [
        ("申报单位", declaration.enterprise.name),
        ("项目名称", project_title(_readable(revision))),
        ("申报类别", declaration.track.title),
        ("编号", declaration.number),
        (
            "版本",
            f"第 {revision.number} 版"
            + ("（最新）" if latest and not withdrawn else "（已撤回）" if withdrawn else ""),
        ),
        ("提交时间", f"{timezone.localtime(revision.received_at):%Y-%m-%d %H:%M:%S}"),
    ]


def _readable(revision: Revision) -> dict:
    """The content, or an empty one when tampering has left something that is not even JSON."""
    try:
        return revision.content
    except ValueError:
        return {"sections": {}}


register("declaration", check)
