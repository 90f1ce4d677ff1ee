"""A round of pre-assessment for one reader: its parts, its conclusion, and the round before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.urls import reverse

from assessment.maturing import charts, service
from assessment.maturing.book import Book, Note, Requirement, level_word
from assessment.maturing.comparing import Comparison, comparable, compare
from assessment.maturing.concluding import Conclusion, show
from assessment.maturing.judging import Judged
from assessment.models import AttemptStatus, MaturityAttempt, SubdomainAnswers

if TYPE_CHECKING:
    from smartfactory.models import User

RELATED = ("enterprise", "standard", "created_by")


@dataclass(frozen=True)
class Part:
    """One sub-domain in the list of what is to be answered."""

    code: str
    name: str
    element: str
    domain: str
    answered: int
    asked: int
    cut: bool
    may_cut: bool
    url: str
    cut_reason: str = ""

    @property
    def done(self) -> bool:
        return self.cut or self.answered == self.asked

    @property
    def state(self) -> str:
        if self.cut:
            return "已裁剪"
        if self.done:
            return "已答完"
        return "作答中" if self.answered else "未开始"

    @property
    def tone(self) -> str:
        return "lock" if self.cut else "done" if self.done else "todo" if self.answered else ""

    @property
    def where(self) -> str:
        """Element and domain, without repeating a domain that has the sub-domain's own name."""
        return self.element if self.domain == self.name else f"{self.element} · {self.domain}"


@dataclass(frozen=True)
class Line:
    """An answer as the report lists it."""

    requirement: Requirement
    mark: str
    note: str

    @property
    def level_word(self) -> str:
        return level_word(self.requirement.level)


class Paper:
    """Everything is worked out once, and only when asked for."""

    def __init__(self, attempt: MaturityAttempt, user: User) -> None:
        self.attempt = attempt
        self.user = user

    @property
    def status(self) -> str:
        return self.attempt.status

    @property
    def finished(self) -> bool:
        return self.attempt.status == AttemptStatus.FINISHED

    @cached_property
    def may_write(self) -> bool:
        return service.may_write(self.user, self.attempt.enterprise_id)

    @property
    def writable(self) -> bool:
        return self.attempt.status == AttemptStatus.DRAFT and self.may_write

    @cached_property
    def judged(self) -> Judged:
        return service.judged(self.attempt)

    @property
    def book(self) -> Book:
        return self.judged.book

    @property
    def notes(self) -> dict[str, Note]:
        return self.book.notes

    @property
    def shown_notes(self) -> list[Note]:
        """What the report says of its sources beside the levels and the bands."""
        return [self.notes[about] for about in ("scale", "stop", "bands", "cut") if about in self.notes]

    @cached_property
    def rows(self) -> dict[str, SubdomainAnswers]:
        return {row.code: row for row in self.attempt.answers.all()}

    @cached_property
    def conclusion(self) -> Conclusion:
        return Conclusion(self.judged)

    @property
    def name(self) -> str:
        where = f"（{self.attempt.factory}）" if self.attempt.factory else ""
        return f"第 {self.attempt.round} 次成熟度预评{where}"

    @cached_property
    def parts(self) -> list[Part]:
        return [self._part(code) for code in self.book.subdomains]

    def _part(self, code: str) -> Part:
        leaf, above = self.book.subdomains[code], self.book.parents[code]
        answered, asked = self.judged.progress(code)
        url = reverse("maturity_part", args=[self.attempt.public_id, code])
        return Part(
            code, leaf.name, above[0].name, above[-1].name, answered, asked, code in self.judged.cut, leaf.may_cut, url,
            self.judged.answer(code).cut_reason,
        )  # fmt: skip

    def part(self, code: str) -> Part:
        return next(one for one in self.parts if one.code == code)

    def after(self, code: str) -> Part | None:
        """The part that follows and still has questions; None when there is none."""
        codes = [one.code for one in self.parts]
        rest = self.parts[codes.index(code) + 1 :]
        return next((one for one in rest if not one.done), None)

    @cached_property
    def next_part(self) -> Part | None:
        """The first sub-domain with a requirement that still bears on the level."""
        needed = {one.code for one in self.judged.needed}
        return next((one for one in self.parts if one.code in needed), None)

    @property
    def next_words(self) -> str:
        level = self.judged.needed[0].level
        left = [one for one in self.judged.needed if one.level == level]
        return f"{level_word(level)}还有 {len(left)} 条没有答。先答低的级别：没有判满足之前，高的级别不计分。"

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.parts if not one.cut)

    @property
    def asked(self) -> int:
        return sum(one.asked for one in self.parts if not one.cut)

    @cached_property
    def bars(self) -> charts.Bars | None:
        """The domains at the level that ended the count, or at the highest one."""
        level, nodes = self.chart_level, self.judged.outcome.nodes
        found = [(one.name, nodes[one.code, level]) for one in self.conclusion.domains if (one.code, level) in nodes]
        if not found:
            return None
        values = [(name, value, show(value)) for name, value in found]
        return charts.bars(values, self.book.standard.satisfied_at, self.conclusion.threshold)

    @property
    def chart_level(self) -> int:
        return self.judged.deciding or max(self.book.standard.levels)

    @property
    def chart_level_word(self) -> str:
        return level_word(self.chart_level)

    @cached_property
    def lines(self) -> list[tuple[Part, list[Line]]]:
        """Every answer, sub-domain by sub-domain."""
        return [(part, self._lines(part.code)) for part in self.parts]

    def _lines(self, code: str) -> list[Line]:
        answer = self.judged.answer(code)
        return [
            Line(one, self.book.words.get(self.judged.mark(one), "没有答"), answer.notes.get(one.key, ""))
            for one in self.book.requirements[code]
        ]

    @cached_property
    def before(self) -> Paper | None:
        """The finished round before this one of the same factory, by the same version and for the same type."""
        row = self.attempt
        rows = MaturityAttempt.objects.filter(
            enterprise_id=row.enterprise_id, factory=row.factory, kind=row.kind, standard_id=row.standard_id,
            status=AttemptStatus.FINISHED, round__lt=row.round,
        )  # fmt: skip
        found = rows.select_related(*RELATED).prefetch_related("answers").first()
        return Paper(found, self.user) if found else None

    @cached_property
    def comparison(self) -> Comparison | None:
        if self.before is None or not comparable(self.before.judged, self.judged):
            return None
        return compare(self.before.judged, self.judged)
