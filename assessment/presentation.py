"""A self-assessment as pages show it: its parts, its conclusion, and where each gap is closed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.urls import reverse

from assessment import edition_rules, fixes, questionnaire, results
from assessment import self_assessment_service as service
from assessment.facts import Facts
from assessment.fixes import Place
from assessment.maturing.known import Offer, offer
from assessment.models import Indicator, SelfAssessment
from assessment.questionnaire import COVERAGE, FACTS, Part
from assessment.rules import ConditionRule, EditionRules, Verdict

if TYPE_CHECKING:
    from smartfactory.models import User

MATURITY = "maturity_at_least"
_PARTS_OF_OPERATORS = {
    MATURITY: FACTS,
    "prior_tier": FACTS,
    "branch_allowed_for_industry": FACTS,
    "built_by": FACTS,
    "coverage_includes": COVERAGE,
    "ai_share_at_least": COVERAGE,
}


class Sheet:
    """One assessment for one reader. Everything is worked out once and only when asked for."""

    def __init__(self, assessment: SelfAssessment, user: User) -> None:
        self.assessment = assessment
        self.user = user
        self.edition = assessment.edition

    @property
    def finished(self) -> bool:
        return self.assessment.finished_at is not None

    @property
    def writable(self) -> bool:
        return not self.finished and self.may_write

    @cached_property
    def may_write(self) -> bool:
        return service.may_write(self.user, self.assessment.enterprise)

    @cached_property
    def rules(self) -> EditionRules:
        return edition_rules.from_edition(self.edition)

    @cached_property
    def facts(self) -> Facts:
        return service.stated(self.assessment)

    @cached_property
    def verdict(self) -> Verdict:
        return service.verdict(self.assessment)

    @cached_property
    def maturity_offer(self) -> Offer | None:
        """What is known of the maturity level beside what is stated here."""
        return offer(self.assessment, self.facts.maturity_level)

    @cached_property
    def headline(self) -> str:
        return results.title(self.verdict, self.verdict.tiers[self.assessment.target])

    @cached_property
    def indicators(self) -> list[Indicator]:
        """The indicators a person fills in; computed ones follow from the scenario instances."""
        return [one for one in self.edition.indicators.all() if not one.computed]

    @cached_property
    def parts(self) -> list[Part]:
        return questionnaire.parts(self.rules, self.facts, len(self.indicators))

    @property
    def part_keys(self) -> list[str]:
        return [one.key for one in self.parts]

    def part(self, key: str) -> Part:
        return next(one for one in self.parts if one.key == key)

    def after(self, key: str) -> Part | None:
        return questionnaire.next_part(self.parts, key)

    @property
    def next_open(self) -> Part | None:
        """The first part that still has open questions; indicators are optional."""
        return next((one for one in self.parts if not one.done and one.key != questionnaire.INDICATORS), None)

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self._required)

    @property
    def total(self) -> int:
        return sum(one.total for one in self._required)

    @property
    def _required(self) -> list[Part]:
        return [one for one in self.parts if one.key != questionnaire.INDICATORS]

    @cached_property
    def conclusion(self) -> results.Conclusion:
        return results.conclude(self.edition, self.verdict, self._place, self.law_url)

    def law_url(self, code: str) -> str:
        return f"{reverse('policy_edition', args=[self.edition.code])}#{code}"

    @cached_property
    def _finder(self) -> object:
        return fixes.finder_for(self.assessment)

    def _place(self, rule: ConditionRule) -> Place:
        """Unanswered questions are closed by answering; the rest where the declaration shows it, or by a new answer."""
        if rule.operator == MATURITY and self.may_write:
            return self._maturity_place()
        answered = not rule.asks_person or self.facts.flags.get(rule.code) is not None
        elsewhere = self._finder(rule.fix) if answered else None
        if elsewhere:
            return elsewhere
        if self.writable:
            return Place(self.question_url(rule), "修改答案" if answered else "去作答")
        if self.may_write:
            again = reverse("assessment_again", args=[self.assessment.public_id])
            return Place(again, "重新自评，修改这一项" if answered else "重新自评，作答这一项", opens=rule.code)
        return Place(self.law_url(rule.code), "看要求")

    def _maturity_place(self) -> Place:
        """What is known already is taken over in the facts; otherwise the questionnaire is where a level comes from."""
        if self.writable and self.maturity_offer and self.maturity_offer.open:
            url = reverse("assessment_part", args=[self.assessment.public_id, FACTS])
            return Place(f"{url}#maturity-offer", "填入已有的成熟度结果")
        return Place(reverse("maturity_list"), "做成熟度预评，或登记评估结果")

    def question_url(self, rule: ConditionRule) -> str:
        """Where the answer to a condition is typed: its own question, or the part of the facts it follows from."""
        part = rule.area_group if rule.asks_person else _PARTS_OF_OPERATORS.get(rule.operator, FACTS)
        url = reverse("assessment_part", args=[self.assessment.public_id, part])
        return f"{url}#q-{rule.code}" if rule.asks_person else url
