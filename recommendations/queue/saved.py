"""Views people keep: filters under a name, for oneself or shared with the desk, one of them the way the queue opens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from recommendations.models import SavedView
from recommendations.queue import duties
from recommendations.queue.filters import Query
from smartfactory import audit
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User

LONGEST, MOST = 30, 40


@contextlib.contextmanager
def _together() -> Iterator[None]:
    """A transaction; where two of a person's pages write the same name or the same default at once, one is stale."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise StaleState("视图") from None


def keep(query: Query, name: str, *, actor: User) -> SavedView:
    """Keep what is asked under a name. Raises Blocked: no name, one that is taken, or too many."""
    desk = duties.desk_of(actor)
    if desk is None:
        raise NotAllowed("保存视图")
    with _together():
        name = _free(name, actor)
        if actor.saved_views.count() >= MOST:
            raise Blocked([Problem(f"已经保存了 {MOST} 个视图。请先删去不用的", field="name")])
        view = SavedView.objects.create(user=actor, authority=desk, name=name, query=query.text())
        audit.record("view.keep", actor=actor, obj=view, body={"name": name})
    return view


def _free(name: str, actor: User, but: SavedView | None = None) -> str:
    name = clean(name).strip()
    if not name:
        raise Blocked([Problem("还没有写名称。请给这个视图起个名字，例如：澜州等受理", field="name")])
    if len(name) > LONGEST:
        raise Blocked([Problem(f"名称最多 {LONGEST} 个字，现在 {len(name)} 个。请删减", field="name")])
    if actor.saved_views.filter(name=name).exclude(pk=but.pk if but else None).exists():
        raise Blocked([Problem(f"您已有叫“{name}”的视图。请换一个名称", field="name")])
    return name


def rename(view: SavedView, name: str, *, version: int, actor: User) -> None:
    with _together():
        name = _free(name, actor, view)
        if name != view.name:
            _write(view, version, actor, "view.rename", {"name": name}, name=name)


def share(view: SavedView, shared: bool, *, version: int, actor: User) -> None:
    """Let the colleagues of the desk use it, or no longer."""
    if shared != view.shared:
        with _together():
            _write(view, version, actor, "view.share", {"name": view.name, "shared": shared}, shared=shared)


def make_default(view: SavedView, wanted: bool, *, version: int, actor: User) -> None:
    """Let the queue open with it, instead of with another one or with none."""
    if wanted == view.is_default:
        return
    with _together():
        if wanted:
            SavedView.objects.filter(user=actor, is_default=True).exclude(pk=view.pk).update(is_default=False)
        _write(view, version, actor, "view.default", {"name": view.name, "default": wanted}, is_default=wanted)


def remove(view: SavedView, *, version: int, actor: User) -> None:
    with _together():
        if not SavedView.objects.filter(pk=view.pk, version=version).delete()[0]:
            raise StaleState("视图")
        audit.record("view.remove", actor=actor, obj=f"recommendations.savedview:{view.pk}", body={"name": view.name})


def _write(view: SavedView, version: int, actor: User, act: str, body: dict[str, Any], **values: Any) -> None:
    """One conditional write and its entry. Raises StaleState when the view has changed since it was seen."""
    if not SavedView.objects.filter(pk=view.pk, version=version).update(version=version + 1, **values):
        raise StaleState("视图")
    audit.record(act, actor=actor, obj=view, body=body)
