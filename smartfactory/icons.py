"""Drawn marks: inline SVG, geometry in attributes, paint in CSS. Every mark stands beside a word that says the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "check": '<path d="M2.5 8.5 6.5 12.5 13.5 4"/>',
    "warn": '<path d="M8 2 14.5 13.5H1.5Z"/><path d="M8 6.5v3.2M8 11.4v.4"/>',
    "wait": '<circle cx="8" cy="8" r="4.5"/>',
    "half": '<circle cx="8" cy="8" r="5"/><path d="M8 3a5 5 0 0 0 0 10Z" fill="currentColor"/>',
    "arrow": '<path d="M2.5 8H13M9 4l4 4-4 4"/>',
    "back": '<path d="M13.5 8H3M7 4 3 8l4 4"/>',
    "up": '<path d="M8 13V3.5M3.5 7.5 8 3l4.5 4.5"/>',
    "down": '<path d="M8 3v9.5M3.5 8.5 8 13l4.5-4.5"/>',
    "grip": '<path d="M3 5h10M3 8h10M3 11h10"/>',
    "lock": '<path d="M3 7.5h10v6.5H3ZM5 7.5V5a3 3 0 0 1 6 0v2.5"/>',
    "file": '<path d="M3.5 1.8h6l3 3v9.4h-9ZM9.2 2v3.2h3.2"/>',
    "download": '<path d="M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11"/>',
    "close": '<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="M10.5 10.5 14 14"/>',
    "spin": '<path d="M8 2.5a5.5 5.5 0 1 0 5.5 5.5"/>',
    "offline": (
        '<path d="M2 2l12 12M3.5 9.5A6 6 0 0 1 5 8M8 6.8a6 6 0 0 1 4.5 2.2M8 12.6v.4"/>'
        '<path d="M1.5 6.5A9 9 0 0 1 4 4.8M7 3.8a9 9 0 0 1 7.5 2.7"/>'
    ),
    "fork": '<path d="M4 2.5v11M4 9c5 0 8-1.5 8-6M9.5 5 12 2.5 14.5 5"/>',
}
TIERS = ("BASIC", "ADVANCED", "EXCELLENCE", "PIONEER")


@cache
def icon(name: str, classes: str = "") -> SafeString:
    """The mark `name`, hidden from screen readers; an unknown name is a mistake in the template and raises KeyError."""
    return format_html(
        '<svg class="i {}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        classes,
        mark_safe(PATHS[name]),  # noqa: S308  our own constants
    )


def tier_mark(tier: str) -> SafeString:
    """Four rising bars, filled up to `tier`."""
    reached = TIERS.index(tier) + 1 if tier in TIERS else 0
    bars = "".join(
        f'<rect class="{"y" if place < reached else "n"}" x="{place * 6}" y="{12 - place * 4}" width="4" '
        f'height="{4 + place * 4}"/>'
        for place in range(len(TIERS))
    )
    return mark_safe(f'<svg class="yan-tier" viewBox="0 0 22 16" aria-hidden="true" focusable="false">{bars}</svg>')  # noqa: S308


def dots(met: int, total: int) -> SafeString:
    """One dot per condition, filled where it is met; wraps by itself when there are many."""
    per_row = 30
    rows = max(1, -(-total // per_row))
    width, height = min(total, per_row) * 9 or 9, rows * 13 - 4
    cells = "".join(_dot(place, place < met, per_row) for place in range(total))
    return mark_safe(  # noqa: S308  numbers only
        f'<svg class="yan-dots" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="满足 {int(met)} 项，共 {int(total)} 项">{cells}</svg>'
    )


def _dot(place: int, filled: bool, per_row: int) -> str:
    x, y = place % per_row * 9, place // per_row * 13
    if filled:
        return f'<rect class="y" x="{x}" y="{y}" width="7" height="9"/>'
    return f'<rect class="n" x="{x + 0.6}" y="{y + 0.6}" width="5.8" height="7.8"/>'


def quota_cells(used: int, limit: int) -> SafeString:
    """One cell per place, in fives; cells past the limit stand behind a bar."""
    over = max(0, used - limit)
    cap = _cell_x(limit - 1) + 17 if limit else 4
    width = (cap + 10 + over * 13 + over // 5 * 6) if over else max(_cell_x(max(limit, 1) - 1) + 13, 13)
    cells = "".join([*_places(used, limit), *_beyond(over, cap)])
    said = f"已选 {used} 项，" + (f"超出上限 {over} 项" if over else f"上限 {limit} 项")
    return mark_safe(  # noqa: S308  numbers only
        f'<svg viewBox="0 0 {width} 18" width="{width}" height="18" role="img" aria-label="{said}">{cells}</svg>'
    )


def _cell_x(place: int) -> int:
    return place * 13 + place // 5 * 6


def _places(used: int, limit: int) -> Iterator[str]:
    for place in range(limit):
        x = _cell_x(place)
        if place < used:
            yield f'<rect class="f" x="{x}" y="2" width="10" height="14"/>'
        else:
            yield f'<rect class="e" x="{x + 0.5}" y="2.5" width="9" height="13"/>'


def _beyond(over: int, cap: int) -> Iterator[str]:
    for place in range(over):
        yield f'<rect class="o" x="{cap + 10 + _cell_x(place)}" y="2" width="10" height="14"/>'
    if over:
        yield f'<path class="cap" d="M{cap} 0V18"/>'
