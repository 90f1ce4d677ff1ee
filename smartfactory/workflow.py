"""The one door for every change of status.

`fire()` is the only writer of a status. The source status and the version are part of the UPDATE itself, so of two
simultaneous acts one succeeds and the other learns that the row has moved on. Pages list their buttons from
`available()`, so page and rule cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from smartfactory import acts, audit
from smartfactory.problems import Problem, errors
from smartfactory.text import count_chars, excess

if TYPE_CHECKING:
    from smartfactory.models import AuditEntry, Stateful, User

S = TypeVar("S", bound="Stateful")
# Of the reason given with an act.
LONGEST_NOTE = 1000


class WorkflowError(Exception):
    """An act that did not happen."""


class NotAllowed(WorkflowError):
    """This person may not do this to this row."""


class StaleState(WorkflowError):
    """The row is no longer in the state or version the person saw."""


class Blocked(WorkflowError):
    """The act is not possible yet; `problems` say why and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("；".join(problem.message for problem in self.problems))


@dataclass
class Act:
    """One act under way: who, why, with what data, and what waits for the audit entry."""

    transition: Transition
    actor: User
    note: str
    data: dict[str, Any]
    callbacks: list[Callable[[AuditEntry], None]] = field(default_factory=list)

    def recorded(self, callback: Callable[[AuditEntry], None]) -> None:
        """Call back with the audit entry once it exists, still inside the transaction."""
        self.callbacks.append(callback)


def anyone(user: User, obj: Stateful) -> bool:
    return True


def nothing(obj: Stateful) -> list[Problem]:
    return []


def no_effect(obj: Stateful, act: Act) -> None:
    return None


def no_sequel(pk: int) -> None:
    return None


@dataclass(frozen=True)
class Transition:
    """From one of `sources` to `target`: who may (`allowed`), why not yet (`blockers`), what else it writes (`effect`).

    `effect` runs inside the transaction; the dict it returns becomes the body of the audit entry. `after` runs with
    the primary key once the transaction has committed.
    """

    name: str
    label: str
    sources: frozenset[str]
    target: str
    allowed: Callable[[User, Any], bool] = anyone
    blockers: Callable[[Any], list[Problem]] = nothing
    effect: Callable[[Any, Act], dict[str, Any] | None] = no_effect
    after: Callable[[int], None] = no_sequel
    style: str = "secondary"


_transitions: dict[str, dict[str, Transition]] = {}


def register(model: type[Stateful], transitions: Iterable[Transition], states: type[models.TextChoices]) -> None:
    """Declare the whole machine of a model, once: its transitions, and the words of its states."""
    label = model._meta.label
    if label in _transitions:
        raise RuntimeError(f"{label} already has its transitions")
    _transitions[label] = {one.name: one for one in transitions}
    acts.name({f"{model._meta.model_name}.{one.name}": one.label.rstrip("…") for one in _transitions[label].values()})
    acts.name_states(label, dict(states.choices))


def transitions(obj: Stateful | type[Stateful]) -> dict[str, Transition]:
    return _transitions[obj._meta.label]


def available(obj: Stateful, user: User) -> list[Transition]:
    """What `user` may do to `obj` in its present status, in the declared order; blockers are not asked."""
    return [one for one in transitions(obj).values() if obj.status in one.sources and one.allowed(user, obj)]


def fire(obj: S, name: str, *, actor: User, version: int, note: str = "", **data: object) -> S:
    """Carry out transition `name` on `obj` as `actor` saw it at `version`; return the row as it now stands.

    Raises NotAllowed, Blocked (with problems) or StaleState. Writes the status, the effect and exactly one audit
    entry in one transaction. The same person repeating an act whose target is reached is answered with success.
    """
    step = transitions(obj)[name]
    if not step.allowed(actor, obj):
        audit.refuse(f"{obj._meta.model_name}.{name}", actor=actor, obj=obj, reason="不由此人办理")
        raise NotAllowed(step.label)
    if _repeated(obj, step, actor):
        return obj
    if obj.status not in step.sources:
        raise StaleState(step.label)
    if over := excess(count_chars(note), LONGEST_NOTE):
        raise Blocked([Problem(f"写的理由{over}", field="note")])
    if problems := errors(step.blockers(obj)):
        raise Blocked(problems)
    act = Act(step, actor, note, data)
    try:
        return _carry_out(obj, act, version)
    except StaleState:
        fresh = type(obj)._base_manager.get(pk=obj.pk)
        if _repeated(fresh, step, actor):
            return fresh
        raise


def _carry_out(obj: S, act: Act, version: int) -> S:
    with transaction.atomic():
        _move(obj, act, version)
        body = {"from": obj.status, "to": act.transition.target, "version": version + 1}
        fresh = type(obj)._base_manager.get(pk=obj.pk)
        body |= act.transition.effect(fresh, act) or {}
        if act.note:
            body["note"] = act.note
        entry = audit.record(f"{obj._meta.model_name}.{act.transition.name}", actor=act.actor, obj=obj, body=body)
        for callback in act.callbacks:
            callback(entry)
        transaction.on_commit(partial(act.transition.after, obj.pk))
    return type(obj)._base_manager.get(pk=obj.pk)


def _move(obj: Stateful, act: Act, version: int) -> None:
    step = act.transition
    moved = (
        type(obj)
        ._base_manager.filter(pk=obj.pk, status__in=step.sources, version=version)
        .update(
            status=step.target,
            version=F("version") + 1,
            status_act=step.name,
            status_at=timezone.now(),
            status_by=act.actor,
        )
    )
    if not moved:
        raise StaleState(step.label)


def _repeated(obj: models.Model, step: Transition, actor: User) -> bool:
    """Whether this very person has just done this very act: a double click, not a conflict."""
    return obj.status == step.target and obj.status_act == step.name and obj.status_by_id == actor.pk
