"""What lists ask of a filed declaration without opening it: its industry, and how much the system noticed about it."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any

INDUSTRY, INDUSTRY_NAME = "industry", "industry_name"
MOST = 9999


def columns(payload: Mapping[str, Any], noticed: Sized) -> dict[str, Any]:
    """The columns of a declaration that follow from what was filed; `noticed` are the remarks of the form's checks."""
    name = _answer(payload, INDUSTRY_NAME)
    return {"industry": industry(payload), "industry_name": name[:40], "findings": min(len(noticed), MOST)}


def industry(payload: Mapping[str, Any]) -> str:
    """The code of the industry without the letter some people write before it."""
    return _answer(payload, INDUSTRY).lstrip("ABCDEFGHIJKLMNOPQRST")[:10]


def _answer(payload: Mapping[str, Any], key: str) -> str:
    found = (section.get(key) for section in payload.get("sections", {}).values())
    return next((one.strip() for one in found if isinstance(one, str)), "")
