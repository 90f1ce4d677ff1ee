"""Rules about single answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from declarations.checks.case import Answer, Case
from declarations.checks.plausible import findings
from declarations.content.completeness import is_required
from declarations.content.values import LARGEST, is_blank, month_of, number, shown, token, written_digits
from declarations.vocabulary import NUMBERS, Kind
from smartfactory import text
from smartfactory.problems import Problem

MISSING = "还没有"
# Kinds whose values have a form that can be wrong.
_FORMED = NUMBERS | {Kind.DATE, Kind.MONTH, Kind.EMAIL, Kind.PHONE}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_MOBILE = re.compile(r"[0-9]{11}\Z")
_TELEPHONE = re.compile(r"[0-9+()-]{7,20}\Z")
_VERBS = {Kind.FILES: "上传", Kind.CHOICE: "选择", Kind.BOOL: "选择", Kind.MULTICHOICE: "确认", Kind.SEGMENT: "选择"}


def answered(case: Case) -> Iterator[Problem]:
    """What the form requires is there."""
    for one in case.answers:
        if is_blank(one.value) and is_required(one.field, one.beside):
            if one.field.kind == Kind.INSTANCES:
                yield one.problem(f"{MISSING}场景实例。请至少增加一个场景")
            elif one.field.kind not in (Kind.TABLE, Kind.INDICATORS):
                yield one.problem(f"{MISSING}{_VERBS.get(one.field.kind, '填写')}{one.label}")


def readable(case: Case) -> Iterator[Problem]:
    """Numbers, dates, telephone numbers and addresses can be read as such."""
    for one in case.written:
        if message := unreadable(one.field.kind, one.value, one.field.params):
            unit = f"。单位是{one.field.unit}" if one.field.unit else ""
            yield one.problem(f"{one.label}{message}{unit}", clause="")


def unreadable(kind: str, value: object, params: dict) -> str:
    """What to do about a value that is not of its kind, nothing if it is."""
    if kind not in _FORMED:
        return ""
    words = str(value)
    if kind in NUMBERS:
        return _unreadable_number(kind, value, params)
    if kind == Kind.DATE and not _is_date(words):
        return f"应是日期，现在是“{words[:20]}”。请写成 2024-06-30 的样子"
    if kind == Kind.MONTH and not (month_of(value) == words and _is_date(f"{words}-01")):
        return f"应是年月，现在是“{words[:20]}”。请写成 2024-06 的样子"
    if kind == Kind.EMAIL and not _EMAIL.match(words):
        return "不是邮箱地址。请写成 name@example.cn 的样子"
    if kind == Kind.PHONE:
        return _unreadable_phone(words, landline=bool(params.get("landline")))
    return ""


def _unreadable_number(kind: str, value: object, params: dict) -> str:
    if (kind == Kind.INT and isinstance(value, int)) or (kind != Kind.INT and number(value) is not None):
        return ""
    words, whole = str(value), kind == Kind.INT
    if digits := written_digits(words):
        most = LARGEST[whole]
        if digits > len(str(most)):
            most = min(most, int(params.get("max", most)))
            return f"太大：写了 {digits} 位数。最大可以填 {most:,}，请核对"
    if whole:
        return f"应是整数，现在是“{_short(words)}”。请只写数字"
    return f"应是数，现在是“{_short(words)}”。请只写数字，小数不超过 6 位"


def _short(words: str) -> str:
    return words if len(words) <= 20 else f"{words[:20]}…"


def _is_date(words: str) -> bool:
    try:
        return bool(date.fromisoformat(words))
    except ValueError:
        return False


def _unreadable_phone(words: str, *, landline: bool) -> str:
    if landline:
        return "" if _TELEPHONE.match(words) else "应是区号加号码，例如 0700-1234567"
    digits = re.sub(r"\D", "", words)
    return "" if _MOBILE.match(digits) else f"应为 11 位数字，现在是 {len(digits)} 位"


def chosen_from_options(case: Case) -> Iterator[Problem]:
    """A choice is one of those offered."""
    for one in case.of_kind(Kind.CHOICE):
        if not is_blank(one.value) and one.value not in {option.value for option in one.field.options}:
            yield one.problem(f"{one.label}不在可选项里。请重新选择", clause="")
    for one in case.of_kind(Kind.SEGMENT):
        if not is_blank(one.value) and one.value not in case.description.segments:
            yield one.problem(f"{one.label}不在场景参考指引里。请重新选择", clause="")


def within_length(case: Case) -> Iterator[Problem]:
    """Texts keep to their limit, counted without white space."""
    for one in case.written:
        limit = one.field.max_chars
        if limit and isinstance(one.value, str) and len(one.value) > limit:
            over = text.count_chars(one.value) - limit
            if over > 0:
                message = f"{one.label}超出 {over} 字。请删减到 {limit} 字以内"
                yield one.problem(message, clause=one.field.limit_clause, standing=one.field.limit_standing)


def matches_pattern(case: Case) -> Iterator[Problem]:
    for one, pattern in case.with_rule("pattern"):
        if not is_blank(one.value) and not re.fullmatch(pattern, str(one.value)):
            yield one.problem(f"{one.label}写法不对。{one.field.params.get('pattern_hint', '')}", clause="")


def plausible(case: Case) -> Iterator[Problem]:
    """Numbers and dates lie between what is possible, 统一社会信用代码 keep to GB 32100."""
    for one in case.written:
        for message, level, clause in findings(one.field.kind, one.value, one.field.params, case.today):
            yield one.problem(f"{one.label}{message}", level=level, clause=clause)


def is_the_only_answer(case: Case) -> Iterator[Problem]:
    """Some questions admit a declaration with one answer only."""
    for one, only in case.with_rule("must_be"):
        if not is_blank(one.value) and token(one.value) != str(only):
            yield one.problem(f"{one.label}：选了“{shown(one.field, one.value)}”就不能申报。请核对")


def all_options_confirmed(case: Case) -> Iterator[Problem]:
    for one, _ in case.with_rule("all_required"):
        left = [option.label for option in one.field.options if option.value not in (one.value or [])]
        if one.value and left:
            yield one.problem(f"{one.label}还有 {len(left)} 项没有确认：{'；'.join(left)}")


def without_separator(case: Case) -> Iterator[Problem]:
    """A name that is later joined with others may not contain the joining mark."""
    for one, mark in case.with_rule("without"):
        if isinstance(one.value, str) and mark in one.value:
            yield one.problem(f"{one.label}里不能有“{mark}”，汇总表用它分隔三段。请换成别的写法")


def after_its_start(case: Case) -> Iterator[Problem]:
    for one, start in case.with_rule("not_before"):
        first, last = month_of(one.beside.get(start)), month_of(one.value)
        if first and last and last < first:
            named = case.description.section(one.field.section).by_key[start].label
            yield one.problem(f"{one.label}早于{named}（{first}）。请核对", clause="")


def at_most_the_whole(case: Case) -> Iterator[Problem]:
    for one, whole in case.with_rule("at_most"):
        part, total = number(one.value), number(one.beside.get(whole))
        if part is not None and total is not None and part > total:
            yield one.problem(f"{one.label}（{part}）多于总数（{total}）。请核对", clause="")


def sum_of_parts(case: Case) -> Iterator[Problem]:
    """A total equals the sum of its parts, once all of them are given."""
    for one, parts in case.with_rule("sum_of"):
        values = [number(one.beside.get(part)) for part in parts]
        total = number(one.value)
        if total is not None and None not in values and sum(values) != total:
            yield one.problem(
                f"{one.label} {_amount(one, total)}，各项之和是 {_amount(one, sum(values))}。请改成一致", clause=""
            )


def _amount(one: Answer, value: Decimal) -> str:
    return f"{value:,f} {one.field.unit}".strip()
