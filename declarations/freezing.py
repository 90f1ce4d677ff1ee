"""Submission: the content is checked once more inside the transaction, frozen word for word, and given its receipt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from declarations import asked, checks, content, deadlines, filed, secrecy
from declarations.models import Declaration, ReturnItem, Revision
from declarations.reuse import facts
from smartfactory import jobs, verification
from smartfactory.canonical import sha256, sm3
from smartfactory.models import IdempotencyKey, StoredFile
from smartfactory.problems import Problem, errors
from smartfactory.workflow import Blocked

if TYPE_CHECKING:
    from smartfactory.models import AuditEntry, User
    from smartfactory.workflow import Act

PDF_JOB = "declaration_pdf"
DESK_JOB = "declaration_desk_copy"
CHANGED = "内容在您核对之后又有改动，没有提交。请再核对一遍后提交"
_followers: list[Callable[[Revision], object]] = []


def seen_digest(payload: dict[str, Any]) -> str:
    """Names the content a person has looked at, so that nobody signs what was changed behind the page."""
    return sha256(content.canonical(payload))


def freeze(declaration: Declaration, act: Act) -> dict[str, Any]:
    """Effect of `submit`. Expects in `act.data`: received_at, promises (keys ticked), and optionally seen and key.

    Raises Blocked when it is late, when a rule is broken, when a commitment or the result of the secrecy check is
    not confirmed, or when the content is not the one that was seen. Otherwise the revision exists with its digests,
    and its document is on its way.
    """
    received_at = act.data.get("received_at") or deadlines.server_time()
    deadline = deadlines.for_declaration(declaration)
    description = content.describe(declaration.track)
    payload = content.payload(declaration)
    report = secrecy.look_through(declaration, payload)
    problems = deadlines.lateness(deadline, received_at) or _unconfirmed(description, report, act)
    problems = problems or _stale(payload, act)
    noticed = checks.run(payload, description)
    if problems or (problems := errors(noticed)):
        raise Blocked(problems)
    number = declaration.revisions.count() + 1
    unchanged = _unchanged(declaration, payload, description)
    frozen = payload | {
        "revision": number,
        "received_at": received_at.isoformat(timespec="seconds"),
        "submitted_by": act.actor.display,
        "commitments": [{"key": one.key, "text": one.text, "clause": one.clause} for one in description.promises],
        "secrecy": report.as_json(),
    }
    if unchanged:
        frozen["unchanged"] = [{"key": one.anchor, "label": one.label} for one in unchanged]
    revision = _keep(declaration, frozen, number, act, received_at, deadline)
    _settle_returns(declaration, unchanged)
    _remember(act, revision)
    facts.keep(declaration, payload, number, act.actor)
    Declaration.objects.filter(pk=declaration.pk).update(**filed.columns(payload, noticed))
    act.recorded(partial(_bind, declaration, revision))
    body = {"revision": number, "sha256": revision.sha256, "received_at": frozen["received_at"]}
    return body | {"unchanged": len(unchanged)} if unchanged else body


def follow(act: Callable[[Revision], object]) -> None:
    """Let the floor above do something with every revision, in the transaction that makes it."""
    if act not in _followers:
        _followers.append(act)


def _unconfirmed(description: content.Description, report: secrecy.Report, act: Act) -> list[Problem]:
    ticked = set(act.data.get("promises") or [])
    found = [
        Problem(f"还没有确认：{one.text}", field=f"promise-{one.key}", clause=one.clause, standing=one.standing)
        for one in description.promises
        if one.key not in ticked
    ]
    if report.serious and secrecy.CONFIRMED not in ticked:
        words = f"脱密自查有 {report.count.serious} 处还没有确认。请逐处看过，删去、遮盖，或确认可以公开"
        found.append(Problem(words, field=f"promise-{secrecy.CONFIRMED}", clause="平台要求", standing="unverified"))
    return found


def _stale(payload: dict[str, Any], act: Act) -> list[Problem]:
    seen = act.data.get("seen")
    return [Problem(CHANGED)] if seen and seen != seen_digest(payload) else []


def _keep(declaration: Declaration, frozen: dict, number: int, act: Act, received_at: Any, deadline: Any) -> Revision:
    text = content.canonical(frozen)
    revision = Revision.objects.create(
        declaration=declaration,
        number=number,
        payload=text,
        sha256=sha256(text),
        sm3=sm3(text),
        submitted_by=act.actor,
        received_at=received_at,
        deadline_at=deadline.at if deadline else None,
        deadline_clause=deadline.cited if deadline else "",
    )
    # Files named by a revision stay, even when the enterprise later removes them from its form.
    revision.files.set(StoredFile.objects.filter(evidence__declaration=declaration).distinct())
    return revision


def _last_return(declaration: Declaration) -> list[ReturnItem]:
    if declaration.latest_revision is None:
        return []
    last = asked.returned_before(declaration, declaration.latest_revision.number + 1)
    return list(declaration.return_items.filter(revision=last).select_related("revision"))


def _unchanged(declaration: Declaration, payload: dict[str, Any], description: content.Description) -> list[ReturnItem]:
    """The items of the last return whose answer still reads as it was returned."""
    items = _last_return(declaration)
    return asked.unanswered(items, items[0].revision.content, payload, description) if items else []


def _settle_returns(declaration: Declaration, unchanged: list[ReturnItem]) -> None:
    """Mark the items of the last return by whether their answer differs now from what was returned."""
    same = {one.pk for one in unchanged}
    for item in _last_return(declaration):
        if item.resolved != (item.pk not in same):
            item.resolved = item.pk not in same
            item.save(update_fields=["resolved"])


def _remember(act: Act, revision: Revision) -> None:
    """The same key again is answered with the same receipt."""
    if key := act.data.get("key"):
        answer = {"revision": revision.pk, "number": revision.number}
        digest = act.data.get("request", "")
        IdempotencyKey.objects.create(user=act.actor, key=key[:64], digest=digest, answer=answer)


def _bind(declaration: Declaration, revision: Revision, entry: AuditEntry) -> None:
    """Tie the revision to its place in the trail, register its document and send it to be drawn."""
    title = f"{content.project_title(revision.content)}申报书（第 {revision.number} 版）"
    issued = verification.issue(
        "declaration",
        title=title[:200],
        subject=f"declarations.revision:{revision.pk}",
        digest=revision.sha256,
        issuer=declaration.enterprise.name,
        audit_seq=entry.seq,
    )
    revision.audit_seq, revision.audit_hash, revision.issued = entry.seq, entry.hash, issued
    revision.save(update_fields=["audit_seq", "audit_hash", "issued"])
    if declaration.latest_revision and declaration.latest_revision.issued:
        old = declaration.latest_revision.issued
        old.superseded_by = issued
        old.save(update_fields=["superseded_by"])
    Declaration.objects.filter(pk=declaration.pk).update(latest_revision=revision, submitted_at=revision.received_at)
    jobs.enqueue(PDF_JOB, f"revision:{revision.pk}", {"revision": revision.pk, "sha256": revision.sha256})
    for follow in _followers:
        follow(revision)


def cover(declaration: Declaration, act: Act) -> dict[str, Any]:
    """Send the copy for the desks, private values covered, to be drawn before packets and officials ask for it."""
    draw(declaration.latest_revision, DESK_JOB)
    return {}


def draw(revision: Revision, kind: str, by: User | None = None) -> None:
    """Have a document of the revision drawn, once; with `by`, because somebody waits for it."""
    jobs.enqueue(kind, f"revision:{revision.pk}", {"revision": revision.pk, "sha256": revision.sha256}, by=by)


def withdraw(declaration: Declaration, act: Act) -> dict[str, Any]:
    """Effect of both withdrawals: the revision stays as it was filed, the content becomes the enterprise's again."""
    return {"revision": declaration.latest_revision.number if declaration.latest_revision else 0}
