"""Where a list stands with its departments, and what that means for freezing and sealing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assessment.vocabulary import Standing, Strength
from recommendations.models import JointDepartment, JointOpinion, RecommendationList, SealCondition
from recommendations.models.opinion import Stance
from smartfactory.canonical import canonical_json, sha256
from smartfactory.problems import ERROR, WARNING, Problem

if TYPE_CHECKING:
    from smartfactory.models import Authority


@dataclass(frozen=True)
class Voice:
    """One department and what it said last of the list as it is; `whole` is None while it has said nothing of that."""

    department: JointDepartment
    whole: JointOpinion | None
    singles: list[JointOpinion]
    earlier: list[JointOpinion]

    @property
    def outdated(self) -> bool:
        """Whether it spoke, but of a list that has changed since."""
        return self.whole is None and bool(self.earlier)

    @property
    def objects(self) -> list[JointOpinion]:
        said = [*([self.whole] if self.whole else []), *self.singles]
        return [one for one in said if one.stance == Stance.OBJECT]


def departments(one: RecommendationList) -> list[JointDepartment]:
    """Those the notice names for a unit of this kind on this track; none for most."""
    return named(one, one.authority)


def named(one: RecommendationList, authority: Authority) -> list[JointDepartment]:
    rows = JointDepartment.objects.filter(track=one.track_id).select_related("track__campaign__edition")
    return [row for row in rows if authority.kind in row.kinds]


def basis(one: RecommendationList) -> str:
    """The digest of what is on the list, in its order: whoever agrees, agrees to this."""
    rows = one.entries.order_by("rank").values_list("rank", "declaration__public_id", "revision__sha256")
    return sha256(canonical_json([list(row) for row in rows]))


def voices(one: RecommendationList) -> list[Voice]:
    """Every named department in the notice's order, in three queries."""
    asked = departments(one)
    if not asked:
        return []
    now, said = basis(one), JointOpinion.objects.filter(list=one).select_related("by", "declaration__enterprise")
    rows = list(said.order_by("number"))
    return [_voice(each, [row for row in rows if row.department == each.key], now) for each in asked]


def _voice(department: JointDepartment, rows: list[JointOpinion], now: str) -> Voice:
    latest = {row.declaration_id: row for row in rows if row.basis == now}
    whole = latest.pop(None, None)
    counted = {row.pk for row in (*latest.values(), *([whole] if whole else []))}
    return Voice(department, whole, list(latest.values()), [row for row in rows if row.pk not in counted])


def problems(one: RecommendationList) -> list[Problem]:
    """What the edition's conditions find wanting, each under its clause."""
    heard = voices(one)
    if not heard:
        return []
    rows = SealCondition.objects.filter(track=one.track_id).select_related("track__campaign__edition")
    return [_problem(row, words) for row in rows for words in FINDINGS[row.key](heard)]


def blocking(one: RecommendationList) -> list[Problem]:
    return [problem for problem in problems(one) if problem.level == ERROR]


def _problem(row: SealCondition, words: str) -> Problem:
    binding = row.strength == Strength.HARD and row.standing == Standing.OFFICIAL
    return Problem(
        f"{words}（{row.text}）", level=ERROR if binding else WARNING, field="joint", clause=row.cited,
        standing=row.standing,
    )  # fmt: skip


def _unanswered(heard: list[Voice]) -> Iterator[str]:
    silent = [one.department.name for one in heard if one.whole is None]
    if silent:
        yield f"{'、'.join(silent)}还没有对现在的名单表态"


def _opposed(heard: list[Voice]) -> Iterator[str]:
    for one in heard:
        for opinion in one.objects:
            about = f"对 {opinion.declaration.enterprise.name} 的项目" if opinion.declaration else ""
            yield f"{one.department.name}{about}不同意"


FINDINGS = {"answered": _unanswered, "unopposed": _opposed}


def sealed(one: RecommendationList) -> list[dict[str, Any]]:
    """What the manifest says of it: who stood how to this very list, without the words; nothing where nobody spoke."""
    return [
        {
            "department": voice.department.name,
            "declaration": opinion.declaration.public_id if opinion.declaration else "",
            "stance": opinion.stance,
            "signed_by": opinion.by.display,
            "signed_at": opinion.at.isoformat(timespec="seconds"),
            "sha256": opinion.digest,
        }
        for voice in voices(one)
        for opinion in (*([voice.whole] if voice.whole else []), *voice.singles)
    ]
