"""The main navigation: one table says which place belongs to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import reverse

from smartfactory.access import scope

if TYPE_CHECKING:
    from smartfactory.models import User

ENTERPRISE = frozenset({"preparer", "signatory", "reader"})
OFFICIALS = frozenset({"official", "sealer"})
EVERYBODY = frozenset()
Counter = Callable[["User"], int]
_counters: dict[str, Counter] = {}


@dataclass(frozen=True)
class Place:
    """A place in the navigation. No roles: everybody who has signed in."""

    label: str
    url_name: str
    roles: frozenset[str] = field(default=EVERYBODY)


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False
    waiting: int = 0


PLACES = (
    Place("申报书", "declaration_list", ENTERPRISE),
    Place("自评", "assessment_list", ENTERPRISE),
    Place("成熟度", "maturity_list", ENTERPRISE),
    Place("总览", "dashboard", OFFICIALS),
    Place("审核", "review_queue", OFFICIALS),
    Place("推荐排序", "list_index", OFFICIALS),
    Place("材料包", "packet_list", OFFICIALS | {"reviewer"}),
    Place("联合审核", "opinion_index", frozenset({"department"})),
    Place("审计记录", "audit", frozenset({"auditor"})),
    Place("推荐名额", "quota_index", frozenset({"policy"})),
    Place("政策管理", "policy_desk", frozenset({"policy"})),
    Place("通知与依据", "policy_index"),
)


def count_waiting(url_name: str, counter: Counter) -> None:
    """Show how much waits for a person at a place. The counter costs one query on every page of its readers."""
    _counters[url_name] = counter


def items(request: HttpRequest) -> list[Link]:
    """The places of the person who asks, in order; nobody's before signing in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    held = scope(user)
    found = [_link(place, request, user) for place in PLACES if not place.roles or held.has_any(place.roles)]
    # Where one place lies within another, the inner one is the present one.
    here = max((one.url for one in found if one.current), key=len, default="")
    return [replace(one, current=one.url == here) for one in found]


def _link(place: Place, request: HttpRequest, user: User) -> Link:
    url = _address(place.url_name)
    counter = _counters.get(place.url_name)
    return Link(place.label, url, request.path.startswith(url), counter(user) if counter else 0)


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


def organisation(user: User) -> str:
    """The short name of the organisation a person acts for."""
    return scope(user).organisation


# Whom a page speaks to, most particular first; the first that fits decides the words of the home page.
AUDIENCES = {
    "enterprise": ENTERPRISE,
    "official": OFFICIALS,
    "reviewer": frozenset({"reviewer"}),
    "department": frozenset({"department"}),
    "auditor": frozenset({"auditor"}),
    "policy": frozenset({"policy"}),
}
