"""What each person of an enterprise did: acts from the audit trail, and the parts they wrote last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from declarations import content
from declarations.models import Declaration
from declarations.team.members import tenant
from smartfactory import acts, audit
from smartfactory.models import AuditEntry, Enterprise

MOST = 200
# An official's act that the enterprise has a right to know of.
REVEAL = "declaration.reveal"


@dataclass(frozen=True)
class Deed:
    at: datetime
    by: str
    text: str
    where: str = ""


def deeds(enterprise: Enterprise, *, by: str = "") -> list[Deed]:
    """Newest first; of one person only if `by` names one. A fixed number of queries."""
    rows = list(
        Declaration.objects.filter(enterprise=enterprise)
        .select_related("track")
        .prefetch_related("contents", "instances")
    )
    found = [*_acts(enterprise, rows), *(one for row in rows for one in _texts(row))]
    return sorted((one for one in found if by in ("", one.by)), key=lambda one: one.at, reverse=True)[:MOST]


def _acts(enterprise: Enterprise, rows: list[Declaration]) -> list[Deed]:
    """Acts of the enterprise's own people about their declarations and themselves, and who read its contact's numbers."""
    places = {audit.subject_of(one): str(one) for one in rows}
    people = enterprise.memberships.values("user_id")
    own = AuditEntry.objects.filter(outcome="ok", actor_id__in=people)
    read = AuditEntry.objects.filter(outcome="ok", act=REVEAL, tenant=tenant(enterprise))
    entries = own.filter(subject__in=places) | own.filter(tenant=tenant(enterprise)) | read
    return [
        Deed(datetime.fromisoformat(one.at), one.actor_label, acts.word(one.act), places.get(one.subject, ""))
        for one in entries.order_by("-seq")[:MOST]
    ]


def _texts(row: Declaration) -> list[Deed]:
    """Who changed which answer last, as every part remembers it."""
    description = content.describe(row.track)
    parts = [(one.key, f"第{description.by_key[one.key].number}部分", one) for one in row.contents.all()]
    holder = description.instance_section
    parts += [(holder.key, f"场景 {one.position}", one) for one in row.instances.all() if holder]
    found = []
    for key, title, part in parts:
        section = description.by_key[key]
        labels = {one.key: one.label for one in (*section.fields, *section.instance_fields)}
        for name, (_, by, at, *_) in part.changed.items():
            if name in labels:
                found.append(Deed(datetime.fromisoformat(at), by, f"改了{title}的“{labels[name]}”", str(row)))
    return found
