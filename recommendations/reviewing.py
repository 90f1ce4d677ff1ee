"""Reviewing: what is ticked, what is returned, and why a declaration may not qualify yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from declarations import asked, checks, content, workflow
from declarations.models import Declaration
from declarations.team.members import tenant
from declarations.vocabulary import Status
from declarations.workflow import is_official
from recommendations.models import Review, ReviewCheck
from smartfactory import audit, credit_code
from smartfactory.problems import Problem
from smartfactory.text import clean, count_chars, excess
from smartfactory.workflow import Blocked, NotAllowed, StaleState, fire

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from declarations.asked import Comparison
    from smartfactory.models import User

PASS, DOUBT = "pass", "doubt"
VERDICTS = (PASS, DOUBT)
SHORTEST_REASON, LONGEST_REASON = 4, 200
LONGEST_NOTE = 2000


def review_of(declaration: Declaration) -> Review:
    """The review of the latest revision; begun when it is first opened."""
    return Review.objects.get_or_create(
        revision_id=declaration.latest_revision_id, defaults={"declaration": declaration}
    )[0]


def save(review: Review, *, ticked: Mapping[str, str], note: str, version: int, actor: User) -> Review:
    """Keep ticks and the office's note while the declaration is in review.

    Raises StaleState when a colleague saved or decided in between, NotAllowed for strangers, Blocked where it is too long.
    """
    if not is_official(actor, review.declaration):
        raise NotAllowed("审核")
    note = clean(note)
    if over := excess(count_chars(note), LONGEST_NOTE):
        raise Blocked([Problem(f"备注{over}", field="note", fix_url="#note")])
    known = set(ReviewCheck.objects.filter(track_id=review.declaration.track_id).values_list("key", flat=True))
    kept = {key: value for key, value in ticked.items() if key in known and value in VERDICTS}
    with transaction.atomic():
        saved = Review.objects.filter(pk=review.pk, version=version, declaration__status=Status.IN_REVIEW).update(
            checks=kept, note=note, version=F("version") + 1, by=actor
        )
        if not saved:
            raise StaleState("审核记录")
        body = {"checks": kept, "revision": review.revision.number}
        audit.record("review.save", actor=actor, obj=review.declaration, body=body)
    review.refresh_from_db()
    return review


def reveal(declaration: Declaration, reason: str, *, actor: User) -> None:
    """Record that `actor` reads the contact's numbers in full, and why; the enterprise finds it in its own history.

    Raises Blocked without a reason somebody could judge.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        words = f"还没有写明为什么要看（至少 {SHORTEST_REASON} 个字）。例如：电话核实设备清单"
        raise Blocked([Problem(words, field="why")])
    if (count := len(reason.strip())) > LONGEST_REASON:
        raise Blocked([Problem(f"理由最多 {LONGEST_REASON} 个字，现在 {count} 个。请删减", field="why")])
    body = {"reason": reason.strip(), "revision": declaration.latest_revision.number}
    with transaction.atomic():
        audit.record(
            "declaration.reveal", actor=actor, obj=declaration, body=body, tenant=tenant(declaration.enterprise)
        )


def unticked(declaration: Declaration) -> list[Problem]:
    """Why the declaration may not qualify yet: every check of the track must have been ticked as passed."""
    review = Review.objects.filter(revision_id=declaration.latest_revision_id).first()
    done = review.checks if review else {}
    return [
        Problem(
            f"“{one.title}”还没有勾选通过。请核对后勾选，或退回企业改正",
            field=one.key,
            clause=one.cited,
            standing=one.standing,
            fix_url=f"#c-{one.key}-p",
        )
        for one in _checks(declaration)
        if done.get(one.key) != PASS
    ]


def _checks(declaration: Declaration) -> QuerySet[ReviewCheck]:
    rows = ReviewCheck.objects.filter(track_id=declaration.track_id)
    return rows.select_related("track__campaign__edition")


workflow.require("qualify", unticked)


@dataclass(frozen=True)
class Finding:
    """What the system can say by itself about one check; a person decides."""

    check: ReviewCheck
    verdict: str
    good: bool
    words: str


def findings(declaration: Declaration, ticked: Mapping[str, str]) -> list[Finding]:
    """Every check of the track, with its tick and the automatic hint."""
    payload = declaration.latest_revision.content
    return [
        _finding(one, ticked.get(one.key, ""), HINTS.get(one.finding, _no_hint)(declaration, payload))
        for one in _checks(declaration)
    ]


def _finding(check: ReviewCheck, verdict: str, hint: tuple[bool, str]) -> Finding:
    return Finding(check, verdict, *hint)


def _no_hint(declaration: Declaration, payload: dict[str, Any]) -> tuple[bool, str]:
    return True, ""


def _credit_code(declaration: Declaration, payload: dict[str, Any]) -> tuple[bool, str]:
    problems = credit_code.check(declaration.enterprise.credit_code)
    return not problems, problems[0].message if problems else "统一社会信用代码校验相符"


def _maturity(declaration: Declaration, payload: dict[str, Any]) -> tuple[bool, str]:
    return _by_field(declaration, payload, ("maturity",), "成熟度等级与报告无矛盾")


def _prior_title(declaration: Declaration, payload: dict[str, Any]) -> tuple[bool, str]:
    return _by_field(declaration, payload, ("prior_titles",), "前置称号已填写")


def _by_field(declaration: Declaration, payload: dict[str, Any], names: tuple[str, ...], good: str) -> tuple[bool, str]:
    """The rules of the form about these fields, run again on what was filed."""
    found = [
        one.message
        for one in checks.run(payload, content.describe(declaration.track))
        if any(one.field.startswith(name) for name in names)
    ]
    return not found, "；".join(found) or good


def _deadline(declaration: Declaration, payload: dict[str, Any]) -> tuple[bool, str]:
    revision = declaration.latest_revision
    late = revision.deadline_at is not None and revision.received_at.replace(microsecond=0) > revision.deadline_at
    return not late, "提交晚于截止时间" if late else "在截止时间之前提交"


HINTS = {"credit_code": _credit_code, "maturity": _maturity, "prior_title": _prior_title, "deadline": _deadline}


def compare(declaration: Declaration) -> Comparison | None:
    """The latest revision against the one it answers; None for a first one."""
    latest = declaration.latest_revision
    before = asked.returned_before(declaration, latest.number)
    return before and asked.compare(before, latest, content.describe(declaration.track), masked=True)


def send_back(
    declaration: Declaration, *, items: Iterable[Mapping[str, Any]], note: str, actor: User, version: int
) -> Declaration:
    """Return the named fields to the enterprise with reason, words and clause."""
    return fire(declaration, "return_", actor=actor, version=version, note=note, items=list(items))
