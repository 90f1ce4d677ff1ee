"""Where a gap is closed. Higher floors know places of their own (a section of a declaration); they register here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessment.models import SelfAssessment


@dataclass(frozen=True)
class Place:
    """An address and the words of the link that leads there.

    `opens` names the question to answer in a new round of the assessment: the address then takes a POST.
    """

    url: str
    label: str
    opens: str = ""


# Given the assessment, a function from a rule's `fix` (section.field) to a place, or None if it knows none.
Finder = Callable[["SelfAssessment"], Callable[[str], Place | None]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Add a finder. It is asked once per page and then once per gap, so it reads what it needs first."""
    _finders.append(finder)


def finder_for(assessment: SelfAssessment) -> Callable[[str], Place | None]:
    """One function that asks every registered finder in turn."""
    found = [one(assessment) for one in _finders]

    def place(fix: str) -> Place | None:
        return next((hit for one in found if (hit := one(fix))), None)

    return place
