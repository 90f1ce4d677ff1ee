"""One act on many declarations: first what would happen to each, then each in a transaction of its own.

Only what may be done to each of them singly is done; what needs a reason in writing is not offered. A run is kept with
its rows, so that what became of each can be read afterwards, and a run that was cut off goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from declarations.models import Declaration
from declarations.workflow import is_official
from recommendations.models import BulkRow, BulkRun, Duty, Outcome
from recommendations.queue import duties
from recommendations.queue.page import visible
from recommendations.queue.rules import rules
from smartfactory import audit, jobs, workflow
from smartfactory.jobs import JobRun, handler
from smartfactory.problems import errors
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User

JOB = "bulk"
GIVE = "give"
# What needs no reason in writing and may therefore be done to many.
ACTS = {"take_up": "受理", "qualify": "审核通过", GIVE: "分派"}
RELATED = ("enterprise__authority", "enterprise__soe", "track__campaign__edition", "latest_revision")


@dataclass(frozen=True)
class Line:
    """What would happen to one declaration: `seen` is the version to act under, `words` why not."""

    declaration: Declaration
    seen: int
    words: str = ""

    @property
    def possible(self) -> bool:
        return not self.words


@dataclass(frozen=True)
class Plan:
    """What a person is shown before confirming."""

    act: str
    member: User | None
    lines: list[Line]

    @property
    def word(self) -> str:
        if self.act != GIVE:
            return ACTS[self.act]
        return f"交给{self.member.display}" if self.member else "放回"

    @property
    def possible(self) -> list[Line]:
        return [one for one in self.lines if one.possible]

    @property
    def impossible(self) -> list[Line]:
        return [one for one in self.lines if not one.possible]


def chosen(user: User, ids: Iterable[str]) -> list[Declaration]:
    """The declarations named, as far as they are the person's to see and no more than may be done at once."""
    rows = visible(user).filter(public_id__in=list(ids)[: rules().bulk], latest_revision__isnull=False)
    return list(rows.select_related(*RELATED).order_by("submitted_at", "pk"))


def plan(rows: Sequence[Declaration], act: str, member: User | None, *, actor: User) -> Plan:
    """What the act would do to each row. Asks the very rules that the act itself will ask."""
    if act == GIVE:
        held = duties.of(rows, duties.desk_of(actor))
        return Plan(act, member, [_giving(one, held.get(one.pk), member, actor) for one in rows])
    return Plan(act, None, [Line(one, one.version, _obstacle(one, act, actor)) for one in rows])


def _giving(one: Declaration, duty: Duty | None, member: User | None, actor: User) -> Line:
    seen = duty.version if duty else 1
    if not is_official(actor, one):
        return Line(one, seen, "不由本单位的经办人办理")
    if (duty.user_id if duty else None) == (member.pk if member else None):
        return Line(one, seen, "已经是这样，不用再改")
    return Line(one, seen)


def _obstacle(one: Declaration, act: str, actor: User) -> str:
    """Why the transition would not happen; nothing if it would."""
    step = workflow.transitions(one)[act]
    if not step.allowed(actor, one):
        return "不由本单位的经办人办理"
    if one.status not in step.sources:
        return f"现在是“{one.status_label}”，不能{ACTS[act]}"
    return "；".join(problem.message for problem in errors(step.blockers(one)))


def start(plan_: Plan, seen: dict[str, int], token: str, *, actor: User) -> BulkRun:
    """Begin a confirmed run with the versions that were shown. The same token is the same run: a double click is one.

    Raises NotAllowed for who has no desk.
    """
    desk = duties.desk_of(actor)
    if desk is None:
        raise NotAllowed("批量办理")
    with transaction.atomic():
        run, made = BulkRun.objects.get_or_create(
            public_id=token, by=actor, defaults={"authority": desk, "act": plan_.act, "member": plan_.member}
        )
        if made:
            BulkRow.objects.bulk_create(
                BulkRow(run=run, declaration=one.declaration, seen=seen[one.declaration.public_id])
                for one in plan_.lines
            )
            run.job = jobs.enqueue(JOB, f"bulk:{run.pk}", {"run": run.pk}, by=actor)
            run.save(update_fields=["job"])
            body = {"act": ACTS[plan_.act], "rows_chosen": len(plan_.lines)}
            audit.record("bulk.start", actor=actor, obj=run, body=body)
    return run


@handler(JOB)
def carry_out(attempt: JobRun) -> None:
    """Do what is still waiting, row by row; what one row meets does not touch the others."""
    run = BulkRun.objects.select_related("by", "member").get(pk=attempt.params["run"])
    rows = list(run.rows.filter(outcome=Outcome.WAITING).values_list("pk", flat=True))
    for number, pk in enumerate(rows):
        attempt.progress(number, len(rows), ACTS[run.act])
        _one(BulkRow.objects.select_related(*(f"declaration__{name}" for name in RELATED)).get(pk=pk), run)
    attempt.progress(len(rows), len(rows))


def _one(row: BulkRow, run: BulkRun) -> None:
    """The act and its outcome in one transaction; a refusal is recorded in one of its own."""
    try:
        with transaction.atomic():
            _act(row, run)
            _note(row, Outcome.DONE)
    except StaleState:
        _note(row, Outcome.CHANGED, "同事或企业在您确认之后改动过它。请打开看过再办")
    except Blocked as error:
        _note(row, Outcome.BLOCKED, str(error))
    except NotAllowed:
        audit.refuse(f"bulk.{run.act}", actor=run.by, obj=row.declaration, reason="不由此人办理")
        _note(row, Outcome.REFUSED)


def _act(row: BulkRow, run: BulkRun) -> None:
    if run.act == GIVE:
        duties.give(row.declaration, run.member_id, version=row.seen, actor=run.by)
    else:
        workflow.fire(row.declaration, run.act, actor=run.by, version=row.seen)


def _note(row: BulkRow, outcome: Outcome, words: str = "") -> None:
    BulkRow.objects.filter(pk=row.pk, outcome=Outcome.WAITING).update(outcome=outcome, words=words[:400])


def summary(rows: Iterable[BulkRow]) -> list[tuple[str, int]]:
    """How many rows ended how, in the order of the outcomes."""
    counts = Counter(one.outcome for one in rows)
    return [(one.label, counts[one.value]) for one in Outcome if counts[one.value]]
