"""What an enterprise does with a self-assessment: start, save, finish, assess again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from assessment import edition_rules, facts
from assessment.models import Edition, SelfAssessment
from assessment.rules import Verdict, evaluate
from assessment.vocabulary import Tier
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.models import Enterprise, Role
from smartfactory.workflow import NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User


def may_write(user: User, enterprise: Enterprise) -> bool:
    """Whether this person fills in papers for the enterprise."""
    return enterprise.pk in scope(user).enterprise_ids(Role.PREPARER, Role.SIGNATORY)


def _writer(user: User, enterprise: Enterprise) -> None:
    if not may_write(user, enterprise):
        raise NotAllowed("只有本企业的填报人或负责人可以自评")


def start(enterprise: Enterprise, edition: Edition, actor: User, *, target: str = Tier.EXCELLENCE) -> SelfAssessment:
    """Open the next round of self-assessment, empty. Raises NotAllowed for strangers and unpublished editions."""
    return _open(enterprise, edition, actor, target=target, answers={})


def again(assessment: SelfAssessment, actor: User) -> SelfAssessment:
    """重新自评: open the next round with the answers of this one. The old round stays as it is."""
    source = {"maturity_source": assessment.maturity_source, "maturity_date": assessment.maturity_date}
    return _open(
        assessment.enterprise,
        assessment.edition,
        actor,
        target=assessment.target,
        answers=dict(assessment.facts),
        maturity=source,
    )


def _open(
    enterprise: Enterprise,
    edition: Edition,
    actor: User,
    *,
    target: str,
    answers: dict[str, Any],
    maturity: dict[str, Any] | None = None,
) -> SelfAssessment:
    _writer(actor, enterprise)
    if not edition.is_published():
        raise NotAllowed("这个版次尚未发布")
    for _ in range(5):
        try:
            return _insert(enterprise, edition, actor, target, answers, maturity)
        except IntegrityError:
            continue
    raise StaleState("同一企业正在同时开始自评，请再试一次")


@transaction.atomic
def _insert(
    enterprise: Enterprise,
    edition: Edition,
    actor: User,
    target: str,
    answers: dict[str, Any],
    maturity: dict[str, Any] | None,
) -> SelfAssessment:
    last = SelfAssessment.objects.filter(enterprise=enterprise, edition=edition).aggregate(last=Max("round"))["last"]
    made = SelfAssessment.objects.create(
        enterprise=enterprise,
        edition=edition,
        target=target,
        round=(last or 0) + 1,
        facts=answers,
        created_by=actor,
        **(maturity or {}),
    )
    audit.record("assessment.start", actor=actor, obj=made, body={"edition": edition.code, "round": made.round})
    return made


def save(
    assessment: SelfAssessment,
    answers: dict[str, Any],
    version: int,
    actor: User,
    *,
    target: str | None = None,
    maturity: dict[str, Any] | None = None,
) -> SelfAssessment:
    """Merge `answers` (contract shape, any part of it) into the assessment and return it with its new version.

    Flags merge one by one, every other key replaces the old value; `maturity` (maturity_source, maturity_date) says
    where the stated level comes from and bears on no verdict. Raises FactsError naming what it refuses, StaleState when
    somebody saved in between or the round is finished; then nothing is changed.
    """
    _writer(actor, assessment.enterprise)
    rules = edition_rules.from_edition(assessment.edition)
    merged = {**assessment.facts, **answers}
    if isinstance(answers.get("flags"), dict):
        merged["flags"] = {**(assessment.facts.get("flags") or {}), **answers["flags"]}
    values = {"facts": facts.parse(merged, rules).as_json(), "target": target or assessment.target, **(maturity or {})}
    _update(assessment, version, **values)
    return assessment


def finish(assessment: SelfAssessment, version: int, actor: User) -> SelfAssessment:
    """Close the round; its answers no longer change. The same person closing it twice is a success."""
    _writer(actor, assessment.enterprise)
    if assessment.finished_at:
        return assessment
    with transaction.atomic():
        _update(assessment, version, finished_at=timezone.now())
        found = verdict(assessment)
        body = {"target": assessment.target, "tier": found.tier, "met": found.met}
        audit.record("assessment.finish", actor=actor, obj=assessment, body=body)
    return assessment


def _update(assessment: SelfAssessment, version: int, **values: Any) -> None:
    """Write only if the row is still open and still at `version`: the check is part of the UPDATE."""
    rows = SelfAssessment.objects.filter(pk=assessment.pk, version=version, finished_at=None)
    if not rows.update(version=F("version") + 1, updated_at=timezone.now(), **values):
        raise StaleState("这次自评已被别人保存或已经完成，请刷新后再改")
    assessment.refresh_from_db()


def stated(assessment: SelfAssessment) -> facts.Facts:
    """The answers as facts."""
    return facts.parse(assessment.facts, edition_rules.from_edition(assessment.edition))


def verdict(assessment: SelfAssessment) -> Verdict:
    """The answers held against the edition."""
    return evaluate(edition_rules.from_edition(assessment.edition), stated(assessment), assessment.target)
