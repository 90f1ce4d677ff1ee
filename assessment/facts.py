"""What an enterprise states about itself: the contract's facts JSON as one immutable value.

Reading is strict: an unknown key or code is refused by its name, a wrong type by its place. Nothing is guessed: what is
absent or null stays unknown (None), which is different from an empty list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assessment.vocabulary import Tier
from smartfactory.text import clean

if TYPE_CHECKING:
    from assessment.rules import EditionRules

INDUSTRY = re.compile(r"[A-T]?[0-9]{2,4}\Z")
MONTH = re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?\Z")
LEVELS = range(6)
MAX_INSTANCES = 5000


class FactsError(ValueError):
    """Facts that cannot be read; `problems` names each offending key or code."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("；".join(self.problems))


@dataclass(frozen=True)
class Instance:
    """One scenario instance; `segment` is the segment's code in the catalogue."""

    segment: str
    scenario: str = ""
    name: str = ""
    uses_ai: bool | None = None


@dataclass(frozen=True)
class Facts:
    """None means: the enterprise has not said."""

    flags: Mapping[str, bool | None] = field(default_factory=dict)
    maturity_level: int | None = None
    prior_tiers: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    scenario_instances: tuple[Instance, ...] | None = None
    indicators: Mapping[str, Mapping[str, Decimal | None]] = field(default_factory=dict)
    industry: str | None = None
    is_branch: bool | None = None
    built_until: str | None = None
    # Answers of the form by their address, and the codes of the units the enterprise stands under, lowest last.
    answers: Mapping[str, str] = field(default_factory=dict)
    places: tuple[str, ...] | None = None

    @cached_property
    def ai_share(self) -> Fraction | None:
        """Instances that use AI over all instances; None while there are none, or one has not been answered."""
        instances = self.scenario_instances or ()
        if not instances or any(one.uses_ai is None for one in instances):
            return None
        return Fraction(sum(one.uses_ai for one in instances), len(instances))

    def as_json(self) -> dict[str, Any]:
        """The same facts in the contract's shape; reading them again gives an equal value."""
        return {
            "flags": dict(sorted(self.flags.items())),
            "maturity_level": self.maturity_level,
            "prior_tiers": _listed(self.prior_tiers),
            "areas": _listed(self.areas),
            "scenario_instances": None
            if self.scenario_instances is None
            else [dict(vars(one)) for one in self.scenario_instances],
            "indicators": {
                number: {key: None if value is None else str(value) for key, value in values.items()}
                for number, values in self.indicators.items()
            },
            "industry": self.industry,
            "is_branch": self.is_branch,
            "built_until": self.built_until,
            **({"answers": dict(sorted(self.answers.items()))} if self.answers else {}),
            **({} if self.places is None else {"places": list(self.places)}),
        }


def _listed(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def parse(data: Any, rules: EditionRules) -> Facts:
    """Read the contract's facts JSON against an edition. Raises FactsError naming every key or code it refuses."""
    if not isinstance(data, dict):
        raise FactsError(["事实应是一个 JSON 对象"])
    reader = _Reader(rules)
    known = {name: getattr(reader, f"read_{name}") for name in Facts.__dataclass_fields__}
    values = {}
    for key, value in data.items():
        if key not in known:
            reader.refuse(f"不认识的键“{key}”；可用的是 {'、'.join(known)}")
        elif value is not None:
            values[key] = known[key](value)
    if reader.problems:
        raise FactsError(reader.problems)
    return Facts(**values)


class _Reader:
    """One method for each key of the contract; each returns a value or notes a problem."""

    def __init__(self, rules: EditionRules) -> None:
        self.rules = rules
        self.problems: list[str] = []

    def refuse(self, message: str) -> None:
        self.problems.append(message)

    def read_flags(self, value: Any) -> dict[str, bool | None]:
        if not isinstance(value, dict):
            self.refuse("“flags”应是条件编码到 true、false 或 null 的对照")
            return {}
        for code, answer in value.items():
            if code not in self.rules.codes:
                self.refuse(f"“flags”里的“{code}”不是{self.rules.code}版的条件编码")
            elif answer is not None and not isinstance(answer, bool):
                self.refuse(f"“flags”里“{code}”应是 true、false 或 null")
        return dict(value)

    def read_maturity_level(self, value: Any) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or value not in LEVELS:
            self.refuse(f"“maturity_level”应是 {LEVELS[0]} 到 {LEVELS[-1]} 的整数")
            return None
        return value

    def read_prior_tiers(self, value: Any) -> frozenset[str]:
        return self._codes("prior_tiers", value, {one: one for one in Tier.values})

    def read_areas(self, value: Any) -> frozenset[str]:
        return self._codes("areas", value, self.rules.area_codes)

    def _codes(self, key: str, value: Any, known: Mapping[str, str]) -> frozenset[str]:
        if not isinstance(value, list):
            self.refuse(f"“{key}”应是列表")
            return frozenset()
        for one in value:
            if not isinstance(one, str) or one not in known:
                self.refuse(f"“{key}”里的“{one}”没有定义；可用的是 {'、'.join(dict.fromkeys(known.values()))}")
        return frozenset(known[one] for one in value if isinstance(one, str) and one in known)

    def read_scenario_instances(self, value: Any) -> tuple[Instance, ...]:
        if not isinstance(value, list) or len(value) > MAX_INSTANCES:
            self.refuse(f"“scenario_instances”应是列表，最多 {MAX_INSTANCES} 个实例")
            return ()
        read = [self._instance(f"“scenario_instances”第 {n} 个实例", one) for n, one in enumerate(value, 1)]
        return tuple(one for one in read if one is not None)

    def _instance(self, where: str, value: Any) -> Instance | None:
        if not isinstance(value, dict):
            self.refuse(f"{where}应是一个 JSON 对象")
            return None
        for key in value:
            if key not in Instance.__dataclass_fields__:
                self.refuse(f"{where}里不认识的键“{key}”；可用的是 {'、'.join(Instance.__dataclass_fields__)}")
        ai = value.get("uses_ai")
        if ai is not None and not isinstance(ai, bool):
            self.refuse(f"{where}的“uses_ai”应是 true、false 或 null")
        texts = {key: value.get(key) or "" for key in ("segment", "scenario", "name")}
        for key, text in texts.items():
            if not isinstance(text, str):
                self.refuse(f"{where}的“{key}”应是文字")
        return self._placed(where, texts, ai)

    def _placed(self, where: str, texts: dict[str, Any], ai: bool | None) -> Instance | None:
        segment = self.rules.segment_codes.get(str(texts["segment"]))
        if segment is None:
            self.refuse(f"{where}的“segment”“{texts['segment']}”不在{self.rules.code}版的场景目录里")
            return None
        scenario, name = clean(str(texts["scenario"])), clean(str(texts["name"]))
        if scenario and not self.rules.allows_scenario(segment, scenario):
            self.refuse(f"{where}的“scenario”“{scenario}”不属于环节“{texts['segment']}”")
        return Instance(segment, scenario, name, ai)

    def read_indicators(self, value: Any) -> dict[str, dict[str, Decimal | None]]:
        if not isinstance(value, dict):
            self.refuse("“indicators”应是指标序号到前后值的对照")
            return {}
        return {number: self._indicator(number, one) for number, one in value.items()}

    def _indicator(self, number: str, value: Any) -> dict[str, Decimal | None]:
        if number not in self.rules.indicators:
            self.refuse(f"“indicators”里没有第“{number}”项指标")
        if not isinstance(value, dict) or not set(value) <= {"before", "after"}:
            self.refuse(f"“indicators”第 {number} 项只能有“before”和“after”")
            return {}
        return {key: self._decimal(f"“indicators”第 {number} 项的“{key}”", one) for key, one in value.items()}

    def _decimal(self, where: str, value: Any) -> Decimal | None:
        if value is None:
            return None
        if not isinstance(value, bool) and isinstance(value, int | float | str | Decimal):
            text = str(value).strip()
            if re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,12})?", text):
                return Decimal(text)
        self.refuse(f"{where}应是数，现在是“{value}”")
        return None

    def read_industry(self, value: Any) -> str | None:
        if isinstance(value, str) and INDUSTRY.match(value):
            return value
        self.refuse(f"“industry”应是行业代码（如 C3311），现在是“{value}”")
        return None

    def read_is_branch(self, value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        self.refuse("“is_branch”应是 true、false 或 null")
        return None

    def read_answers(self, value: Any) -> dict[str, str]:
        if isinstance(value, dict) and all(isinstance(one, str) for pair in value.items() for one in pair):
            return value
        self.refuse("“answers”应是字段到文字的对照，数也写成文字")
        return {}

    def read_places(self, value: Any) -> tuple[str, ...] | None:
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        self.refuse("“places”应是行政区代码的列表")
        return None

    def read_built_until(self, value: Any) -> str | None:
        if isinstance(value, str) and MONTH.match(value):
            return value
        self.refuse(f"“built_until”应是年月（如 2024-06），现在是“{value}”")
        return None
