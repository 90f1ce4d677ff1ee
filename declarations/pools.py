"""培育库: what an edition says about whom an official may put aside to be cultivated further.

Judged over the filed revision by the same operators as conditions. An edition that says nothing leaves it to the
official; the pool itself is the list of declarations that stand so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessment.citing import cite
from assessment.edition_rules import from_edition
from assessment.operators import Question, judge
from assessment.rules import ConditionRule
from assessment.vocabulary import Status, Strength
from declarations.content import describe
from declarations.content.facts import facts
from smartfactory.problems import Problem

if TYPE_CHECKING:
    from assessment.models import Edition
    from declarations.models import Declaration, Track


@dataclass(frozen=True)
class Pool:
    """One pool of an edition: who may enter it, and where that is written."""

    track: str
    title: str
    text: str
    cited: str
    rule: ConditionRule

    @property
    def standing(self) -> str:
        return str(self.rule.standing)


def of_edition(edition: Edition) -> Iterator[Pool]:
    """The pools of an edition, in the order of its head."""
    for row in (edition.source.get("edition") or {}).get("pools") or ():
        rule = ConditionRule(
            code="", tier="", area_group="", text=row["text"], strength=Strength.HARD, clause=row["clause"],
            standing=row["standing"], operator=row["operator"], params=row.get("params") or {}, source=row["source"],
        )  # fmt: skip
        yield Pool(row["track"], row["title"], row["text"], cite(edition, row["source"], row["clause"]), rule)


def of(track: Track) -> Pool | None:
    """The pool of a track, if its edition has one."""
    return next((one for one in of_edition(track.edition) if one.track == track.code), None)


def problems(declaration: Declaration) -> list[Problem]:
    """Why this declaration does not belong into the pool: what was filed does not meet what the edition asks."""
    pool, revision = of(declaration.track), declaration.latest_revision
    if pool is None or revision is None:
        return []
    description = describe(declaration.track)
    stated = facts(revision.content, description)
    found = judge(
        Question(pool.rule, stated, from_edition(declaration.track.edition)), pool.rule.operator, pool.rule.params
    )
    if found.status in (Status.MET, Status.NOT_APPLICABLE):
        return []
    message = f"不能列入{pool.title}：{found.reason}。依据是“{pool.text}”"
    return [Problem(message, clause=pool.cited, standing=pool.standing)]
