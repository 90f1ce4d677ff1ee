"""The year's dates on one line; the thick part has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from declarations.models import Deadline

LEFT, RIGHT = 8.0, 736.0
# Two labels nearer than this would overlap: the second goes below the line's own label row.
NEAR = 150.0
# How much of the line lies before the first date and after the last.
MARGIN = 0.12


@dataclass(frozen=True)
class Mark:
    label: str
    at: datetime
    x: str
    past: bool
    anchor: str
    low: bool


@dataclass(frozen=True)
class Line:
    marks: list[Mark]
    today: str
    said: str


def line(rows: list[tuple[str, Deadline]], now: datetime) -> Line | None:
    """Every deadline in order with where today stands; None where nothing is set."""
    rows = sorted(rows, key=lambda one: one[1].at)
    if not rows:
        return None
    first, last = rows[0][1].at, rows[-1][1].at
    span = max((last - first).total_seconds(), 86400.0)
    start, whole = first.timestamp() - span * MARGIN, span * (1 + 2 * MARGIN)

    def place(at: datetime) -> float:
        share = (at.timestamp() - start) / whole
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)

    marks, before, low = [], -NEAR, False
    for label, one in rows:
        x = place(one.at)
        low = x - before < NEAR and not low
        marks.append(Mark(label, one.at, f"{x:.1f}", one.at < now, _anchor(x), low))
        before = x
    said = "，".join(f"{timezone.localtime(one.at):%m月%d日}{one.label}截止" for one in marks)
    return Line(marks, f"{place(now):.1f}", f"{said}；今天 {timezone.localtime(now):%m月%d日}")


def _anchor(x: float) -> str:
    return "start" if x < LEFT + 110 else "end" if x > RIGHT - 110 else "middle"
