"""One shape for everything that is wrong: where, what, what to do, by which clause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Problem:
    """`message` says what is wrong and what to do; `clause` is cited only where a notice contains the rule.

    `cell` names the control within the field, where the field is a table.
    """

    message: str
    level: str = ERROR
    section: str = ""
    field: str = ""
    clause: str = ""
    standing: str = "official"
    fix_url: str = ""
    cell: str = ""

    def as_json(self) -> dict[str, str]:
        names = ("field", "message", "clause", "level", "section", "standing", "cell")
        return {key: asdict(self)[key] for key in names}


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == ERROR]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == WARNING]
