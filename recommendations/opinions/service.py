"""Signing an opinion: by a person of the very department, on the list as it is seen, while it is not sealed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Max, QuerySet

from declarations.models import Declaration
from recommendations.models import JointOpinion, ListStatus, RecommendationList
from recommendations.models.opinion import Stance
from recommendations.opinions import standing
from smartfactory import audit
from smartfactory.access import scope
from smartfactory.appending import append
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from recommendations.models import JointDepartment
    from smartfactory.models import User

LONGEST, SHORTEST = 1000, 4
OPEN = (ListStatus.DRAFT, ListStatus.FROZEN)


def own(user: User, one: RecommendationList) -> list[JointDepartment]:
    """The departments of this list for which the person speaks: one, as a rule."""
    keys = scope(user).departments.get(one.authority_id, frozenset())
    return [row for row in standing.departments(one) if row.key in keys]


def last(one: RecommendationList, department: str) -> int:
    return JointOpinion.objects.filter(list=one, department=department).aggregate(n=Max("number"))["n"] or 0


def sign(
    one: RecommendationList, *, department: str, stance: str, text: str, about: str, basis: str, seen: int, actor: User
) -> JointOpinion:
    """Add the department's opinion of the whole list, or of the project whose public id is `about`.

    Raises NotAllowed for whoever is not of that department, Blocked naming what to mend, StaleState when the list has
    changed since it was seen (`basis`), is sealed, or a colleague spoke in between.
    """
    speaks = next((row for row in own(actor, one) if row.key == department), None)
    if speaks is None:
        audit.refuse("opinion.sign", actor=actor, obj=one, reason="不是这个部门的人")
        raise NotAllowed("联合审核")
    words, project = clean(text).strip(), _project(one, about)
    if problems := list(_problems(stance, words, about, project)):
        raise Blocked(problems)
    wanted = JointOpinion(
        list=one, department=speaks.key, department_name=speaks.name, number=seen + 1, declaration=project,
        stance=stance, text=words, basis=basis, by=actor,
    )  # fmt: skip
    with transaction.atomic():
        _hold(one, basis)
        opinion, new = append(wanted, _said(one, department), ("stance", "declaration_id", "basis"))
        if new:
            _record(opinion)
    return opinion


def _said(one: RecommendationList, department: str) -> QuerySet[JointOpinion]:
    return JointOpinion.objects.filter(list=one, department=department)


def _hold(one: RecommendationList, basis: str) -> None:
    """Take the list's row, so that a seal comes wholly before or wholly after; refuse another list than was seen."""
    held = RecommendationList.objects.filter(pk=one.pk, status__in=OPEN).update(size=F("size"))
    if not held or standing.basis(one) != basis:
        raise StaleState("联合审核")


def _project(one: RecommendationList, about: str) -> Declaration | None:
    return Declaration.objects.filter(entries__list=one, public_id=about).first() if about else None


def _problems(stance: str, words: str, about: str, project: Declaration | None) -> Iterable[Problem]:
    if stance not in Stance.values:
        yield Problem("还没有选同意、保留还是不同意", field="stance-agree")
    if stance in (Stance.RESERVE, Stance.OBJECT) and len(words) < SHORTEST:
        yield Problem("保留或不同意要写明理由和依据", field="opinion-text")
    if len(words) > LONGEST:
        yield Problem(f"超出 {len(words) - LONGEST} 字。请删减到 {LONGEST} 字以内", field="opinion-text")
    if about and project is None:
        yield Problem("选的项目不在名单里。请重新选，或者选“整份名单”", field="opinion-about")


def _record(opinion: JointOpinion) -> None:
    about = {"declaration": opinion.declaration.number} if opinion.declaration else {}
    body = {"department": opinion.department_name, "stance": opinion.get_stance_display(), "number": opinion.number}
    body |= {"list_sha256": opinion.basis, "sha256": opinion.digest} | about
    audit.record("opinion.sign", actor=opinion.by, obj=opinion.list, body=body)
