"""电子签章: the authority's own e-seal put on the documents of a sealed list by the service that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from recommendations import exports, sealing
from recommendations.models import ListStatus, RecommendationList
from smartfactory import audit, eseal, jobs, verification
from smartfactory.access import scope
from smartfactory.models import Job, Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed

if TYPE_CHECKING:
    from recommendations.models import Seal
    from smartfactory.jobs import JobRun, Result
    from smartfactory.models import StoredFile, User

JOB = "eseal"
PDF = "application/pdf"
# The document, what people call it, and its sealed rendering.
SEALABLE = {
    "summary-sheet.pdf": ("推荐汇总表", "summary-sheet.sealed.pdf"),
    "cover-letter.pdf": ("推荐函", "cover-letter.sealed.pdf"),
}


@dataclass(frozen=True)
class Line:
    """One document on the page: its sealed rendering, or the job that asks for it."""

    name: str
    title: str
    kept: StoredFile | None
    job: Job | None

    @property
    def trouble(self) -> str:
        """What the service said last, without the name of the class."""
        return self.job.error.partition(": ")[2] if self.job else ""


def lines(seal: Seal) -> list[Line]:
    kept = {one.name: one.file for one in seal.issued.files.select_related("file")}
    names = [name for name in SEALABLE if name in sealing.documents_of(seal)]
    found = {
        one.subject: one for one in Job.objects.filter(kind=JOB, subject__in=[_subject(seal, name) for name in names])
    }
    return [
        Line(name, SEALABLE[name][0], kept.get(SEALABLE[name][1]), found.get(_subject(seal, name))) for name in names
    ]


def _subject(seal: Seal, name: str) -> str:
    return f"seal:{seal.pk}:{name}"


def may_ask(user: User, one: RecommendationList) -> bool:
    """Who seals a list also asks for its e-seal."""
    return one.authority_id in scope(user).authority_ids(Role.SEALER)


def ask(one: RecommendationList, name: str, *, actor: User) -> Job:
    """Have the document sealed by the service. Raises NotAllowed, or Blocked naming what is missing."""
    if not may_ask(actor, one):
        raise NotAllowed("eseal")
    problems = []
    if one.status != ListStatus.SEALED:
        problems.append(Problem("名单没有封存，或已作废，不能再申请电子签章"))
    if lacking := eseal.missing(one.authority.code):
        problems.append(Problem(f"没有接入电子签章服务，缺{'、'.join(lacking)}。请联系系统管理员"))
    if problems:
        raise Blocked(problems)
    with transaction.atomic():
        job = jobs.enqueue(JOB, _subject(one.seal, name), {"seal": one.seal.pk, "name": name}, by=actor)
        audit.record("eseal.ask", actor=actor, obj=one, body={"name": name, "sha256": one.seal.sha256})
    return job


def fetch(seal: Seal, run: JobRun) -> Result:
    """Send the kept document, keep what comes back. A second run finds the first one's and keeps that."""
    name = run.params["name"]
    sealed_name = SEALABLE[name][1]
    kept = verification.rendered(seal.issued, sealed_name)
    if kept is None:
        run.progress(0, 2, "送去盖章")
        source = verification.rendered(seal.issued, name)
        source = source or verification.attach(seal.issued, name, exports.DRAWERS[name][0](seal), PDF).file
        sealed = eseal.seal(source.read(), authority=seal.list.authority.code, name=name)
        run.progress(1, 2, "保存")
        with transaction.atomic():
            kept = verification.attach(seal.issued, sealed_name, sealed.pdf, PDF).file
            body = {"name": sealed_name, "sha256": kept.digest, "serial": sealed.serial}
            audit.record("eseal.done", actor=run.job.created_by, obj=seal.list, body=body)
    return kept.path, sealed_name, PDF


def record_download(one: RecommendationList, name: str, actor: User) -> None:
    with transaction.atomic():
        audit.record("list.download", actor=actor, obj=one, body={"name": name, "sha256": one.seal.sha256})
