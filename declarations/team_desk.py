"""What the team part tells the home page: accounts that officials have to decide about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from declarations.models import Claim, ClaimStatus
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
