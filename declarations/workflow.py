"""The life of a declaration. Each transition says who, from where, why not yet, and what else it writes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from declarations import freezing, pools, returning
from declarations.models import Declaration
from declarations.notices import telling
from declarations.vocabulary import Status
from smartfactory.access import scope
from smartfactory.models import AuthorityKind, Role
from smartfactory.problems import Problem
from smartfactory.workflow import Blocked, NotAllowed, Transition, register

if TYPE_CHECKING:
    from declarations.models import Claim, Extension
    from smartfactory.models import User
    from smartfactory.workflow import Act

Check = Callable[[Declaration], list[Problem]]
_required: dict[str, list[Check]] = {}
_sealing: ContextVar[bool] = ContextVar("sealing", default=False)


def require(name: str, check: Check) -> None:
    """Add a reason why transition `name` may have to wait: the way for the floor above to have its say."""
    _required.setdefault(name, []).append(check)


def _blockers(name: str) -> Check:
    return lambda declaration: [problem for check in _required.get(name, []) for problem in check(declaration)]


@contextlib.contextmanager
def sealing() -> Iterator[None]:
    """Only inside this may `recommend` and `unrecommend` be fired: they are consequences of sealing a list."""
    reset = _sealing.set(True)
    try:
        yield
    finally:
        _sealing.reset(reset)


def _within_sealing(user: User, declaration: Declaration) -> bool:
    return _sealing.get()


def _of_enterprise(*roles: str) -> Callable[[User, Declaration], bool]:
    """A member of the enterprise holding one of `roles`."""
    wanted = frozenset(roles)
    return lambda user, declaration: bool(scope(user).enterprises.get(declaration.enterprise_id, frozenset()) & wanted)


def has_desk(user: User) -> bool:
    """Whether the person is an official anywhere below the ministry: only such people decide on declarations."""
    return any(not _is_root(path) for path in scope(user).paths_for(Role.OFFICIAL))


def is_official(user: User, declaration: Declaration | Claim | Extension, *roles: str) -> bool:
    """An official of the line that receives the declaration who does not also belong to the enterprise.

    `roles`: who else counts as one here.

    The ministry at the root of the tree receives recommendations: it looks at declarations and decides nothing on them.
    """
    held, enterprise = scope(user), declaration.enterprise
    if held.enterprises.get(enterprise.pk):
        return False
    paths = [one.path for one in (enterprise.authority, enterprise.soe) if one is not None]
    own = [one for one in held.paths_for(*(roles or (Role.OFFICIAL,))) if not _is_root(one)]
    return any(path.startswith(one) for path in paths for one in own)


def _is_root(path: str) -> bool:
    """Whether this is the authority everybody else stands under."""
    return path == f"{AuthorityKind.MINISTRY}/"


def _filers(user: User, declaration: Declaration) -> bool:
    return _of_enterprise(Role.PREPARER, Role.SIGNATORY)(user, declaration)


def _noted(declaration: Declaration, act: Act) -> dict[str, Any]:
    """An act that needs its reason in writing."""
    if not act.note.strip():
        raise Blocked([Problem("还没有写明理由。请写清原因和依据", field="note")])
    return {}


def _only_for_a_list(declaration: Declaration, act: Act) -> dict[str, Any]:
    """The list that was sealed is part of the act; without it nobody recommends anything."""
    if not act.data.get("list"):
        raise NotAllowed(act.transition.label)
    return {"list": str(act.data["list"])}


def _step(name: str, label: str, source: set[str], target: str, **more: Any) -> Transition:
    return Transition(name, label, frozenset(source), target, blockers=_blockers(name), **more)


TRANSITIONS = [
    _step("submit", "提交申报书", {Status.DRAFT, Status.RETURNED}, Status.SUBMITTED,
          allowed=_of_enterprise(Role.SIGNATORY), effect=telling("submit", freezing.freeze), style="primary"),
    _step("withdraw", "撤回申报书", {Status.SUBMITTED}, Status.DRAFT,
          allowed=lambda user, one: _filers(user, one) and not one.unlocked, effect=freezing.withdraw),
    _step("withdraw_correction", "撤回，继续改正", {Status.SUBMITTED}, Status.RETURNED,
          allowed=lambda user, one: _filers(user, one) and bool(one.unlocked), effect=freezing.withdraw),
    _step("take_up", "受理", {Status.SUBMITTED}, Status.IN_REVIEW, allowed=is_official,
          effect=telling("take_up"), style="primary"),
    _step("return_", "退回企业改正", {Status.IN_REVIEW}, Status.RETURNED,
          allowed=is_official, effect=telling("return_", returning.open_fields)),
    _step("qualify", "审核通过", {Status.IN_REVIEW}, Status.QUALIFIED, allowed=is_official,
          effect=telling("qualify", freezing.cover), style="primary"),
    _step("reject", "不予推荐", {Status.IN_REVIEW}, Status.REJECTED, allowed=is_official,
          effect=telling("reject", _noted)),
    _step("reserve", "列入培育库", {Status.IN_REVIEW}, Status.RESERVED, allowed=is_official,
          effect=telling("reserve", _noted)),
    _step("reopen", "重新审核", {Status.QUALIFIED}, Status.IN_REVIEW, allowed=is_official,
          effect=telling("reopen", _noted)),
    _step("recommend", "推荐", {Status.QUALIFIED}, Status.RECOMMENDED,
          allowed=_within_sealing, effect=telling("recommend", _only_for_a_list)),
    _step("unrecommend", "撤销推荐", {Status.RECOMMENDED}, Status.QUALIFIED,
          allowed=_within_sealing, effect=telling("unrecommend", _only_for_a_list)),
]  # fmt: skip
register(Declaration, TRANSITIONS, Status)
require("reserve", pools.problems)
