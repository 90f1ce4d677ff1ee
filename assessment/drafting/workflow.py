"""The life of a draft: drafting → proposed → published, and back from proposed. Who proposes may not publish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError

from assessment import loader
from assessment.drafting import amending, checking, documents
from assessment.models import DraftStatus, EditionDraft
from assessment.yaml_writer import write
from smartfactory.access import scope
from smartfactory.canonical import canonical_json, sha256
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, Transition, register

if TYPE_CHECKING:
    from smartfactory.models import User
    from smartfactory.workflow import Act

SAME_PERSON = "这份草案是您提交复核的，须由另一位政策管理员发布"
REASONS = {"dated": "更正要写明从哪一天起", "reason": "更正要写明理由", "paper": "更正要写明依据哪份文件"}


def keeps(user: User, draft: EditionDraft) -> bool:
    """Whether the person keeps the policy of the unit the draft is written for."""
    return scope(user).covers(draft.authority.path, Role.POLICY)


def another(user: User, draft: EditionDraft) -> bool:
    """The second pair of eyes."""
    return keeps(user, draft) and draft.proposed_by_id != user.pk


def blockers(draft: EditionDraft) -> list[Problem]:
    """Every error of the draft; an amendment also says when, why and by which paper."""
    missing = [Problem(words) for name, words in REASONS.items() if draft.amends_id and not getattr(draft, name)]
    same = draft.amends_id and content_digest(draft) == _published_digest(draft)
    nothing = [Problem("和已发布的内容一样，没有要更正的")] if same else []
    return [*missing, *nothing, *checking.problems(draft)]


def content_digest(draft: EditionDraft) -> str:
    """Names the texts of the draft, so that what is published is what was proposed."""
    return sha256(canonical_json({one.name: one.text for one in draft.chapters.all()}))


def _published_digest(draft: EditionDraft) -> str:
    return sha256(canonical_json(documents.texts(draft.amends.source)))


def _propose(draft: EditionDraft, act: Act) -> dict[str, Any]:
    type(draft).objects.filter(pk=draft.pk).update(proposed_by=act.actor)
    return {"code": draft.code, "digest": content_digest(draft)}


def _publish(draft: EditionDraft, act: Act) -> dict[str, Any]:
    """Load the draft as its files would be loaded. What became wrong in the meantime is refused whole."""
    if not draft.amends_id:
        _say_published(draft)
    try:
        ctx = checking.context(draft)
        edition = amending.amend(draft, ctx) if draft.amends_id else loader.keep(ctx).edition
    except loader.Refused as refused:
        raise Blocked([Problem(str(one)) for one in refused.defects]) from refused
    except IntegrityError as error:
        raise Blocked([Problem("有编码刚被别的版次占用。请退回起草，改用别的编码")]) from error
    body = {"code": draft.code, "digest": edition.digest, "proposed_by": draft.proposed_by.username}
    return body | (
        {"dated": draft.dated.isoformat(), "reason": draft.reason, "paper": draft.paper} if draft.dated else {}
    )


def _say_published(draft: EditionDraft) -> None:
    """The head of the draft says so too: exported, it is the file of the published edition."""
    chapter = draft.chapters.get(name="edition")
    head = documents.document(draft, "edition", chapter.text)
    head["status"] = "published"
    draft.chapters.filter(pk=chapter.pk).update(text=write(head))


def _forget(draft: EditionDraft, act: Act) -> None:
    type(draft).objects.filter(pk=draft.pk).update(proposed_by=None)


register(
    EditionDraft,
    [
        Transition(
            "propose", "提交复核", frozenset({DraftStatus.DRAFTING}), DraftStatus.PROPOSED,
            allowed=keeps, blockers=blockers, effect=_propose, style="primary",
        ),
        Transition(
            "publish", "发布", frozenset({DraftStatus.PROPOSED}), DraftStatus.PUBLISHED,
            allowed=another, blockers=blockers, effect=_publish, style="primary",
        ),
        Transition(
            "return", "退回起草", frozenset({DraftStatus.PROPOSED}), DraftStatus.DRAFTING, allowed=keeps, effect=_forget,
        ),
        Transition("discard", "作废草案", frozenset({DraftStatus.DRAFTING}), DraftStatus.DISCARDED, allowed=keeps),
    ],
    DraftStatus,
)  # fmt: skip
