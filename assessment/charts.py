"""Geometry of the charts. Numbers only: CSS paints them, templates place them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CENTRE_X, CENTRE_Y, RADIUS = 210.0, 172.0, 118.0
RINGS = 4


@dataclass(frozen=True)
class Axis:
    """One axis of the radar: how much is met of how much, and where its label stands."""

    label: str
    met: int
    total: int
    x: str
    y: str
    label_x: str
    label_y: str
    value_y: str
    anchor: str

    @property
    def said(self) -> str:
        return f"{self.met}/{self.total}"


@dataclass(frozen=True)
class Radar:
    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    spokes: tuple[str, ...]
    outline: str
    own: str
    said: str


def radar(values: Sequence[tuple[str, int, int]]) -> Radar | None:
    """A radar of (label, met, total); None for fewer than three axes. An axis with nothing to meet is full."""
    if len(values) < 3:
        return None
    count = len(values)
    shares = [met / total if total else 1.0 for _, met, total in values]
    own = [_point(place, count, RADIUS * share) for place, share in enumerate(shares)]
    outline = [_point(place, count, RADIUS) for place in range(count)]
    return Radar(
        axes=tuple(_axis(place, count, value, own[place]) for place, value in enumerate(values)),
        rings=tuple(_text([_point(p, count, RADIUS * ring / RINGS) for p in range(count)]) for ring in range(1, RINGS)),
        spokes=tuple(f"M{CENTRE_X:.1f} {CENTRE_Y:.1f}L{x:.1f} {y:.1f}" for x, y in outline),
        outline=_text(outline),
        own=_text(own),
        said="雷达图：" + "，".join(f"{label} {met}/{total}" for label, met, total in values),
    )


def _axis(place: int, count: int, value: tuple[str, int, int], own: tuple[float, float]) -> Axis:
    label, met, total = value
    x, y = _point(place, count, RADIUS + 14)
    # At the top the two lines of a label grow upwards, below the centre downwards.
    first = y - 14 if y < CENTRE_Y - RADIUS else y + 14 if y > CENTRE_Y + RADIUS / 2 else y - 4
    anchor = "middle" if abs(x - CENTRE_X) < 12 else "start" if x > CENTRE_X else "end"
    return Axis(
        label, met, total, f"{own[0]:.1f}", f"{own[1]:.1f}", f"{x:.0f}", f"{first:.0f}", f"{first + 20:.0f}", anchor
    )


def _point(place: int, count: int, radius: float) -> tuple[float, float]:
    angle = -math.pi / 2 + place * 2 * math.pi / count
    return CENTRE_X + radius * math.cos(angle), CENTRE_Y + radius * math.sin(angle)


def _text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
