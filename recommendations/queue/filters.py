"""What is asked of the queue: every filter stands in the address, and the address alone says what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from declarations.vocabulary import Status
from smartfactory.text import clean

if TYPE_CHECKING:
    from smartfactory.models import Authority

# What waits for an official; what was returned waits for the enterprise.
OPEN = (Status.SUBMITTED, Status.IN_REVIEW)
ALL = "all"
# Those where the enterprise wrote something the person has not seen.
TALKING = "talking"
MINE, NOBODY = "me", "none"
YES, NO = "yes", "no"
SORTS = {
    "": ("先提交的在前", "submitted_at", False),
    "newest": ("后提交的在前", "submitted_at", True),
    "waiting": ("等得久的在前", "status_at", False),
    "number": ("按编号", "number", False),
    "name": ("按单位名称", "enterprise__name", False),
}
LABELS = {
    "q": "查找的字", "status": "状态", "track": "类别", "place": "单位", "industry": "行业", "who": "承办人", "wait": "等候",
    "noted": "系统提示", "since": "提交不早于", "until": "提交不晚于",
}  # fmt: skip
LONGEST = 60
# Years a day can be of.
EARLIEST, LATEST = 2000, 2999


@dataclass(frozen=True)
class Query:
    """The filters as asked; what cannot be a value of a filter is nothing."""

    q: str = ""
    status: str = ""
    track: str = ""
    place: str = ""
    industry: str = ""
    who: str = ""
    wait: str = ""
    noted: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""

    def __bool__(self) -> bool:
        """Whether anything is asked that narrows."""
        return any(getattr(self, name) for name in LABELS)

    def text(self, **changes: str) -> str:
        """The query string, always in the same order, without what is not asked."""
        asked = replace(self, **changes)
        pairs = [(one.name, getattr(asked, one.name)) for one in fields(asked)]
        return urlencode([(name, value) for name, value in pairs if value])

    def without(self, name: str) -> Query:
        """The same, loosened by one filter. Without a status everything counts, not only what is open."""
        return replace(self, **{name: ALL if name == "status" else ""})

    @property
    def narrowing(self) -> list[str]:
        """The names of the filters that leave something out, those of the default included."""
        return [name for name in LABELS if (getattr(self, name) if name != "status" else self.status != ALL)]


def parse(params: Mapping[str, str]) -> Query:
    """The filters of an address. Rubbish is as good as nothing."""
    asked = {one.name: clean(params.get(one.name, "")).strip()[:LONGEST] for one in fields(Query)}
    closed = {
        "status": [ALL, TALKING, *Status.values],
        "wait": ["late", "stuck"],
        "noted": [YES, NO],
        "sort": list(SORTS),
    }
    for name, values in closed.items():
        if asked[name] not in values:
            asked[name] = ""
    for name in ("since", "until"):
        asked[name] = asked[name] if _day(asked[name]) else ""
    if not (asked["who"] in (MINE, NOBODY) or _is_key(asked["who"])):
        asked["who"] = ""
    return Query(**asked)


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _day(text: str) -> date | None:
    """The day; what no declaration can be of is none, and would not survive a change of time zone either."""
    try:
        day = parse_date(text) if text else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day.year <= LATEST else None


def typed(query: Query) -> Q:
    """The part of the question that only the database can answer: words and days."""
    found = Q()
    if words := query.q:
        found &= (
            Q(enterprise__name__contains=words) | Q(title__contains=words) | Q(number__icontains=words)
            | Q(enterprise__credit_code__startswith=words.upper())
        )  # fmt: skip
    if since := _day(query.since):
        found &= Q(submitted_at__gte=_midnight(since))
    if until := _day(query.until):
        found &= Q(submitted_at__lt=_midnight(until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    """The first moment of the day here; what a clock cannot show is the first day it can."""
    try:
        return timezone.make_aware(datetime.combine(day, time.min)).astimezone(timezone.get_current_timezone())
    except OverflowError:
        return timezone.make_aware(datetime(2, 1, 1))


def statuses(query: Query) -> tuple[str, ...]:
    if query.status in (ALL, TALKING):
        return tuple(one for one in Status.values if one != Status.DRAFT)
    return (query.status,) if query.status else OPEN


def units(asked: str, known: list[Authority]) -> frozenset[int]:
    """The units an asked place means: by code, or by a part of the short name; with everything below them."""
    meant = [one for one in known if one.code == asked] or [one for one in known if asked in one.short_name]
    return frozenset(one.pk for one in known if any(one.path.startswith(top.path) for top in meant))
