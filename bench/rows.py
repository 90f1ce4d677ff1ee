"""What a benchmark returns: a measured value and, where it compares, the ratio to another."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    label: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""


def compared(label: str, value: float, unit: str, base: float, against: str) -> Row:
    return Row(label, value, unit, value / base if base else None, against)
