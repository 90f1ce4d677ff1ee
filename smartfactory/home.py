"""What waits for a person. Each floor says what it knows; the home page only gathers and orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartfactory.models import User


# The tone of what is finished: shown, but not counted among what is left to do.
DONE = "done"


@dataclass(frozen=True)
class Task:
    """One thing to do, or one thing to know. The smaller `order`, the more urgent; tone `fix` needs correction."""

    title: str
    url: str
    act: str
    detail: str = ""
    state: str = ""
    tone: str = ""
    order: int = 50
    due: datetime | None = None
    due_title: str = ""
    clause: str = ""
    standing: str = "official"


Provider = Callable[["User"], Iterable[Task]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Add what a floor knows. A provider reads through the access gateways and costs a fixed number of queries."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def tasks(user: User) -> list[Task]:
    """Everything that waits for `user`, most urgent first."""
    return sorted((task for provider in _providers for task in provider(user)), key=lambda task: task.order)
