"""The life of a visit: open → concluded, and back with a reason. Concluding freezes what was found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from recommendations.models import OnsiteItem, OnsiteVisit, VisitStatus
from recommendations.models.onsite import Conclusion, Verdict
from recommendations.onsite import service
from smartfactory import verification
from smartfactory.canonical import canonical_json, sha256
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, Transition, register

if TYPE_CHECKING:
    from smartfactory.models import AuditEntry
    from smartfactory.workflow import Act

KIND, SCHEMA = "onsite", "sf-onsite/1"


def open_items(visit: OnsiteVisit) -> list[Problem]:
    """What stands between a visit and its conclusion: items nobody has judged."""
    judged = set(visit.findings.exclude(verdict="").values_list("key", flat=True))
    items = OnsiteItem.objects.filter(track_id=visit.draw.track_id)
    return [
        Problem(f"“{one.title}”还没有勾选。请选相符、有问题或没有看到", field=one.key, fix_url=f"#item-{one.key}")
        for one in items
        if one.key not in judged
    ]


def _conclude(visit: OnsiteVisit, act: Act) -> dict[str, Any]:
    conclusion, words = str(act.data.get("conclusion", "")), str(act.data.get("words", "")).strip()
    if conclusion not in Conclusion.values:
        raise Blocked([Problem("还没有选结论。请选一个", field="conclusion", fix_url="#conclusion")])
    most = OnsiteVisit._meta.get_field("words").max_length
    if len(words) > most:
        raise Blocked([Problem(f"结论说明最多 {most} 个字，现在 {len(words)} 个。请删减", field="words")])
    if not words and (conclusion != Conclusion.HOLDS or visit.findings.filter(verdict=Verdict.ISSUE).exists()):
        raise Blocked([Problem("还没有写结论说明。有问题的，请写清问题和怎样改正", field="words", fix_url="#words")])
    # Once more inside the transaction: an item may have been emptied since the button was drawn.
    if problems := open_items(visit):
        raise Blocked(problems)
    record = canonical_json(_record(visit, conclusion, words, act))
    OnsiteVisit.objects.filter(pk=visit.pk).update(conclusion=conclusion, words=words, record=record)
    act.recorded(partial(_issue, visit, record))
    return {"conclusion": conclusion, "sha256": sha256(record)}


def _record(visit: OnsiteVisit, conclusion: str, words: str, act: Act) -> dict[str, Any]:
    """Everything the paper says. No number and no name of anybody of the enterprise is in it."""
    one, draw = visit.declaration, visit.draw
    found = {row.key: row for row in visit.findings.select_related("by")}
    photos: dict[str, list[dict[str, str]]] = {}
    for photo in visit.photos.all():
        photos.setdefault(photo.key, []).append({"sha256": photo.file_id, "at": _stamp(photo.at)})
    items = [
        {
            "key": item.key, "title": item.title, "content": item.content, "clause": item.clause,
            "standing": item.standing, "verdict": found[item.key].verdict, "words": found[item.key].words,
            "by": found[item.key].by.display if found[item.key].by else "", "at": _stamp(found[item.key].at),
            "photos": photos.get(item.key, []),
        }
        for item in OnsiteItem.objects.filter(track_id=draw.track_id)
    ]  # fmt: skip
    return {
        "schema": SCHEMA,
        "authority": draw.authority.name,
        "track": draw.track.title,
        "declaration": {"number": one.number, "id": one.public_id, "revision": one.latest_revision.sha256},
        "enterprise": {"name": one.enterprise.name, "credit_code": one.enterprise.credit_code, "title": one.title},
        "draw": {"id": draw.public_id, "seed": draw.seed, "rule": draw.rule, "of": len(draw.population)},
        "goers": [person.display for person in visit.goers.order_by("pk")],
        "items": items,
        "conclusion": conclusion,
        "words": words,
        "concluded_by": act.actor.display,
        "concluded_at": timezone.now().isoformat(timespec="seconds"),
    }


def _stamp(at: Any) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _issue(visit: OnsiteVisit, record: str, entry: AuditEntry) -> None:
    """Register the paper; one that was issued before is superseded by it."""
    issued = verification.issue(
        KIND, title=f"{visit.declaration.title}现场核查表"[:200], subject=f"recommendations.onsitevisit:{visit.pk}",
        digest=sha256(record), issuer=visit.draw.authority.name, audit_seq=entry.seq,
    )  # fmt: skip
    if visit.issued_id and visit.issued_id != issued.pk:
        visit.issued.superseded_by = issued
        visit.issued.save(update_fields=["superseded_by"])
    OnsiteVisit.objects.filter(pk=visit.pk).update(issued=issued, audit_seq=entry.seq)


def _noted(visit: OnsiteVisit, act: Act) -> dict[str, Any]:
    if len(act.note.strip()) < service.SHORTEST_REASON:
        raise Blocked([Problem("还没有写为什么要重新核查。请写明理由", field="reason", fix_url="#reason")])
    return {}


register(
    OnsiteVisit,
    [
        Transition(
            "conclude", "下核查结论", frozenset({VisitStatus.OPEN}), VisitStatus.CONCLUDED,
            allowed=service.goes, blockers=open_items, effect=_conclude, style="primary",
        ),
        Transition(
            "reopen", "重新核查", frozenset({VisitStatus.CONCLUDED}), VisitStatus.OPEN,
            allowed=service.goes, effect=_noted,
        ),
    ],
    VisitStatus,
)  # fmt: skip
VERDICTS = dict(Verdict.choices)
