"""The forms of a self-assessment. Each part's form reads the stored facts and returns the answers it holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Layout
from django import forms

from assessment import questionnaire
from assessment.citing import cite
from assessment.facts import INDUSTRY, LEVELS
from assessment.models import Edition
from assessment.questionnaire import COVERAGE, FACTS, INDICATORS
from assessment.vocabulary import Category, Tier
from smartfactory.access import scope
from smartfactory.forms import Note, Question, YanForm
from smartfactory.models import Enterprise, Role
from smartfactory.text import clean

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import QuerySet

    from assessment.presentation import Sheet

NUMERALS = "零一二三四五"
OPEN = "open"
YES_NO = [("yes", "是"), ("no", "不是"), (OPEN, "还没有定")]
MAX_PER_SEGMENT = 200


class StartForm(YanForm):
    """Which edition, which tier to aim at, and for which enterprise if the person serves several."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label="企业", empty_label=None)
    edition = forms.ModelChoiceField(Edition.objects.none(), label="对照哪一版要素条件", empty_label=None)
    target = forms.ChoiceField(
        label="目标层级",
        choices=[("梯度培育", Tier.choices), ("试点示范", Category.choices)],
        initial=Tier.EXCELLENCE,
        help_text="四个层级一次答完，目标只决定差距怎么列。优秀场景、示范工厂只用于 2022 年版。",
    )

    def __init__(self, user: AbstractBaseUser, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = scope(user).enterprise_ids(Role.PREPARER, Role.SIGNATORY)
        self.writable = bool(ids)
        mine = Enterprise.objects.filter(pk__in=ids).select_related("authority", "soe")
        self.fields["enterprise"].queryset = mine
        self.fields["edition"].queryset = _open_to(mine)
        if len(ids) == 1:
            self.fields["enterprise"].widget = forms.HiddenInput()
            self.fields["enterprise"].initial = ids[0]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        edition, target = data.get("edition"), data.get("target")
        if edition and target and not edition.tiers.filter(tier=target).exists():
            names = "、".join(edition.tiers.values_list("name", flat=True))
            self.add_error("target", f"{edition.title}没有这个层级，可选的是{names}。请重新选择")
        return data


def _open_to(enterprises: QuerySet[Enterprise]) -> QuerySet[Edition]:
    """Published editions that speak to at least one of the enterprises: the nation's, and those of their places."""
    paths = [path for one in enterprises for path in (one.authority.path, one.receiver.path)]
    published = Edition.objects.published()
    fit = [one.pk for one in published.defer("source") if not one.region or any(map(one.covers, paths))]
    return published.filter(pk__in=fit)


class PartForm:
    """What the view asks of every part: validity, problems for the slip, answers to save, the version it saw."""

    template = ""

    def __init__(self, sheet: Sheet, key: str, data: Mapping[str, str] | None) -> None:
        self.sheet, self.key, self.posted = sheet, key, data
        self.found: list[dict[str, str]] = []

    @property
    def version(self) -> int:
        """The version this page was opened at, which a refused page carries on."""
        text = (self.posted or {}).get("version", "") if self.posted is not None else str(self.sheet.assessment.version)
        return int(text) if text.isdecimal() and len(text) < 10 else 0

    def is_valid(self) -> bool:
        return not self.found

    def problems(self) -> list[dict[str, str]]:
        return self.found

    def answers(self) -> dict[str, Any]:
        raise AssertionError("every part has its own answers")

    def extras(self) -> dict[str, Any]:
        return {}


class ConditionsForm(PartForm):
    """The questions of one group, for every tier at once."""

    template = "assessment/part_conditions.html"

    def answers(self) -> dict[str, Any]:
        return {"flags": questionnaire.read_answers(self.sheet.rules, self.key, self.posted or {})}

    def blocks(self) -> list[dict[str, Any]]:
        return [
            {"block": block, "questions": [self._question(rule) for rule in block.rules]}
            for block in questionnaire.blocks(self.sheet.rules, self.key)
        ]

    def _question(self, rule: Any) -> dict[str, Any]:
        said = (self.posted or {}).get(f"flag-{rule.code}")
        if said not in questionnaire.ANSWERS:
            said = {True: "yes", False: "no"}.get(self.sheet.facts.flags.get(rule.code), "")
        return {
            "rule": rule,
            "said": said,
            "cited": cite(self.sheet.edition, rule.source, rule.clause),
            "law": self.sheet.law_url(rule.code),
        }


class FactsFields(YanForm):
    target = forms.ChoiceField(
        label="目标层级", choices=Tier.choices, help_text="四个层级都会判定，目标只决定差距怎么列。"
    )
    maturity_level = forms.ChoiceField(
        label="智能制造能力成熟度等级",
        required=False,
        choices=[("", "还没有评"), *((str(n), f"{NUMERALS[n]}级" if n else "未达到一级") for n in LEVELS)],
        help_text="填评估报告上的等级。自己打的分只作参考，不代替报告。",
    )
    maturity_source = forms.CharField(
        label="等级的来源", required=False, max_length=120, help_text="评估机构或平台、报告编号。"
    )
    maturity_date = forms.DateField(
        label="评估日期",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "w-sm"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请写成年-月-日，例如 2024-10-08"},
    )
    prior_tiers = forms.MultipleChoiceField(
        label="已获评的层级",
        required=False,
        choices=[*Tier.choices, ("none", "都没有")],
        widget=forms.CheckboxSelectMultiple,
    )
    is_branch = forms.ChoiceField(
        label="申报主体是不是法人的分支机构", required=False, choices=YES_NO, widget=forms.RadioSelect
    )
    industry = forms.CharField(
        label="行业代码", required=False, max_length=5, widget=forms.TextInput(attrs={"class": "w-sm"}),
        help_text="国民经济行业分类，例如 C3311。分支机构申报时必须填写。",
    )  # fmt: skip
    built_until = forms.CharField(
        label="智能工厂建成年月", required=False, widget=forms.DateInput(attrs={"type": "month", "class": "w-sm"})
    )

    def layout(self) -> Layout:
        """Level, source and date of the maturity rating are one question, so that its margin note stands beside it."""
        rating = ("maturity_level", "maturity_source", "maturity_date")
        rest = [Question(name, notes=self.notes.get(name, ())) for name in self.fields if name not in rating][1:]
        return Layout(
            Question("target"), Question(*rating, widths=(12, 7, 5), notes=self.notes.get("maturity_level", ())), *rest
        )

    def clean_industry(self) -> str:
        code = clean(self.cleaned_data["industry"]).strip().upper()
        if code and not INDUSTRY.match(code):
            raise forms.ValidationError(f"行业代码是一个字母加 2 到 4 位数字，现在是“{code}”")
        return code

    def clean_built_until(self) -> str:
        month = clean(self.cleaned_data["built_until"]).strip()
        try:
            return f"{forms.DateField().clean(f'{month}-01'):%Y-%m}" if month else ""
        except forms.ValidationError as error:
            raise forms.ValidationError("请写成年-月，例如 2024-06") from error


class FactsForm(PartForm):
    """What the system holds against maturity, prior titles, the kind of entity and the date of completion."""

    template = "assessment/part_facts.html"
    _notes = {
        "maturity_level": ("maturity_at_least",),
        "prior_tiers": ("prior_tier",),
        "is_branch": ("branch_allowed_for_industry",),
        "built_until": ("built_by",),
    }

    def __init__(self, sheet: Sheet, key: str, data: Mapping[str, str] | None) -> None:
        super().__init__(sheet, key, data)
        self.fields = FactsFields(data, initial=self._initial())
        self.fields.fields["target"].choices = list(sheet.rules.tiers.items())
        self.fields.notes = {name: self._margin(operators) for name, operators in self._notes.items()}

    def _initial(self) -> dict[str, Any]:
        facts, row = self.sheet.facts, self.sheet.assessment
        titles = ["none"] if facts.prior_tiers == frozenset() else sorted(facts.prior_tiers or ())
        return {
            "target": row.target,
            "maturity_level": "" if facts.maturity_level is None else str(facts.maturity_level),
            "maturity_source": row.maturity_source,
            "maturity_date": row.maturity_date,
            "prior_tiers": titles,
            "is_branch": {True: "yes", False: "no"}.get(facts.is_branch, OPEN),
            "industry": facts.industry or "",
            "built_until": (facts.built_until or "")[:7],
        }

    def _margin(self, operators: tuple[str, ...]) -> list[Note]:
        sheet = self.sheet
        return [
            Note(
                text=f"{sheet.rules.tiers.get(rule.tier, questionnaire.COMMON_NAME)}：{rule.text}"
                + ("" if rule.hard else "（原则上）"),
                clause=cite(sheet.edition, rule.source, rule.clause),
                url=sheet.law_url(rule.code),
                standing=rule.standing,
            )
            for rule in questionnaire.computed_rules(sheet.rules, *operators)
        ]

    def is_valid(self) -> bool:
        return self.fields.is_valid()

    def problems(self) -> list[dict[str, str]]:
        return self.fields.problems()

    def answers(self) -> dict[str, Any]:
        data = self.fields.cleaned_data
        titles = [one for one in data["prior_tiers"] if one != "none"]
        return {
            "maturity_level": int(data["maturity_level"]) if data["maturity_level"] else None,
            "prior_tiers": titles or ([] if data["prior_tiers"] else None),
            "is_branch": {"yes": True, "no": False}.get(data["is_branch"]),
            "industry": data["industry"] or None,
            "built_until": data["built_until"] or None,
        }

    def extras(self) -> dict[str, Any]:
        data = self.fields.cleaned_data
        source = {"maturity_source": clean(data["maturity_source"]), "maturity_date": data["maturity_date"]}
        return {"target": data["target"], "maturity": source}


class CoverageForm(PartForm):
    """Areas covered, and per segment how many scenario instances there are and how many of them use AI."""

    template = "assessment/part_coverage.html"

    def __init__(self, sheet: Sheet, key: str, data: Mapping[str, str] | None) -> None:
        super().__init__(sheet, key, data)
        self.rows = [self._row(segment) for segment in sheet.edition.segments.select_related("area")]

    def _row(self, segment: Any) -> dict[str, Any]:
        held = [one for one in self.sheet.facts.scenario_instances or () if one.segment == segment.code]
        row = {
            "segment": segment,
            "held": held,
            "count": len(held) or "",
            "ai": sum(bool(one.uses_ai) for one in held) or "",
        }
        if self.posted is not None:
            row |= {"count": self._posted(f"count-{segment.code}"), "ai": self._posted(f"ai-{segment.code}")}
            row["wrong"] = self._fault(row)
        return row

    def _posted(self, name: str) -> str:
        return clean((self.posted or {}).get(name, "")).strip()

    def _fault(self, row: dict[str, Any]) -> str:
        name, numbers = row["segment"].name, [row["count"] or "0", row["ai"] or "0"]
        fault = ""
        if not all(one.isdecimal() and int(one) <= MAX_PER_SEGMENT for one in numbers):
            fault = f"“{name}”的实例数请填 0 到 {MAX_PER_SEGMENT} 的整数"
        elif int(numbers[1]) > int(numbers[0]):
            fault = f"“{name}”应用人工智能的 {numbers[1]} 个多于实例总数 {numbers[0]} 个，请核对"
        if fault:
            self.found.append({"message": fault, "fix_url": f"#count-{row['segment'].code}"})
        return fault

    def areas(self) -> list[dict[str, Any]]:
        chosen = self.posted.getlist("areas") if self.posted is not None else self.sheet.facts.areas or ()
        shown = {one["segment"].area.code for one in self.rows if one["segment"].area and one["held"]}
        return [
            {"code": code, "name": name, "chosen": code in chosen, "shown": code in shown}
            for code, name in self.sheet.rules.areas.items()
        ]

    def demands(self) -> list[dict[str, Any]]:
        found = questionnaire.computed_rules(self.sheet.rules, "coverage_includes", "ai_share_at_least")
        tiers, edition = self.sheet.rules.tiers, self.sheet.edition
        return [
            {
                "rule": one,
                "tier": tiers.get(one.tier, ""),
                "cited": cite(edition, one.source, one.clause),
                "law": self.sheet.law_url(one.code),
            }
            for one in found
        ]

    def answers(self) -> dict[str, Any]:
        chosen = [one for one in self.posted.getlist("areas") if one in self.sheet.rules.areas]
        instances = [one for row in self.rows for one in _instances(row)]
        stated = any(row["count"] != "" for row in self.rows)
        return {"areas": chosen or None, "scenario_instances": instances if stated else None}


def _instances(row: dict[str, Any]) -> list[dict[str, Any]]:
    """As many instances as stated. Those already described stay while their numbers do."""
    count, ai = int(row["count"] or 0), int(row["ai"] or 0)
    held = row["held"]
    if len(held) == count and sum(bool(one.uses_ai) for one in held) == ai:
        return [dict(vars(one)) for one in held]
    return [{"segment": row["segment"].code, "uses_ai": place < ai} for place in range(count)]


class IndicatorsForm(PartForm):
    """Indicators before and after. They have no threshold; only what cannot be a true value is questioned."""

    template = "assessment/part_indicators.html"

    def __init__(self, sheet: Sheet, key: str, data: Mapping[str, str] | None) -> None:
        super().__init__(sheet, key, data)
        self.rows = [self._row(one) for one in sheet.indicators]

    def _row(self, indicator: Any) -> dict[str, Any]:
        held = self.sheet.facts.indicators.get(str(indicator.number), {})
        row = {"indicator": indicator, "cells": [], "wrong": ""}
        for when, label in (("before", "建设前"), ("after", "建设后")):
            name = f"{when}-{indicator.number}"
            value = "" if held.get(when) is None else f"{held[when].normalize():f}"
            if self.posted is not None:
                value = clean(self.posted.get(name, "")).strip()
                row["wrong"] = row["wrong"] or self._fault(indicator, value, name)
            row["cells"].append({"name": name, "when": when, "label": label, "value": value})
        return row

    def _fault(self, indicator: Any, value: str, name: str) -> str:
        number = _number(value)
        fault = ""
        if value and number is None:
            fault = f"“{indicator.name}”应是数，现在是“{value}”"
        elif number is not None and indicator.kind == "rate" and not _within(number, indicator.lower, indicator.upper):
            fault = f"“{indicator.name}”是率，应在 {indicator.lower} 到 {indicator.upper} 之间，现在是 {value}"
        if fault:
            self.found.append({"message": fault, "fix_url": f"#{name}"})
        return fault

    def answers(self) -> dict[str, Any]:
        stated = {
            str(row["indicator"].number): {cell["when"]: cell["value"] or None for cell in row["cells"]}
            for row in self.rows
            if any(cell["value"] for cell in row["cells"])
        }
        return {"indicators": stated}


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value) if value else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and len(value) <= 24 else None


def _within(number: Decimal, lower: str, upper: str) -> bool:
    return (not lower or number >= Decimal(lower)) and (not upper or number <= Decimal(upper))


_FORMS = {FACTS: FactsForm, COVERAGE: CoverageForm, INDICATORS: IndicatorsForm}


def form_for(sheet: Sheet, key: str, data: Mapping[str, str] | None) -> PartForm:
    """The form of one part."""
    return _FORMS.get(key, ConditionsForm)(sheet, key, data)
