"""封存: what is sealed, how it is signed and chained, and how it is replaced.

The manifest is all that the documents will ever be drawn from. It carries no personal data: contacts stand in the
annex, to which the manifest commits by a salted digest.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from declarations import content
from declarations.models import Declaration
from declarations.vocabulary import Status
from declarations.workflow import sealing as within_sealing
from recommendations import ordering, quotas, ranking
from recommendations.models import DocumentLayout, Entry, ListStatus, RecommendationList, Seal
from recommendations.opinions import standing as joint
from smartfactory import audit, jobs, login, signing, verification
from smartfactory.canonical import canonical_json, sha256, sm3
from smartfactory.problems import Problem
from smartfactory.workflow import Act, Blocked, fire

if TYPE_CHECKING:
    from smartfactory.models import AuditEntry, Job, User

SCHEMA = "sf-list/1"
KIND = "recommendation_list"
DOCUMENT_JOB = "list_document"
LETTER = "cover-letter.pdf"
DOCUMENTS = ("summary-sheet.pdf", "summary-sheet.xlsx", LETTER)


def confirm_and_seal(
    one: RecommendationList, *, actor: User, version: int, password: str, count: str, ticks: set[str]
) -> RecommendationList:
    """Seal after the person has proved who he is and read what he seals; every check of the dialog is repeated here.

    Raises Blocked naming what is missing; otherwise as workflow.fire().
    """
    if problems := list(_unconfirmed(one, actor, password, count, ticks)):
        reasons = "；".join(problem.message.partition("。")[0] for problem in problems)
        audit.refuse("recommendationlist.seal", actor=actor, obj=one, reason=reasons)
        raise Blocked(problems)
    return fire(one, "seal", actor=actor, version=version)


def _unconfirmed(one: RecommendationList, actor: User, password: str, count: str, ticks: set[str]) -> Iterator[Problem]:
    if not ticks.issuperset(("content", "final")):
        yield Problem("还没有逐项勾选确认。请核对后勾选", field="ticks")
    size = len(ranking.included(one.entries.all(), one.quota_limit))
    if unicodedata.normalize("NFKC", count).strip() != str(size):
        words = f"输入的项目数与名单不一致。名单上限线以上有 {size} 个项目，请核对后再输入"
        yield Problem(words, field="count")
    if not login.proves(actor, password):
        yield Problem(login.refusal(actor.username, "密码不对。请重新输入您的登录密码"), field="password")


def seal(one: RecommendationList, act: Act) -> dict[str, Any]:
    """Effect of the `seal` transition: write the signed manifest and annex; a recommender's seal recommends."""
    entries = _entries(one)
    made = _draft(one, entries, act.actor)
    made.signature = signing.sign(made.manifest).as_json()
    made.save(force_insert=True)
    act.recorded(partial(_bind, one, made))
    if quotas.recommends(one.track, one.authority):
        _recommend(one, entries, act.actor)
    return {
        "sha256": made.sha256,
        "entries": len(entries),
        "limit": one.quota_limit,
        "frozen_by": one.frozen_by_id,
        "order": _reasons(one),
    }


def _reasons(one: RecommendationList) -> dict[str, str]:
    """Why the order is as it is, for the trail: said of the whole list, those below the line included."""
    return dict(ordering.reasons(list(one.entries.select_related("declaration__enterprise", "source"))))


def preview(one: RecommendationList, user: User) -> Seal:
    """What a seal at this moment would hold, unsigned and unsaved: the sheet can be read before it is sealed."""
    return _draft(one, _entries(one), user)


def _draft(one: RecommendationList, entries: list[Entry], sealer: User) -> Seal:
    now = timezone.now()
    annex = canonical_json(_annex(entries))
    text = canonical_json(manifest(one, entries, annex=annex, sealer=sealer, at=now))
    return Seal(
        list=one, manifest=text, sha256=sha256(text), sm3=sm3(text), annex=annex, sealed_by=sealer, sealed_at=now
    )


def _entries(one: RecommendationList) -> list[Entry]:
    rows = one.entries.select_related(
        "declaration__enterprise__authority",
        "declaration__enterprise__soe",
        "revision__issued",
        "source__list__authority",
    )
    return ranking.included(rows, one.quota_limit)


def _annex(entries: list[Entry]) -> dict[str, Any]:
    """Contacts by rank, with a salt so that the digest in the manifest cannot be guessed from a phone book."""
    people = {str(rank): list(content.contact(entry.revision.content)) for rank, entry in enumerate(entries, 1)}
    return {"salt": secrets.token_hex(16), "contacts": people}


def manifest(one: RecommendationList, entries: list[Entry], *, annex: str, sealer: User, at: Any) -> dict[str, Any]:
    """Everything the documents say, and everything that must still be true later."""
    edition = one.track.edition
    replaced = getattr(one.replaces, "seal", None) if one.replaces_id else None
    heard = joint.sealed(one)
    return {
        "schema": SCHEMA,
        "list": one.public_id,
        "track": {"code": one.track.code, "title": one.track.title, "tier": one.track.tier},
        "edition": {"code": edition.code, "title": edition.title, "year": edition.year, "digest": edition.digest},
        "authority": {"code": one.authority.code, "name": one.authority.name, "kind": one.authority.kind},
        "sent_to": _sent_to(one),
        "quota": {
            "limit": one.quota_limit,
            "strength": one.quota_strength,
            "basis": one.quota_basis,
            "clause": one.quota_clause,
            "standing": one.quota_standing,
        }
        | ({"unlimited": True} if one.quota_unlimited else {}),
        "layouts": {row.kind: row.content for row in DocumentLayout.objects.filter(track=one.track).order_by("kind")},
        "entries": [_entry(rank, entry) for rank, entry in enumerate(entries, 1)],
        "annex_sha256": sha256(annex),
        "frozen_by": one.frozen_by.display if one.frozen_by else "",
        "frozen_at": one.frozen_at.isoformat(timespec="seconds") if one.frozen_at else "",
        "sealed_by": sealer.display,
        "sealed_at": at.isoformat(timespec="seconds"),
        "replaces": replaced.sha256 if replaced else "",
    } | ({"joint": heard} if heard else {})


def _sent_to(one: RecommendationList) -> str:
    """The unit above, where its own list takes this one up; "" where the notice names the recipients."""
    if quotas.recommends(one.track, one.authority) or one.authority.parent is None:
        return ""
    return one.authority.parent.name


def _entry(rank: int, entry: Entry) -> dict[str, Any]:
    frozen, enterprise = entry.revision.content, entry.declaration.enterprise
    return {
        "rank": rank,
        "declaration": entry.declaration.public_id,
        "number": entry.declaration.number,
        "revision": entry.revision.number,
        "sha256": entry.revision.sha256,
        "enterprise": enterprise.name,
        "credit_code": enterprise.credit_code,
        "place": enterprise.receiver.short_name,
        "title": content.project_title(frozen),
        "instances": instance_lines(frozen),
        "lower_rank": entry.source.rank if entry.source else None,
        "lower_list": entry.source.list.authority.name if entry.source else "",
        "exempt": entry.exempt_reason,
        "over": entry.over_reason,
    }


def instance_lines(frozen: dict[str, Any]) -> list[str]:
    """环节名—场景名—实例名 of every instance in the frozen content."""
    for section in frozen["sections"].values():
        for value in section.values():
            if isinstance(value, list) and value and isinstance(value[0], dict) and "segment_name" in value[0]:
                return [content.instance_line(one) for one in value]
    return []


def _bind(one: RecommendationList, made: Seal, entry: AuditEntry) -> None:
    """Tie the seal to the trail, cover it with a signed checkpoint at once, and register its document."""
    issued = verification.issue(
        KIND,
        title=_title(made.content)[:200],
        subject=f"recommendations.seal:{made.pk}",
        digest=made.sha256,
        issuer=one.authority.name,
        audit_seq=entry.seq,
    )
    point = audit.checkpoint()
    made.audit_seq, made.audit_hash, made.issued = entry.seq, entry.hash, issued
    made.checkpoint_size = point.size if point else None
    made.save(update_fields=["audit_seq", "audit_hash", "issued", "checkpoint_size"])
    if one.replaces_id and one.replaces.seal.issued:
        old = one.replaces.seal.issued
        old.superseded_by = issued
        old.save(update_fields=["superseded_by"])
    for name in documents_of(made):
        enqueue_document(made, name)


def documents_of(made: Seal) -> tuple[str, ...]:
    """What is drawn of this list: a letter only where the track has one to send."""
    letter = made.content["layouts"].get("letter")
    return tuple(name for name in DOCUMENTS if letter or name != LETTER)


def _title(sealed: dict[str, Any]) -> str:
    sheet = sealed["layouts"].get("sheet", {})
    return f"{sealed['edition']['year']} 年度{sheet.get('title') or sealed['track']['title']}"


def _recommend(one: RecommendationList, entries: list[Entry], actor: User) -> None:
    with within_sealing():
        for declaration in _locked(pk__in=[entry.declaration_id for entry in entries]):
            fire(declaration, "recommend", actor=actor, version=declaration.version, list=one.public_id)


def _locked(**which: object) -> list[Declaration]:
    """All rows first, in one order, before the audit's head is locked: otherwise two acts could wait for each other."""
    return list(Declaration.objects.select_for_update().filter(**which).order_by("pk"))


def supersede(one: RecommendationList, act: Act) -> dict[str, Any]:
    """Effect of `supersede`: the sealed list stays as it is, a new draft with the same order replaces it.

    Raises Blocked without a reason. Declarations it recommended go back to "qualified".
    """
    if not act.note.strip():
        raise Blocked([Problem("还没有写明作废的理由。理由会公开显示在核验页上", field="note")])
    if quotas.recommends(one.track, one.authority):
        _unrecommend(one, act.actor)
    quota = quotas.resolve(one.track, one.authority)
    fresh = RecommendationList.objects.create(
        track=one.track,
        authority=one.authority,
        status=ListStatus.DRAFT,
        size=one.entries.count(),
        replaces=one,
        **ranking.copied(quota),
    )
    rows = list(one.entries.order_by("rank"))
    for row in rows:
        row.pk, row.list, row.added_by = None, fresh, act.actor
    Entry.objects.bulk_create(rows)
    act.data["successor"] = fresh
    return {"successor": fresh.public_id, "sha256": one.seal.sha256}


def _unrecommend(one: RecommendationList, actor: User) -> None:
    listed = {row["declaration"] for row in one.seal.content["entries"]}
    with within_sealing():
        for declaration in _locked(public_id__in=listed, status=Status.RECOMMENDED):
            fire(declaration, "unrecommend", actor=actor, version=declaration.version, list=one.public_id)


def enqueue_document(made: Seal, name: str, by: User | None = None) -> Job:
    """The job that draws one document; it becomes visible with the seal itself, so no crash can lose it."""
    params = {"seal": made.pk, "name": name, "sha256": made.sha256}
    return jobs.enqueue(DOCUMENT_JOB, f"seal:{made.pk}:{name}", params, by=by)
