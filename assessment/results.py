"""The conclusion of a self-assessment as a page and a report show it: ladder, areas, gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assessment import charts, questionnaire
from assessment.citing import cite
from assessment.fixes import Place
from assessment.models import Edition
from assessment.rules import ConditionRule, Result, TierVerdict, Verdict
from assessment.vocabulary import Status

# Conditions the system works out from one stated fact; they get a line of their own on the ladder.
HEADLINE_OPERATORS = frozenset({"maturity_at_least", "coverage_includes", "prior_tier", "ai_share_at_least"})


@dataclass(frozen=True)
class Step:
    """One stair of the ladder."""

    verdict: TierVerdict
    look: str
    words: str
    headlines: tuple[Result, ...]

    @property
    def met(self) -> int:
        return self.verdict.met_count

    @property
    def total(self) -> int:
        return len(self.verdict.applicable)


@dataclass(frozen=True)
class Gap:
    """One condition that is not met, with its citation and where it is fixed."""

    result: Result
    group: str
    cited: str
    law_url: str
    place: Place

    @property
    def rule(self) -> ConditionRule:
        return self.result.rule


@dataclass(frozen=True)
class Conclusion:
    """Everything the result page and the report say."""

    verdict: Verdict
    title: str
    steps: tuple[Step, ...]
    target: TierVerdict
    gaps: tuple[Gap, ...]
    to_explain: tuple[Gap, ...]
    radar: charts.Radar | None
    outside: tuple[tuple[str, int, int], ...]


def conclude(
    edition: Edition, verdict: Verdict, place: Callable[[ConditionRule], Place], law: Callable[[str], str]
) -> Conclusion:
    """Arrange a verdict for reading. `place` says where a condition is fixed, `law` where its text can be read."""
    target = verdict.tiers[verdict.target or next(iter(verdict.tiers))]
    names = questionnaire.group_names(verdict.rules)

    def listed(results: Iterable[Result]) -> tuple[Gap, ...]:
        return tuple(
            Gap(
                one,
                names.get(one.rule.area_group, ""),
                cite(edition, one.rule.source, one.rule.clause),
                law(one.rule.code),
                place(one.rule),
            )
            for one in results
        )

    return Conclusion(
        verdict=verdict,
        title=title(verdict, target),
        steps=tuple(_step(one, verdict) for one in verdict.tiers.values()),
        target=target,
        gaps=listed(target.gaps),
        to_explain=listed(target.to_explain),
        radar=charts.radar(_shares(target, verdict.rules.areas.items())),
        outside=tuple(_shares(target, _outside(target, names, verdict))),
    )


def title(verdict: Verdict, target: TierVerdict) -> str:
    """The conclusion in one sentence."""
    reached = f"自评达到{verdict.tiers[verdict.tier].name}" if verdict.tier else "自评还没有达到任何层级"
    if target.reached:
        return reached
    return f"{reached}，距{target.name}还差 {len(target.gaps)} 项"


def _step(verdict: TierVerdict, whole: Verdict) -> Step:
    headlines = tuple(one for one in verdict.results if one.rule.operator in HEADLINE_OPERATORS)
    look, words = _stand(verdict, whole)
    return Step(verdict, look, words, headlines)


def _stand(verdict: TierVerdict, whole: Verdict) -> tuple[str, str]:
    if verdict.tier == whole.tier:
        return "here", "当前自评层级"
    if verdict.tier == whole.target and not verdict.reached:
        return "goal", f"目标 · {_short_of(verdict)}"
    if verdict.reached:
        return "met", "已满足"
    return "far", _short_of(verdict)


def _short_of(verdict: TierVerdict) -> str:
    """Hard conditions keep the tier away; soft ones only want a word of explanation."""
    words = f"还差 {len(verdict.gaps)} 项"
    return f"{words}，另有 {len(verdict.to_explain)} 项要说明" if verdict.to_explain else words


def _shares(verdict: TierVerdict, groups: Iterable[tuple[str, str]]) -> list[tuple[str, int, int]]:
    return [(name, *_count(verdict, code)) for code, name in groups]


def _count(verdict: TierVerdict, group: str) -> tuple[int, int]:
    found = [one for one in verdict.applicable if one.rule.area_group == group]
    return sum(one.status == Status.MET for one in found), len(found)


def _outside(target: TierVerdict, names: dict[str, str], verdict: Verdict) -> list[tuple[str, str]]:
    """Groups beside the areas that the target's conditions belong to, in the order of the conditions."""
    found = dict.fromkeys(one.rule.area_group for one in target.results)
    return [(code, names.get(code, code)) for code in found if code not in verdict.rules.areas]
