"""What is printed at the end: the address, the password, and what each login can do."""

from __future__ import annotations

import unicodedata

from django.conf import settings

from recommendations.demo import book


def text() -> str:
    rows = [(one["username"], one["full_name"], one["can"]) for one in book.world()["logins"]]
    widths = [max(_width(row[column]) for row in rows) for column in (0, 1)]
    lines = ["", f"演示数据已就绪：{settings.SITE_URL}/", f"口令均为 {settings.DEMO_PASSWORD}", ""]
    for username, name, can in rows:
        lines.append(f"  {_padded(username, widths[0])}  {_padded(name, widths[1])}  {can}")
    return "\n".join([*lines, ""])


def _width(words: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in words)


def _padded(words: str, width: int) -> str:
    return words + " " * (width - _width(words))
