"""Geometry of the bars: one for each ability domain at one level, with the line that satisfies. Numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

LEFT, WIDTH, STEP, THICK, TOP = 92, 280, 30, 16, 26


@dataclass(frozen=True)
class Bar:
    label: str
    said: str
    y: int
    text_y: int
    width: str
    value_x: str
    met: bool


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    height: int
    line_x: str
    line_said: str
    foot: int
    said: str
    left: int = LEFT
    width: int = WIDTH
    thick: int = THICK
    top: int = TOP


def bars(values: Sequence[tuple[str, Fraction, str]], line: Fraction, line_said: str) -> Bars:
    """Bars of (label, value from nought to one, value in words), from nought and linear."""
    found = tuple(_bar(place, one, line) for place, one in enumerate(values))
    foot = TOP + STEP * len(found)
    said = "条形图：" + "，".join(f"{label} {words}" for label, _, words in values) + f"；满足线 {line_said}"
    return Bars(found, foot + 8, f"{LEFT + float(line) * WIDTH:.1f}", line_said, foot, said)


def _bar(place: int, one: tuple[str, Fraction, str], line: Fraction) -> Bar:
    label, value, said = one
    y = TOP + place * STEP + 4
    width = float(value) * WIDTH
    return Bar(label, said, y, y + 13, f"{width:.1f}", f"{LEFT + width + 6:.1f}", value >= line)
