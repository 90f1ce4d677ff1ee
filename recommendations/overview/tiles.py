"""The nation at a glance: one tile for each recommending unit, roughly where it lies. Not a map: no borders, no areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import yaml
from django.conf import settings
from django.db.models import Count

from declarations.vocabulary import Status
from recommendations.overview.figures import GROUP, PASSED, PLACE, line
from smartfactory.models import Authority

if TYPE_CHECKING:
    from declarations.models import Track

PLACES = "tiles.yaml"
SIDE, GAP = 72, 6
# The darkest of the shades t0 (nothing) … t4.
DARKEST = 4
MEASURES = {
    "received": ("已提交", tuple(one for one in Status if one != Status.DRAFT)),
    "passed": ("审核通过", PASSED),
    "recommended": ("已推荐", (Status.RECOMMENDED,)),
}


@dataclass(frozen=True)
class Tile:
    """`x`, `y` are the upper left corner; `shade` 0…4 grows with the count and is 0 only for none."""

    name: str
    count: int
    x: int
    y: int
    shade: int

    @property
    def middle(self) -> int:
        return self.x + SIDE // 2


@dataclass(frozen=True)
class Grid:
    measure: str
    tiles: list[Tile]
    width: int
    height: int
    side: int = SIDE

    @property
    def label(self) -> str:
        return MEASURES[self.measure][0]

    @property
    def said(self) -> str:
        having = [f"{one.name} {one.count}" for one in sorted(self.tiles, key=lambda one: -one.count) if one.count]
        return f"各推荐单位{self.label}份数：" + ("，".join(having) if having else "都还没有")


@cache
def places() -> Mapping[str, tuple[int, int]]:
    """Row and column of each unit's tile, by its code."""
    found = yaml.safe_load((settings.BASE_DIR / "fixtures" / PLACES).read_text(encoding="utf-8"))["tiles"]
    return {code: (row, column) for code, (row, column) in found.items()}


def grid(track: Track, unit: Authority, measure: str = "") -> Grid:
    """Every unit that has a tile, with its count. What goes up through a central group counts there and has no tile."""
    measure = measure if measure in MEASURES else "received"
    names = dict(Authority.objects.filter(code__in=places()).values_list("code", "short_name"))
    counts = _counts(track, unit, MEASURES[measure][1])
    most = max(counts.values(), default=0)
    tiles = [
        Tile(
            names[code], counts.get(code, 0), column * (SIDE + GAP), row * (SIDE + GAP), _shade(counts.get(code), most)
        )
        for code, (row, column) in places().items()
        if code in names
    ]
    rows, columns = ({one[axis] for one in places().values()} for axis in (0, 1))
    return Grid(measure, tiles, (max(columns) + 1) * (SIDE + GAP), (max(rows) + 1) * (SIDE + GAP))


def _shade(count: int | None, most: int) -> int:
    return -(-count * DARKEST // most) if count else 0


def _counts(track: Track, unit: Authority, statuses: tuple[str, ...]) -> dict[str, int]:
    """By the nearest unit of the path that has a tile: a planned city counts for itself, not for its province."""
    found = line(unit).filter(track=track, status__in=statuses).order_by().values_list(PLACE, GROUP)
    counts: dict[str, int] = {}
    for place, group, count in found.annotate(n=Count("pk")):
        path = place if track.groups_by_place else group or place
        code = next((one for one in reversed(path.rstrip("/").split("/")) if one in places()), "")
        counts[code] = counts.get(code, 0) + count
    return counts
