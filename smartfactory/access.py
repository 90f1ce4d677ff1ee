"""Who may see what: the scope of a person, the gateway to tenant rows, and the access mark every view must carry.

A row outside a person's scope is answered exactly like a row that does not exist.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url

from smartfactory.prepared import Prepared

if TYPE_CHECKING:
    from smartfactory.models import User

View = Callable[..., HttpResponse]
M = TypeVar("M", bound=models.Model)
NOTHING = Q(pk__in=[])
# What a membership is in: enterprise id → roles, authority id → roles, authority path → roles.
KEYS = ("enterprise_id", "authority_id", "authority__path")


@dataclass(frozen=True)
class Scope:
    """A person's active memberships: enterprise id → roles, authority id → roles, authority path → roles."""

    enterprises: dict[int, frozenset[str]] = field(default_factory=dict)
    authorities: dict[int, frozenset[str]] = field(default_factory=dict)
    paths: dict[str, frozenset[str]] = field(default_factory=dict)
    # Authority id → the departments beside it for which the person speaks.
    departments: dict[int, frozenset[str]] = field(default_factory=dict)
    # The short name of the organisation the person acts for: the first, if there are several.
    organisation: str = ""

    def enterprise_ids(self, *roles: str) -> list[int]:
        return _holding(self.enterprises, roles)

    def authority_ids(self, *roles: str) -> list[int]:
        return _holding(self.authorities, roles)

    def paths_for(self, *roles: str) -> list[str]:
        return _holding(self.paths, roles)

    def under(self, lookup: str, *roles: str) -> Q:
        """Rows whose authority path (at `lookup`) lies at or below one where the person holds one of `roles`."""
        found = NOTHING
        for path in self.paths_for(*roles):
            found |= Q(**{f"{lookup}__startswith": path})
        return found

    def covers(self, path: str, *roles: str) -> bool:
        """Whether the authority at `path` lies at or below one where the person holds one of `roles`."""
        return any(path.startswith(own) for own in self.paths_for(*roles))

    def has_any(self, roles: Iterable[str]) -> bool:
        held = {role for table in (self.enterprises, self.authorities) for some in table.values() for role in some}
        return bool(held.intersection(roles))


def _holding(table: dict[Any, frozenset[str]], roles: Iterable[str]) -> list[Any]:
    wanted = frozenset(roles)
    return [key for key, held in table.items() if held & wanted]


def scope(user: User) -> Scope:
    """The scope of `user`, read once per user object; anonymous and inactive people have none."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Scope()
    if (cached := user.__dict__.get("_scope")) is None:
        cached = user.__dict__["_scope"] = _read_scope(user)
    return cached


@Prepared
def _memberships(user: int) -> models.QuerySet:
    rows = apps.get_model("smartfactory", "Membership").objects.filter(user=user, is_active=True).order_by("pk")
    return rows.values_list("role", "department", "enterprise__name", "authority__short_name", *KEYS)


def _read_scope(user: User) -> Scope:
    tables: tuple[dict, dict, dict] = ({}, {}, {})
    organisation, departments = "", {}
    for role, department, enterprise, authority, *keys in _memberships(user.pk):
        if department:
            departments.setdefault(keys[1], set()).add(department)
        organisation = organisation or enterprise or authority or ""
        for table, key in zip(tables, keys, strict=True):
            if key is not None:
                table.setdefault(key, set()).add(role)
    held = ({key: frozenset(found) for key, found in table.items()} for table in (*tables, departments))
    return Scope(*held, organisation=organisation)


class Gateway(models.QuerySet[M]):
    """The only way to a tenant's rows. Each model says in `visible_q` which rows a scope reaches."""

    def visible_q(self, scope: Scope) -> Q:
        return NOTHING

    def visible_to(self, user: User) -> Gateway[M]:
        return self.filter(self.visible_q(scope(user)))

    def get_for(self, user: User, **lookup: object) -> M:
        """The one visible row that matches, or Http404, whether it is foreign or does not exist."""
        row = self.visible_to(user).filter(**lookup).first()
        if row is None:
            raise Http404
        return row


def public(view: View) -> View:
    """Anybody, without a login."""
    view.access = "public"
    return view


def signed_in(view: View) -> View:
    """Anybody with an account."""
    return _guarded(view, "signed_in", lambda user: True)


def roles(*allowed: str) -> Callable[[View], View]:
    """Only people holding one of the roles somewhere; for others the address does not exist."""
    wanted = frozenset(allowed)
    return lambda view: _guarded(view, wanted, lambda user: scope(user).has_any(wanted))


def _guarded(view: View, mark: object, admits: Callable[[User], bool]) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return ask_to_sign_in(request)
        if not admits(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    guarded.access = mark
    return guarded


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """The login page for people; 401 with its address for scripts, so that a page keeps its text and signs in in place."""
    if request.headers.get("X-Requested-With") == "fetch" or request.headers.get("Accept") == "application/json":
        return JsonResponse({"login": resolve_url("login")}, status=401)
    return redirect_to_login(_way_back(request))


def _way_back(request: HttpRequest) -> str:
    """The page asked for; for something sent from a page, that page, because the address itself cannot be opened."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return resolve_url("home")
    if came.netloc != request.get_host():
        return resolve_url("home")
    return f"{came.path}?{came.query}" if came.query else came.path
