"""Which deadline applies to whom, and whether something came in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from declarations.models import Deadline, Extension, ExtensionStatus
from declarations.vocabulary import Stage, Status
from smartfactory.problems import Problem
from smartfactory.templatetags.yan import cn_date, cn_time

if TYPE_CHECKING:
    from declarations.models import Declaration, Track
    from smartfactory.models import Authority, Enterprise


def server_time() -> datetime:
    """The one clock that decides: the database's where several servers share one, else this machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def resolve(track: Track, stage: str, authority: Authority | None = None) -> Deadline | None:
    """The deadline of the nearest authority from `authority` upwards, else the national one; None if there is none."""
    rows = Deadline.objects.filter(track=track, stage=stage).select_related("authority", "track__campaign__edition")
    wanted = Q(authority=None)
    if authority is not None:
        wanted |= Q(authority__path__in=upwards(authority.path))
    return max(rows.filter(wanted), key=lambda one: len(one.authority.path) if one.authority else 0, default=None)


def upwards(path: str) -> list[str]:
    """The paths of an authority and of all above it."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]


def for_enterprise(track: Track, enterprise: Enterprise, stage: str = Stage.ENTERPRISE) -> Deadline | None:
    """The enterprise's own deadline: everybody's, or the later one it was granted. None where nothing is set."""
    usual = resolve(track, stage, enterprise.receiver)
    granted = Extension.objects.filter(track=track, enterprise=enterprise, status=ExtensionStatus.IN_FORCE).first()
    if usual is None or granted is None or granted.until <= usual.at:
        return usual
    own = Deadline(track=track, stage=stage, at=granted.until, clause=granted.clause, reason=granted.reason)
    own.granted = granted
    return own


def for_declaration(declaration: Declaration) -> Deadline | None:
    """When this declaration must be in, or had to be: one that was returned has the date set for corrections."""
    if was_returned(declaration):
        return after_return(declaration)
    return for_enterprise(declaration.track, declaration.enterprise)


def after_return(declaration: Declaration) -> Deadline | None:
    """Until when it can be handed in again once it is returned: the date set for corrections, else the usual one."""
    track, enterprise = declaration.track, declaration.enterprise
    return for_enterprise(track, enterprise, Stage.CORRECTION) or for_enterprise(track, enterprise)


def was_returned(declaration: Declaration) -> bool:
    """Whether what is in, or has to come in, is a correction."""
    return declaration.status == Status.RETURNED or bool(declaration.unlocked)


def title(declaration: Declaration) -> str:
    """What ends at the date of for_declaration(), in the same words everywhere."""
    return "改正后重新提交截止" if was_returned(declaration) else "线上申报截止"


@dataclass(frozen=True)
class Moved:
    """A return sets another deadline: from when, to when, and what says so."""

    before: datetime | None
    after: datetime
    why: str

    @property
    def words(self) -> str:
        now = f"{cn_date(self.after)}{cn_time(self.after)}"
        past = f"从{cn_date(self.before)}{cn_time(self.before)}改为{now}" if self.before else f"是{now}"
        return f"提交的截止时间{past}，因为退回后按改正的期限：{self.why}"

    def as_json(self) -> dict[str, str]:
        return {"from": self.before.isoformat() if self.before else "", "to": self.after.isoformat(), "why": self.why}

    @classmethod
    def read(cls, kept: Mapping[str, str]) -> Moved:
        """As `as_json` kept it. Raises KeyError or ValueError for anything else."""
        before = datetime.fromisoformat(kept["from"]) if kept["from"] else None
        return cls(before, datetime.fromisoformat(kept["to"]), kept["why"])


def moved_by_return(declaration: Declaration) -> Moved | None:
    """How a return changes the deadline of this declaration; None where it stays as it was."""
    usual = for_enterprise(declaration.track, declaration.enterprise)
    corrected = for_enterprise(declaration.track, declaration.enterprise, Stage.CORRECTION)
    if corrected is None or (usual and usual.at == corrected.at):
        return None
    reason = f"（{corrected.reason}）" if corrected.reason else ""
    return Moved(usual.at if usual else None, corrected.at, f"{corrected.cited}{reason}")


def lateness(deadline: Deadline | None, received_at: datetime) -> list[Problem]:
    """Why something received then is late, with the stamp; nothing if it is in time or nothing is set."""
    if deadline is None or deadline.admits(received_at):
        return []
    received, ended = (timezone.localtime(one).strftime("%Y-%m-%d %H:%M:%S") for one in (received_at, deadline.at))
    return [
        Problem(
            f"系统收到的时间是 {received}，截止时间是 {ended}，已经截止，没有提交。填写的内容都在，可以查看和导出",
            clause=deadline.cited,
            standing=deadline.standing,
        )
    ]


def is_open(track: Track, deadline: Deadline | None, now: datetime) -> bool:
    """Whether a declaration may be begun: after the opening, before the deadline."""
    return (track.opens_at is None or track.opens_at <= now) and (deadline is None or deadline.admits(now))
