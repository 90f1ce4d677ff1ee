"""砚 Yan: the template vocabulary of the interface. Words first, glyph second, colour last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from smartfactory import canonical, icons, navigation, text
from smartfactory.workflow import LONGEST_NOTE

register = template.Library()

WEEKDAYS = "一二三四五六日"
STANDING_WORDS = {"secondary": "〔转引〕", "unverified": "〔未核实〕"}
TIER_NAMES = {"BASIC": "基础级", "ADVANCED": "先进级", "EXCELLENCE": "卓越级", "PIONEER": "领航级"}
CATEGORY_NAMES = {"SCENARIO": "优秀场景", "FACTORY": "示范工厂"}
# How a status looks when its model does not say so itself with `status_tone`.
TONES = {
    "draft": "todo", "running": "todo", "frozen": "todo",
    "returned": "fix", "failed": "fix",
    "qualified": "done", "recommended": "done", "ready": "done",
    "sealed": "sealed", "superseded": "lock", "rejected": "lock", "cancelled": "lock",
}  # fmt: skip
NEAR_DAYS = 3


@register.simple_tag
def constant(name: str) -> SafeString:
    """A template that says the same on every page, whoever asks: drawn once per process. It knows `demo` alone."""
    draw = _drawn.__wrapped__ if settings.DEBUG else _drawn
    return draw(name, demo=settings.DEMO)


@cache
def _drawn(name: str, *, demo: bool) -> SafeString:
    return render_to_string(name, {"demo": demo})


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    return icons.icon(name, classes)


@register.simple_tag
def tier_mark(tier: str, name: str = "") -> SafeString:
    """The bars of a tier and its name."""
    if tier in CATEGORY_NAMES:
        return format_html("{}", name or CATEGORY_NAMES[tier])
    return format_html("{} {}", icons.tier_mark(tier), name or TIER_NAMES.get(tier, tier))


@register.simple_tag
def dots(met: int, total: int) -> SafeString:
    return icons.dots(met, total)


@register.inclusion_tag("partials/quota_meter.html")
def quota_meter(used: int, limit: int | None, note: str = "", mini: bool = False) -> dict[str, object]:
    """Every place of a quota as a cell. `limit` None means no notice names one."""
    over = max(0, used - limit) if limit is not None else 0
    cells = icons.quota_cells(used, limit) if limit is not None else ""
    return {
        "used": used,
        "limit": limit,
        "over": over,
        "left": (limit or 0) - used,
        "cells": cells,
        "note": note,
        "mini": mini,
    }


@register.inclusion_tag("forms/counter.html")
def counter(id: str, most: int = LONGEST_NOTE) -> dict[str, object]:
    """How much of its limit the text box of this id has used."""
    return {"counter": {"id": id, "max": most}}


@register.simple_tag
def clause(said: str, url: str = "", standing: str = "official") -> SafeString:
    """A citation: title and number as printed; how well it is attested follows in words unless it is the original."""
    if not said:
        return SafeString("")
    doubt = STANDING_WORDS.get(standing, "")
    mark = format_html('<span class="yan-doubt">{}</span>', doubt) if doubt else ""
    if url:
        return format_html('<a class="yan-cl" href="{}">{}</a>{}', url, said, mark)
    return format_html('<span class="yan-cl">{}</span>{}', said, mark)


@register.simple_tag
def status_tag(obj: object, word: str = "", tone: str = "") -> SafeString:
    """The status of a row as a tag. The word is `word`, the model's own `status_word`, or its choice's label."""
    status = getattr(obj, "status", None) or getattr(obj, "state", "")
    tone = tone or getattr(obj, "status_tone", "") or TONES.get(str(status), "")
    glyph = {"done": icons.icon("check"), "lock": icons.icon("lock")}.get(tone, "")
    return format_html('<span class="yan-tag {}">{}{}</span>', tone, glyph, word or _status_word(obj))


def _status_word(obj: object) -> str:
    if own := getattr(obj, "status_word", ""):
        return own
    for name in ("get_status_display", "get_state_display"):
        if reader := getattr(obj, name, None):
            return reader()
    return str(getattr(obj, "status", ""))


@dataclass(frozen=True)
class Countdown:
    """What is left until a moment, in the unit a person would use."""

    number: int
    unit: str
    state: str


@register.simple_tag
def countdown(at: datetime) -> Countdown:
    """Days as the calendar counts them; hours on the last day; `past` once the moment is over."""
    now = timezone.now()
    if at < now:
        return Countdown(0, "", "past")
    days = (timezone.localtime(at).date() - timezone.localdate()).days
    if days == 0:
        hours = int((at - now).total_seconds() // 3600)
        return (
            Countdown(hours, "小时", "near")
            if hours
            else Countdown(int((at - now).total_seconds() // 60), "分钟", "near")
        )
    return Countdown(days, "天", "near" if days <= NEAR_DAYS else "")


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: object) -> str:
    """This page's query string with some keys replaced; empty values are dropped."""
    request: HttpRequest = context["request"]
    query = {key: request.GET.getlist(key) for key in request.GET} | changes
    return "?" + urlencode({key: value for key, value in query.items() if value not in ("", None, [""])}, doseq=True)


@register.simple_tag
def organisation(user: object) -> str:
    return navigation.organisation(user)


@register.filter
def chars(value: object) -> int:
    """Characters as paper forms count them: everything but white space."""
    return text.count_chars(str(value or ""))


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """11月22日（周五）; with its year when that is not the present one."""
    if (day := _local_day(value)) is None:
        return ""
    year = f"{day.year}年" if day.year != timezone.localdate().year else ""
    return f"{year}{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


@register.filter
def cn_full_date(value: date | datetime | None) -> str:
    """2024年11月22日, for documents."""
    day = _local_day(value)
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


@register.filter
def cn_datetime(value: datetime | None) -> str:
    """11月22日 16:20; with its year when that is not the present one."""
    if not value:
        return ""
    here = timezone.localtime(value)
    year = f"{here.year}年" if here.year != timezone.localdate().year else ""
    return f"{year}{here.month}月{here.day}日 {here:%H:%M}"


@register.filter
def cn_time(value: datetime | None) -> str:
    return f"{timezone.localtime(value):%H:%M}" if value else ""


def _local_day(value: date | datetime | None) -> date | None:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def grouped(digest: str, groups: int = 4) -> str:
    return canonical.grouped(digest or "", groups)


@register.filter
def mask_phone(value: str) -> str:
    """A telephone number of which only the ends can be read."""
    digits = re.sub(r"\D", "", value or "")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"


@register.filter
def standing_word(standing: str) -> str:
    return {"official": "原文", "secondary": "转引", "unverified": "未核实"}.get(standing, standing)


@register.filter
def tier_name(tier: str) -> str:
    return {**TIER_NAMES, **CATEGORY_NAMES}.get(tier, tier)


@register.filter
def item(table: dict, key: object) -> object:
    """`table[key]`, or nothing."""
    return table.get(key) if table else None
