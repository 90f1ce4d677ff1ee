"""The operators a condition may name. Operators know how to compare; every number they compare with is data.

Each operator says which parameters it takes (checked when an edition is loaded) and returns a Finding: the status, and
in words why. Facts that were not stated give `unprovable`, never `unmet`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from assessment import thresholds
from assessment.vocabulary import Status, Tier
from assessment.yaml_nodes import MapNode

if TYPE_CHECKING:
    from assessment.chapters.registry import Context
    from assessment.facts import Facts
    from assessment.rules import ConditionRule, EditionRules

ANCHOR = re.compile(r"[a-z]+\.[a-z_]+\Z")
MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])\Z")


@dataclass(frozen=True)
class Finding:
    """A status and, where it is not simply met, the reason in words."""

    status: Status
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """What an operator looks at: the rule (whose code names its own flag), the facts, the edition."""

    rule: ConditionRule
    facts: Facts
    edition: EditionRules


Params = Mapping[str, Any]
Judge = Callable[[Question, Params], Finding]


@dataclass(frozen=True)
class Operator:
    """`params` maps each parameter to the check of its value; `person` operators read the person's flag;
    a `single` operator may stand once per tier."""

    judge: Judge
    params: Mapping[str, Callable[[Context, MapNode, str], None]]
    person: bool = False
    single: bool = False


def _answer(answer: bool | None, no: str, unknown: str) -> Finding:
    if answer is None:
        return Finding(Status.UNPROVABLE, unknown)
    return Finding(Status.MET) if answer else Finding(Status.UNMET, no)


def flag(question: Question, params: Params) -> Finding:
    """The person's own answer to this condition."""
    return _answer(question.facts.flags.get(question.rule.code), "自评为不满足", "尚未作答")


def _flags(question: Question, params: Params) -> dict[str, bool | None]:
    return {code: question.facts.flags.get(code) for code in params["codes"]}


def all_flags(question: Question, params: Params) -> Finding:
    """Every named answer is yes; one no decides, an open one leaves it open."""
    answers = _flags(question, params)
    if no := [code for code, answer in answers.items() if answer is False]:
        return Finding(Status.UNMET, f"{'、'.join(no)} 自评为不满足")
    if unknown := [code for code, answer in answers.items() if answer is None]:
        return Finding(Status.UNPROVABLE, f"{'、'.join(unknown)} 尚未作答")
    return Finding(Status.MET)


def any_flags(question: Question, params: Params) -> Finding:
    """At least one named answer is yes."""
    answers = _flags(question, params)
    if True in answers.values():
        return Finding(Status.MET)
    if unknown := [code for code, answer in answers.items() if answer is None]:
        return Finding(Status.UNPROVABLE, f"{'、'.join(unknown)} 尚未作答")
    return Finding(Status.UNMET, f"{'、'.join(answers)} 都自评为不满足")


def maturity_at_least(question: Question, params: Params) -> Finding:
    """The stated maturity level reaches `level`."""
    stated = question.facts.maturity_level
    if stated is None:
        return Finding(Status.UNPROVABLE, "尚未填写智能制造能力成熟度等级")
    return _answer(stated >= params["level"], f"成熟度 {stated} 级，要求 {params['level']} 级及以上", "")


def coverage_includes(question: Question, params: Params) -> Finding:
    """Every area in `areas` is covered."""
    coverage = question.edition.coverage(question.facts)
    if coverage is None:
        return Finding(Status.UNPROVABLE, "尚未填写覆盖的环节")
    missing = [question.edition.areas[area] for area in params["areas"] if area not in coverage]
    return _answer(not missing, f"没有覆盖{'、'.join(missing)}", "")


def prior_tier(question: Question, params: Params) -> Finding:
    """A title of `tier`, or of a tier above it, is held."""
    held, ladder = question.facts.prior_tiers, Tier.values
    if held is None:
        return Finding(Status.UNPROVABLE, "尚未填写已获评的层级")
    wanted = ladder[ladder.index(params["tier"]) :]
    return _answer(bool(held.intersection(wanted)), f"未获评{Tier(params['tier']).label}", "")


def ai_share_at_least(question: Question, params: Params) -> Finding:
    """The unrounded share of instances that use AI reaches `percent`; without instances it cannot be computed."""
    share = question.facts.ai_share
    if share is None:
        return Finding(Status.UNPROVABLE, "人工智能场景比例不可计算：没有场景实例，或有实例未注明是否应用人工智能")
    enough = share * 100 >= Fraction(str(params["percent"]))
    shown = Decimal(share.numerator * 100) / Decimal(share.denominator)
    return _answer(enough, f"人工智能场景比例 {shown:.2f}%，要求不低于 {params['percent']}%", "")


def branch_allowed_for_industry(question: Question, params: Params) -> Finding:
    """A legal person, or a branch in one of `industries` (code prefixes); the letter of the section does not matter."""
    branch, industry = question.facts.is_branch, question.facts.industry
    if branch is None:
        return Finding(Status.UNPROVABLE, "尚未填写申报主体是法人还是分支机构")
    if not branch:
        return Finding(Status.MET)
    if industry is None:
        return Finding(Status.UNPROVABLE, "分支机构申报须填写所属行业")
    allowed = industry.lstrip(_LETTERS).startswith(tuple(one.lstrip(_LETTERS) for one in params["industries"]))
    return _answer(allowed, f"行业 {industry} 不在允许分支机构申报的行业内", "")


def built_by(question: Question, params: Params) -> Finding:
    """Building was complete no later than `month`. A stated day counts by its month."""
    stated = question.facts.built_until
    if stated is None:
        return Finding(Status.UNPROVABLE, "尚未填写建设截止年月")
    return _answer(stated[:7] <= params["month"], f"建设到 {stated}，晚于 {params['month']}", "")


def number_at_least(question: Question, params: Params) -> Finding:
    """The answer `of` is at least what the case that fits this enterprise asks; see thresholds."""
    try:
        wanted = thresholds.chosen(params, question.facts, question.edition.places)
    except thresholds.Unknown as unknown:
        return Finding(Status.UNPROVABLE, str(unknown))
    if wanted is None:
        return Finding(Status.NOT_APPLICABLE)
    try:
        stated = Decimal(question.facts.answers.get(params["of"], ""))
    except InvalidOperation:
        return Finding(Status.UNPROVABLE, f"尚未填写{params['title']}")
    shown = f"{params['title']} {stated:f} {wanted.unit}".strip()
    return _answer(stated >= wanted.least, f"{shown}，要求{wanted.words}", "")


def all_of(question: Question, params: Params) -> Finding:
    """Every part holds; the first part that does not decides, an unmet one before an unprovable one."""
    findings = [judge(question, part["operator"], part.get("params") or {}) for part in params["parts"]]
    for status in (Status.UNMET, Status.UNPROVABLE):
        for finding in findings:
            if finding.status == status:
                return finding
    return Finding(Status.MET)


def any_of(question: Question, params: Params) -> Finding:
    """One part holds; while none does, an open one leaves it open."""
    findings = [judge(question, part["operator"], part.get("params") or {}) for part in params["parts"]]
    for status in (Status.MET, Status.UNPROVABLE):
        for finding in findings:
            if finding.status == status:
                return finding
    return findings[0]


def flag_when_unknown(question: Question, params: Params) -> Finding:
    """The part decides; where its facts were not stated, the person's own answer stands in."""
    finding = judge(question, params["operator"], params.get("params") or {})
    return flag(question, {}) if finding.status == Status.UNPROVABLE else finding


def judge(question: Question, operator: str, params: Params) -> Finding:
    """Apply the operator of this name."""
    return OPERATORS[operator].judge(question, params)


_LETTERS = "ABCDEFGHIJKLMNOPQRST"


def _level(ctx: Context, params: MapNode, key: str) -> None:
    if not isinstance(params[key], int) or isinstance(params[key], bool) or not 1 <= params[key] <= 5:
        ctx.error(params, f"“{key}”应是 1 到 5 的整数，现在是“{params[key]}”", key)


def _percent(ctx: Context, params: MapNode, key: str) -> None:
    value = params[key]
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 <= value <= 100:
        ctx.error(params, f"“{key}”应是 0 到 100 的数，现在是“{value}”", key)


def _month(ctx: Context, params: MapNode, key: str) -> None:
    if not isinstance(params[key], str) or not MONTH.match(params[key]):
        ctx.error(params, f"“{key}”应是年月（如 2024-11），现在是“{params[key]}”", key)


def _anchor(ctx: Context, params: MapNode, key: str) -> None:
    if not isinstance(params[key], str) or not ANCHOR.match(params[key]):
        ctx.error(params, f"“{key}”应是申报书的一项（如 factory.investment_total），现在是“{params[key]}”", key)


def _words(ctx: Context, params: MapNode, key: str) -> None:
    if not isinstance(params[key], str) or not params[key].strip():
        ctx.error(params, f"“{key}”应是文字，现在是“{params[key]}”", key)


def _cases(ctx: Context, params: MapNode, key: str) -> None:
    cases = params[key]
    if not isinstance(cases, list) or not cases or not all(isinstance(one, MapNode) for one in cases):
        ctx.error(params, f"“{key}”应是不空的列表，每项写 least", key)
        return
    for case in cases:
        _case(ctx, case)
    plain = [case.get("when") or {} for case in cases if "places" not in case]
    for place, case in enumerate(cases):
        if "places" in case and (case.get("when") or {}) not in plain:
            ctx.error(case, "写了 places 的，后面要有同样情形、不写 places 的一项，说明其他地方适用哪个数", "places")
        if any(_same(case, one) for one in cases[:place]):
            ctx.error(case, "和前面的一项情形相同，永远轮不到", "least")


def _same(case: MapNode, other: MapNode) -> bool:
    return (case.get("when"), case.get("places")) == (other.get("when"), other.get("places"))


def _case(ctx: Context, case: MapNode) -> None:
    for name in case:
        if name not in ("title", "when", "places", "least"):
            ctx.error(case, f"不认识的键“{name}”", name)
    least = case.get("least")
    if not isinstance(least, int | Decimal) or isinstance(least, bool):
        ctx.error(case, f"“least”应是数，现在是“{least}”", "least")
    if "places" in case:
        ctx.known("place", case, "places", "地区")
    when = case.get("when", MapNode())
    if not isinstance(when, MapNode) or not all(isinstance(one, str) for one in when.values()):
        ctx.error(case, "“when”应是申报书的一项到答案的对照", "when")


def _tier(ctx: Context, params: MapNode, key: str) -> None:
    ctx.known("tier", params, key, "层级")


def _known_list(kind: str, what: str) -> Callable[[Context, MapNode, str], None]:
    def checked(ctx: Context, params: MapNode, key: str) -> None:
        if not isinstance(params[key], list) or not params[key]:
            ctx.error(params, f"“{key}”应是不空的列表", key)
        else:
            ctx.known(kind, params, key, what)

    return checked


def _industries(ctx: Context, params: MapNode, key: str) -> None:
    codes = params[key] if isinstance(params[key], list) else [None]
    for code in codes:
        if not isinstance(code, str) or not re.fullmatch(r"[A-T][0-9]{2,4}", code):
            ctx.error(params, f"“{key}”里的“{code}”不是行业代码（如 C32）", key)


def _parts(ctx: Context, params: MapNode, key: str) -> None:
    parts = params[key]
    if not isinstance(parts, list) or not parts or not all(isinstance(part, MapNode) for part in parts):
        ctx.error(params, f"“{key}”应是不空的列表，每项写 operator 和 params", key)
        return
    for part in parts:
        check_nested(ctx, part)


def _nested(ctx: Context, params: MapNode, key: str) -> None:
    check_nested(ctx, params)


def check_nested(ctx: Context, node: MapNode) -> None:
    """Check an operator written inside the parameters of another."""
    name = node.get("operator")
    if name not in OPERATORS:
        ctx.error(node, f"没有判定方式“{name}”", "operator")
        return
    check(ctx, node, name, node.get("params") or MapNode())


def check(ctx: Context, row: MapNode, name: str, params: Any) -> None:
    """Report parameters the operator does not know, lacks, or cannot use."""
    wanted = OPERATORS[name].params
    if not isinstance(params, MapNode):
        ctx.error(row, "“params”应是一组键值", "params")
        return
    for key in params:
        if key not in wanted and not (name == "flag_when_unknown" and key == "params"):
            ctx.error(params, f"“{name}”没有参数“{key}”", key)
    for key, fault in wanted.items():
        if key not in params:
            ctx.error(row, f"“{name}”缺少参数“{key}”", "params")
        else:
            fault(ctx, params, key)


_codes = {"codes": _known_list("condition", "条件")}
OPERATORS: dict[str, Operator] = {
    "flag": Operator(flag, {}, person=True),
    "all_flags": Operator(all_flags, _codes),
    "any_flags": Operator(any_flags, _codes),
    "maturity_at_least": Operator(maturity_at_least, {"level": _level}, single=True),
    "coverage_includes": Operator(coverage_includes, {"areas": _known_list("area", "环节领域")}, single=True),
    "prior_tier": Operator(prior_tier, {"tier": _tier}, single=True),
    "ai_share_at_least": Operator(ai_share_at_least, {"percent": _percent}, single=True),
    "branch_allowed_for_industry": Operator(branch_allowed_for_industry, {"industries": _industries}),
    "built_by": Operator(built_by, {"month": _month}),
    "number_at_least": Operator(number_at_least, {"of": _anchor, "title": _words, "unit": _words, "cases": _cases}),
    "all_of": Operator(all_of, {"parts": _parts}),
    "any_of": Operator(any_of, {"parts": _parts}),
    "flag_when_unknown": Operator(flag_when_unknown, {"operator": _nested}, person=True),
}


def asks_person(operator: str, params: Params) -> bool:
    """Whether the answer to a condition of this operator can come from its own flag."""
    parts = params.get("parts") or ()
    return OPERATORS[operator].person or any(asks_person(part["operator"], part.get("params") or {}) for part in parts)
