"""Comparing the picture of a scanned page with the page as it was issued.

The QR code tells where the page lies roughly; a search brings both pictures onto each other; then the ink is compared
cell by cell, each cell being allowed a small shift of its own, because paper stretches and scanners bend. Only the red
channel is looked at: in it a red stamp is as good as blank.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

Point = tuple[float, float]
# Compared at 150 dots per inch, in cells of about one printed character.
DPI, CELL = 150, 24
MM = 25.4 / DPI
SHIFT = 4
# How many cells apart two findings still belong to one area.
REACH = 3
# Mean brightness above which a cell holds ink at all; and share of differing ink above which it is not the same ink.
# Measured: printed, skewed and scanned at 200 and 300 dpi, unaltered cells stay below 0.52; other words give 0.7 to 1.
INK, OTHER = 10, 0.6


@dataclass(frozen=True)
class Area:
    """Part of a page in millimetres from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Difference:
    """Where the ink is not the issued one's, and where only the scan has ink (a stamp in grey, a note by hand)."""

    changed: list[Area]
    added: list[Area]


@dataclass(frozen=True)
class Lie:
    """How the scan lies: a point (x, y) of the issued page is at (a·x − b·y + e, b·x + a·y + f) of the scan."""

    a: float
    b: float
    e: float
    f: float

    def turned(self, angle: float, scale: float, right: float, down: float, about: Point) -> Lie:
        """Turned and stretched about a point of the issued page, then moved; so each step means one thing."""
        x, y = self.at(about)
        cos, sin = scale * math.cos(angle), scale * math.sin(angle)
        a, b = self.a * cos - self.b * sin, self.b * cos + self.a * sin
        return Lie(a, b, x + right - a * about[0] + b * about[1], y + down - b * about[0] - a * about[1])

    def at(self, point: Point) -> Point:
        x, y = point
        return self.a * x - self.b * y + self.e, self.b * x + self.a * y + self.f

    def within(self, shrunk: float) -> Lie:
        """The same in a scan that was made `shrunk` times smaller."""
        return Lie(self.a / shrunk, self.b / shrunk, self.e / shrunk, self.f / shrunk)

    def flat(self, scan: Image.Image, size: tuple[int, int], zoom: float = 1.0) -> Image.Image:
        """The scan as the issued page lies, in a picture of `size` in which the page is `zoom` times smaller."""
        rows = (self.a * zoom, -self.b * zoom, self.e, self.b * zoom, self.a * zoom, self.f)
        return scan.transform(size, Image.Transform.AFFINE, rows, Image.Resampling.BILINEAR)


def ink(page: Image.Image) -> Image.Image:
    """The page as printed in one colour: paper white, a red stamp nearly so."""
    return page.convert("RGB").getchannel("R")


def evened(page: Image.Image, dpi: float = DPI) -> Image.Image:
    """Ink bright on black, grey paper and faint print evened out."""
    dark = ImageOps.invert(page)
    ground = dark.reduce(8).filter(ImageFilter.MinFilter(5)).filter(ImageFilter.BoxBlur(dpi / 16)).resize(dark.size)
    return ImageOps.autocontrast(ImageChops.subtract(dark, ground), cutoff=(20, 0.2))


def lying(issued: list[Point], scanned: list[Point]) -> Lie:
    """From the same corners in both pictures, by least squares."""
    count = len(issued)
    ix, iy = (sum(one[axis] for one in issued) / count for axis in (0, 1))
    sx, sy = (sum(one[axis] for one in scanned) / count for axis in (0, 1))
    along = across = spread = 0.0
    for (x, y), (u, v) in zip(issued, scanned, strict=True):
        x, y, u, v = x - ix, y - iy, u - sx, v - sy
        along, across, spread = along + x * u + y * v, across + x * v - y * u, spread + x * x + y * y
    a, b = along / spread, across / spread
    return Lie(a, b, sx - a * ix + b * iy, sy - b * ix - a * iy)


def settled(page: Image.Image, scan: Image.Image, lie: Lie, fixed: Point) -> Lie:
    """The lie that brings scan and page (both as `evened`) onto each other best, from a rough one in ever smaller steps.

    `fixed` is where the code stands: there the rough lie is right already, so it is turned about that point.
    """
    for zoom in (8, 4, 2):
        shrunk = max(1, round(zoom * math.hypot(lie.a, lie.b)))
        target, source = (one.filter(ImageFilter.GaussianBlur(1)) for one in (page.reduce(zoom), scan.reduce(shrunk)))
        lie = _searched(target, source, lie.within(shrunk), zoom, fixed).within(1 / shrunk)
    return lie


def _searched(target: Image.Image, source: Image.Image, lie: Lie, zoom: int, fixed: Point) -> Lie:
    def far(one: Lie) -> float:
        flat = one.flat(source, target.size, zoom)
        return ImageStat.Stat(ImageChops.difference(target, flat)).mean[0]

    turn, best = 2 / math.hypot(*target.size), far(lie)
    for step in (4.0, 2.0, 1.0, 0.5, 0.25):
        better = True
        while better:
            better = False
            for angle, scale, right, down in _ways(turn * step, step):
                tried = lie.turned(angle, 1 + scale, right, down, fixed)
                if (found := far(tried)) < best - 1e-4:
                    lie, best, better = tried, found, True
    return lie


def _ways(turn: float, move: float) -> Iterator[tuple[float, float, float, float]]:
    for sign in (1, -1):
        yield sign * turn, 0, 0, 0
        yield 0, sign * turn, 0, 0
        yield 0, 0, sign * move, 0
        yield 0, 0, 0, sign * move


def compared(page: Image.Image, flat: Image.Image) -> Difference:
    """Cell by cell, at each cell's best small shift; both pictures `evened` and lying on each other."""
    ours, theirs = _strokes(page), _strokes(flat)
    mine, other, apart = _cells(ours), _cells(theirs), _least(ours, theirs)
    columns = math.ceil(page.width / CELL)
    changed, added = [], []
    for place in range(len(mine)):
        cell = place % columns, place // columns
        if mine[place] > INK and apart[place] > OTHER * (mine[place] + other[place]):
            changed.append(cell)
        elif mine[place] <= INK / 4 and other[place] > INK * 2:
            added.append(cell)
    return Difference(areas(changed), areas(added))


def _least(ours: Image.Image, theirs: Image.Image) -> list[float]:
    """By cell, how far the pictures are apart at the best of all small shifts."""
    least: list[float] = []
    for right in range(-SHIFT, SHIFT + 1):
        for down in range(-SHIFT, SHIFT + 1):
            found = _cells(ImageChops.difference(ours, ImageChops.offset(theirs, right, down)))
            least = [min(pair) for pair in zip(least, found, strict=True)] if least else found
    return least


def _strokes(page: Image.Image) -> Image.Image:
    """Only what is finer than a character: strokes, not shadows."""
    soft = page.filter(ImageFilter.GaussianBlur(0.8))
    return ImageChops.subtract(soft, soft.filter(ImageFilter.BoxBlur(8)), scale=0.5)


def _cells(page: Image.Image) -> list[float]:
    return list(page.reduce(CELL).tobytes())


def areas(cells: list[tuple[int, int]]) -> list[Area]:
    """Cells that lie together as one area each, in the order of reading."""
    left, found = set(cells), []
    while left:
        group, edge = [], [left.pop()]
        while edge:
            column, line = edge.pop()
            group.append((column, line))
            near = {one for one in left if abs(one[0] - column) <= REACH and abs(one[1] - line) <= 1}
            left -= near
            edge += near
        columns, lines = zip(*group, strict=True)
        found.append(
            Area(*(round(side * CELL * MM) for side in (min(columns), min(lines), max(columns) + 1, max(lines) + 1)))
        )
    return sorted(found, key=lambda one: (one.top, one.left))
