"""The picture of a way: one column for each who acts, one row for each step. Geometry only; the style sheet paints."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from assessment.knowledge.ways import LANES, Walked, Way

COLUMN, ROW, TOP, LEFT = 84, 46, 44, 44


@dataclass(frozen=True)
class Dot:
    x: int
    y: int
    number: int


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    columns: tuple[tuple[int, str], ...]
    dots: tuple[Dot, ...]
    lines: tuple[tuple[Dot, Dot], ...]
    bottom: int
    words: str


def drawn(way: Way) -> Picture:
    """Only the columns somebody acts in."""
    lanes = [one for one in LANES if any(step.step.lane == one for step in way.steps)]
    columns = {lane: LEFT + at * COLUMN for at, lane in enumerate(lanes)}
    dots = tuple(_dot(columns, at, one) for at, one in enumerate(way.steps))
    bottom = TOP + ROW * len(dots) - ROW // 2
    return Picture(
        LEFT * 2 + COLUMN * (len(lanes) - 1),
        bottom + 8,
        tuple((columns[lane], LANES[lane]) for lane in lanes),
        dots,
        tuple(itertools.pairwise(dots)),
        bottom,
        "；".join(f"第 {one.number} 步，{one.step.actor}：{one.step.title}" for one in way.steps),
    )


def _dot(columns: dict[str, int], at: int, one: Walked) -> Dot:
    return Dot(columns[one.step.lane], TOP + ROW * at, one.number)
