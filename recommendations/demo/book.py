"""The invented world as it is written in fixtures/demo/. Nothing here touches the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from smartfactory.credit_code import check_digit

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def folder() -> Path:
    return settings.BASE_DIR / "fixtures" / "demo"


@cache
def read(name: str) -> Any:
    """One file of the folder, by its name without the suffix; readers must not change what they get."""
    text = (folder() / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_Loader)  # noqa: S506


def world() -> dict[str, Any]:
    """Logins, deadlines, caps and what officials write."""
    return read("world")


@dataclass(frozen=True)
class Firm:
    """One invented enterprise. `journeys` says for each track how far its declaration has come."""

    slug: str
    name: str
    short: str
    city: str
    factory: str
    title: str
    number: int
    soe: str = ""
    journeys: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def credit_code(self) -> str:
        """Well formed and with its check digit, but of an area that does not exist."""
        body = f"91{self.city}MA7Y{self.number:05d}"
        return body + check_digit(body)

    @property
    def template(self) -> dict[str, Any]:
        return read(f"factories/{self.factory}")


@cache
def firms() -> tuple[Firm, ...]:
    rows = read("enterprises")["enterprises"]
    return tuple(Firm(number=number, **row) for number, row in enumerate(rows, 1))


def flagship() -> Firm:
    """The enterprise whose people can sign in: the first of the list."""
    return firms()[0]
