"""Writing planned declarations in bulk: rows, frozen content, register and trail, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from declarations import filed
from declarations.models import Declaration, ReturnItem, Revision, ScenarioInstance, SectionContent
from declarations.vocabulary import Status
from recommendations import reviewing
from recommendations.demo import book
from recommendations.models import Review, ReviewCheck
from smartfactory import audit
from smartfactory.canonical import sha256, sm3
from smartfactory.models import IssuedDocument, Role
from smartfactory.verification import CODE_LENGTH

if TYPE_CHECKING:
    from recommendations.demo.bulk import Plan
    from recommendations.demo.patterns import Pattern
    from recommendations.demo.staff import Staff
    from smartfactory.models import User

BATCH = 100
# Status → the last act on the row, and the version it has by then.
ACTS = {
    Status.DRAFT: ("", 1),
    Status.SUBMITTED: ("submit", 2),
    Status.IN_REVIEW: ("take_up", 3),
    Status.RETURNED: ("return_", 4),
    Status.QUALIFIED: ("qualify", 4),
    Status.REJECTED: ("reject", 4),
    Status.RESERVED: ("reserve", 4),
}
Planned = Sequence[tuple["Plan", "Pattern"]]


@dataclass(frozen=True)
class Row:
    """One declaration on its way into the tables."""

    declaration: Declaration
    pattern: Pattern
    preparer: User
    signatory: User
    official: User

    @property
    def filed(self) -> bool:
        return self.declaration.status != Status.DRAFT


def write(planned: Planned, staff: Staff) -> None:
    """Write every plan; must run inside a transaction."""
    for start in range(0, len(planned), BATCH):
        rows = [_row(plan, pattern, staff) for plan, pattern in planned[start : start + BATCH]]
        _declarations(rows)
        _content(rows)
        filed = [row for row in rows if row.filed]
        _revisions(filed)
        _reviews(filed)


def _row(plan: Plan, pattern: Pattern, staff: Staff) -> Row:
    enterprise = plan.enterprise
    preparer, signatory = (staff.at(role, enterprise) for role in (Role.PREPARER, Role.SIGNATORY))
    official = staff.at(Role.OFFICIAL, enterprise.receiver)
    act, version = ACTS[plan.status]
    declaration = Declaration(
        enterprise=enterprise,
        track=plan.track,
        title=pattern.title,
        status=plan.status,
        version=version,
        status_act=act,
        status_at=timezone.now() if act else None,
        status_by=(signatory if act == "submit" else official) if act else None,
        created_by=preparer,
    )
    return Row(declaration, pattern, preparer, signatory, official)


def _declarations(rows: list[Row]) -> None:
    """Numbers come from the keys, so the rows are written first."""
    made = Declaration.objects.bulk_create(row.declaration for row in rows)
    for one in made:
        one.number = f"{one.track.number_prefix}-{one.pk:04d}"
        if one.status == Status.RETURNED:
            one.unlocked = sorted(f"{item['section']}.{item['field']}" for item in book.world()["returns"]["items"])
    Declaration.objects.bulk_update(made, ["number", "unlocked"])


def _content(rows: list[Row]) -> None:
    SectionContent.objects.bulk_create(one for row in rows for one in row.pattern.contents(row.declaration))
    ScenarioInstance.objects.bulk_create(one for row in rows for one in row.pattern.scenes(row.declaration))


def _revisions(rows: list[Row]) -> None:
    """The revisions of a batch share one entry in the trail, which names every digest."""
    revisions = [_revision(row) for row in rows]
    if not revisions:
        return
    entry = audit.record("seed.load", body={"revisions": [one.sha256 for one in revisions]})
    for one in revisions:
        one.audit_seq, one.audit_hash = entry.seq, entry.hash
    revisions = Revision.objects.bulk_create(revisions)
    issued = IssuedDocument.objects.bulk_create(_issued(one) for one in revisions)
    for revision, document, row in zip(revisions, issued, rows, strict=True):
        revision.issued = document
        row.declaration.latest_revision, row.declaration.submitted_at = revision, revision.received_at
        row.declaration.industry = filed.industry(revision.content)
    Revision.objects.bulk_update(revisions, ["issued"])
    Declaration.objects.bulk_update([row.declaration for row in rows], ["latest_revision", "submitted_at", "industry"])


def _revision(row: Row) -> Revision:
    now = timezone.now()
    text = row.pattern.filed(
        row.declaration, signatory=row.signatory.display, received_at=now.isoformat(timespec="seconds")
    )
    return Revision(
        declaration=row.declaration,
        number=1,
        payload=text,
        sha256=sha256(text),
        sm3=sm3(text),
        submitted_by=row.signatory,
        received_at=now,
    )


def _issued(revision: Revision) -> IssuedDocument:
    return IssuedDocument(
        code=revision.sha256[:CODE_LENGTH].upper(),
        kind="declaration",
        title=f"{revision.declaration.title}申报书（第 1 版）"[:200],
        subject=f"declarations.revision:{revision.pk}",
        digest=revision.sha256,
        issuer=revision.declaration.enterprise.name,
        issued_at=revision.received_at,
        audit_seq=revision.audit_seq,
    )


def _reviews(rows: list[Row]) -> None:
    """What the desk has ticked by then, and what it has returned."""
    keys: dict[int, list[str]] = {}
    for check in ReviewCheck.objects.all():
        keys.setdefault(check.track_id, []).append(check.key)
    seen = [row for row in rows if row.declaration.status != Status.SUBMITTED]
    Review.objects.bulk_create(
        Review(
            declaration=row.declaration,
            revision=row.declaration.latest_revision,
            checks=dict.fromkeys(keys.get(row.declaration.track_id, ()), reviewing.PASS),
            by=row.official,
        )
        for row in seen
    )
    ReturnItem.objects.bulk_create(
        ReturnItem(
            declaration=row.declaration,
            revision=row.declaration.latest_revision,
            number=number,
            by=row.official,
            **item,
        )
        for row in seen
        if row.declaration.status == Status.RETURNED
        for number, item in enumerate(book.world()["returns"]["items"], 1)
    )
