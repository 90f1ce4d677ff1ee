"""What the team part tells the home page: accounts and later deadlines that officials have to decide about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from declarations.models import Claim, ClaimStatus, Extension, ExtensionStatus
from declarations.team import claims  # noqa: F401 - importing registers the transitions
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Role

if TYPE_CHECKING:
    from smartfactory.models import User

CLAIMS_ORDER = 25


def waiting(user: User) -> Iterator[Task]:
    """One task for all open claims of the official's line; one query, none for others."""
    if not scope(user).has_any({Role.OFFICIAL}):
        return
    if count := Claim.objects.visible_to(user).filter(status=ClaimStatus.OPEN).count():
        yield Task(
            f"核实 {count} 件账号认领", reverse("claim_list"), "去核实",
            "有人提交证明，要认领企业的账号。", state="等待核实", tone="todo", order=CLAIMS_ORDER,
        )  # fmt: skip


def extensions_waiting(user: User) -> Iterator[Task]:
    """One task for all proposals that wait for this person's word; one query, none for others."""
    if not scope(user).has_any({Role.OFFICIAL, Role.SEALER}):
        return
    rows = Extension.objects.visible_to(user).filter(status=ExtensionStatus.PROPOSED).exclude(proposed_by=user)
    if count := rows.count():
        yield Task(
            f"复核 {count} 件延期", reverse("extension_list"), "去复核",
            "同事提出给个别企业延期，要另一个人复核后生效。", state="等待复核", tone="todo", order=CLAIMS_ORDER,
        )  # fmt: skip
