"""What may be wrong with one 退回意见, said at its control."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from declarations import deadlines
from declarations.models import ReturnItem
from declarations.models.return_item import ReturnReason
from smartfactory.problems import Problem
from smartfactory.templatetags.yan import cn_date, cn_time
from smartfactory.text import clean, count_chars, excess

if TYPE_CHECKING:
    from declarations.models import Deadline

LONGEST_MESSAGE = 2000
# The controls of the form of a return, by what they ask: their ids are these letters and the number of the row.
CONTROLS = {"anchor": "a", "reason_code": "c", "message": "m", "clause": "l", "due": "d"}


def problems(
    item: Mapping[str, Any], row: int, known: Mapping[str, str], deadline: Deadline | None
) -> Iterator[Problem]:
    """Everything wrong with the item in `row` of the form; `deadline` is when a correction has to be in."""
    label = known.get(f"{item.get('section')}.{item.get('field')}", "")
    named = f"退回意见第 {row} 条" + (f"“{label}”" if label else "")
    for control, words in _wrong(item, label, deadline):
        yield Problem(f"{named}{words}", field=f"item-{row}-{control}", fix_url=f"#{CONTROLS[control]}-{row}")


def _wrong(item: Mapping[str, Any], label: str, deadline: Deadline | None) -> Iterator[tuple[str, str]]:
    if not item.get("field"):
        yield "anchor", "没有选是哪一项。请选择"
    elif not label:
        yield "anchor", "指向的字段不在申报书里。请重新选择"
    # Whoever names no reason at all means another one; a form that asks has to be answered.
    if item.get("reason_code", ReturnReason.OTHER) not in ReturnReason.values:
        yield "reason_code", "没有选原因。请选择原因"
    message = clean(str(item.get("message") or "")).strip()
    if not message:
        yield "message", "没有写内容。请写清改哪里、改成什么"
    if over := excess(count_chars(message), LONGEST_MESSAGE):
        yield "message", f"的内容{over}"
    if over := excess(len(item.get("clause") or ""), ReturnItem._meta.get_field("clause").max_length):
        yield "clause", f"的依据{over}"
    if item.get("due") and (words := _untimely(day(item["due"]), deadline)):
        yield "due", words


def _untimely(due: date | None, deadline: Deadline | None) -> str:
    """Days are those of Beijing; a day the system no longer takes corrections on would promise what it does not keep."""
    if due is None:
        return "的日期读不懂。请按年、月、日填写，或留空"
    if due < timezone.localtime(deadlines.server_time()).date():
        return f"要求 {cn_date(due)} 前改正，这一天已经过去。请填今天或以后的日期，或留空"
    if deadline and due > timezone.localtime(deadline.at).date():
        last = f"{cn_date(deadline.at)} {cn_time(deadline.at)}"
        return f"要求 {cn_date(due)} 前改正，晚于改正后重新提交截止（{last}）。请填这一天或更早的日期，或留空"
    return ""


def day(value: Any) -> date | None:
    """The day somebody typed or meant, None for none and for what is no day."""
    if not value or isinstance(value, date):
        return value or None
    try:
        return parse_date(str(value))
    except ValueError:
        return None
