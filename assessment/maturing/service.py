"""What people do with a maturity pre-assessment: begin a round, answer a sub-domain, cut one, begin again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from assessment.maturing.book import Book, why_not
from assessment.maturing.judging import Answer, Judged
from assessment.models import AttemptStatus, MaturityAttempt, MaturityStandard, SubdomainAnswers
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Enterprise, Role
from smartfactory.workflow import NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User


def may_write(user: User, enterprise_id: int) -> bool:
    """Whether this person answers for the enterprise."""
    return enterprise_id in scope(user).enterprise_ids(Role.PREPARER, Role.SIGNATORY)


def writer(user: User, enterprise_id: int) -> None:
    if not may_write(user, enterprise_id):
        raise NotAllowed("只有本企业的填报人或负责人可以做成熟度预评")


def start(
    enterprise: Enterprise, standard: MaturityStandard, kind: str, actor: User, *, factory: str = ""
) -> MaturityAttempt:
    """Begin the next round, empty. Raises NotAllowed for strangers and for versions that cannot be asked."""
    writer(actor, enterprise.pk)
    if problem := why_not(standard.definition):
        raise NotAllowed(problem)
    return _open(enterprise, standard, kind, actor, factory=factory)


def again(attempt: MaturityAttempt, actor: User) -> MaturityAttempt:
    """再评一次: the next round of the same factory with these answers, by the standard as it reads now.

    An answer is carried over only where the requirement still reads the same.
    """
    writer(actor, attempt.enterprise_id)
    if problem := why_not(attempt.standard.definition):
        raise NotAllowed(problem)
    return _open(attempt.enterprise, attempt.standard, attempt.kind, actor, factory=attempt.factory, previous=attempt)


def _open(
    enterprise: Enterprise,
    standard: MaturityStandard,
    kind: str,
    actor: User,
    *,
    factory: str,
    previous: MaturityAttempt | None = None,
) -> MaturityAttempt:
    for _ in range(5):
        try:
            return _insert(enterprise, standard, kind, actor, factory, previous)
        except IntegrityError:
            continue
    raise StaleState("同一企业正在同时开始预评，请再试一次")


@transaction.atomic
def _insert(
    enterprise: Enterprise,
    standard: MaturityStandard,
    kind: str,
    actor: User,
    factory: str,
    previous: MaturityAttempt | None,
) -> MaturityAttempt:
    last = MaturityAttempt.objects.filter(enterprise=enterprise).aggregate(last=Max("round"))["last"]
    made = MaturityAttempt.objects.create(
        enterprise=enterprise,
        standard=standard,
        definition=standard.definition,
        kind=kind,
        kind_name=Book(standard.definition, kind).kind_name,
        factory=factory,
        round=(last or 0) + 1,
        previous=previous,
        status=AttemptStatus.DRAFT,
        created_by=actor,
    )
    SubdomainAnswers.objects.bulk_create(_rows(made, previous, actor))
    body = {"round": made.round, "standard": standard.code, "type": kind}
    audit.record("maturityattempt.start", actor=actor, obj=made, body=body)
    return made


def _rows(made: MaturityAttempt, previous: MaturityAttempt | None, actor: User) -> list[SubdomainAnswers]:
    now = Book(made.definition, made.kind)
    before = judged(previous) if previous else None
    found = []
    for code, leaf in now.subdomains.items():
        row = SubdomainAnswers(attempt=made, code=code)
        if before and code in before.book.subdomains:
            _carry(row, now, before, may_cut=leaf.may_cut)
            row.updated_by, row.updated_at = actor, timezone.now()
        found.append(row)
    return found


def _carry(row: SubdomainAnswers, now: Book, before: Judged, *, may_cut: bool) -> None:
    old = before.answer(row.code)
    same = {
        one.key
        for one in now.requirements[row.code]
        if (was := before.book.find(one.code, one.key)) and was.text == one.text
    }
    row.marks = {key: mark for key, mark in old.marks.items() if key in same and mark in now.words}
    row.notes = {key: note for key, note in old.notes.items() if key in same}
    row.cut = old.cut and may_cut
    row.cut_reason = old.cut_reason if row.cut else ""


def judged(attempt: MaturityAttempt) -> Judged:
    """The answers as they stand, held against the standard the round began with."""
    answers = {row.code: Answer(row.marks, row.notes, row.cut, row.cut_reason) for row in attempt.answers.all()}
    return Judged(Book(attempt.definition, attempt.kind), answers)


def save(attempt: MaturityAttempt, code: str, given: Answer, version: int, actor: User) -> SubdomainAnswers:
    """Keep the answers of one sub-domain as the person saw it at `version`.

    `given` was checked by the form. Raises StaleState, and changes nothing, when a colleague saved this sub-domain in
    between or the round is no longer open. The round's own row is written first: it is the lock that a save and the
    end of the round share, so nothing is saved into a round that ends at the same moment.
    """
    writer(actor, attempt.enterprise_id)
    now = timezone.now()
    values = {"marks": dict(given.marks), "notes": dict(given.notes), "cut": given.cut, "cut_reason": given.cut_reason}
    with transaction.atomic():
        still = MaturityAttempt.objects.filter(pk=attempt.pk, status=AttemptStatus.DRAFT)
        rows = SubdomainAnswers.objects.filter(attempt=attempt, code=code, version=version)
        moved = still.update(version=F("version") + 1, updated_at=now)
        if not moved or not rows.update(version=F("version") + 1, updated_by=actor, updated_at=now, **values):
            raise StaleState("这个子域刚被同事保存过，或这次预评已经结束")
        body: Mapping[str, object] = {"subdomain": code, "answered": len(given.marks), "cut": given.cut}
        audit.record("maturityattempt.save", actor=actor, obj=attempt, body=body)
    attempt.refresh_from_db(fields=["version", "updated_at"])
    return SubdomainAnswers.objects.get(attempt=attempt, code=code)
