"""Geometry of the bar charts. Numbers only: CSS paints them, templates place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

# A row is this high; the bar begins after the label and is at most this long.
ROW, BAR, START, LONGEST = 34, 18, 96, 170
# Long labels stand above their bar instead.
TALL, WIDE = 44, 300


class Counted(Protocol):
    label: str
    count: int
    width: int


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    share: int | None
    y: int
    text_y: int
    width: int
    value_x: int


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    height: int
    said: str


def steps(rows: Sequence[Counted], title: str) -> Chart:
    """Label, bar, count and share in one row each: for a few short labels."""
    bars = [
        Bar(one.label, one.count, one.share, at * ROW + 7, at * ROW + 21, one.width * LONGEST // 100, 310)
        for at, one in enumerate(rows)
    ]
    return Chart(bars, len(rows) * ROW, _said(rows, title))


def ranked(rows: Sequence[Counted], title: str) -> Chart:
    """The label above its bar, the count behind it: for names of any length."""
    bars = [
        Bar(
            one.label,
            one.count,
            None,
            at * TALL + 20,
            at * TALL + 15,
            width := max(2, one.width * WIDE // 100),
            width + 10,
        )
        for at, one in enumerate(rows)
    ]
    return Chart(bars, len(rows) * TALL, _said(rows, title))


def _said(rows: Sequence[Counted], title: str) -> str:
    return f"{title}：" + "，".join(f"{one.label} {one.count}" for one in rows)
