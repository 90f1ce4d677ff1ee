"""Every printed page names itself: its QR code leads to the public check and says which page of which document it is.

The codes are drawn when the number of pages is known, between layout and writing, into the box that the foot of the
page keeps free for them (`<i class="qr" id="qr">`). Equal pages give equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MOST_PAGES = 9999
PLACE = "qr"
PAGE = re.compile(r"([1-9]\d{0,3})-of-([1-9]\d{0,3})")
KIND = re.compile(r"[a-z]{1,20}")
LINK = re.compile(r"/verify/([0-9A-Fa-f]{16})/?")
# CSS pixels to points.
POINTS = 0.75

Paged = Callable[[int, int], str]


@dataclass(frozen=True)
class PageName:
    """Which page of which document (sheet, letter, declaration …) a piece of paper says it is."""

    document: str
    number: int
    total: int

    @property
    def query(self) -> str:
        return f"?d={self.document}&p={self.number}-of-{self.total}"


def linking(address: str, document: str) -> Paged:
    """What the code of each page says, where `address` is the public check of the document."""
    return lambda number, total: address + PageName(document, number, total).query


def named(query: Mapping[str, Any]) -> PageName | None:
    """The page that the query of an address names; None if it names none that could have been printed."""
    document, page = str(query.get("d", "")), PAGE.fullmatch(str(query.get("p", "")))
    if not KIND.fullmatch(document) or not page:
        return None
    number, total = int(page[1]), int(page[2])
    return PageName(document, number, total) if number <= total else None


def read(text: str) -> tuple[str, PageName | None] | None:
    """(code, page) of what a QR code says; None if it is not one of ours, no page if it was printed before pages had one."""
    try:
        parts = urlsplit(text.strip()[:500])
    except ValueError:
        return None
    found = LINK.search(parts.path)
    return (found[1].upper(), named(dict(parse_qsl(parts.query)))) if found else None


def finisher(paged: Paged) -> Callable[[Any, Any], None]:
    """Draws the code of every page that keeps a place for one; called by the PDF engine before it writes."""

    def finish(document: Any, pdf: Any) -> None:
        import pydyf

        written = [one for one in pdf.objects if isinstance(one, pydyf.Dictionary) and one.get("Type") == "/Page"]
        for number, (page, out) in enumerate(zip(document.pages, written, strict=True), start=1):
            if PLACE not in page.anchors:
                continue
            drawn = pydyf.Stream([_drawing(paged(number, len(written)), page)], compress=True)
            pdf.add_object(drawn)
            out["Contents"] = pydyf.Array([drawn.reference, out["Contents"]])

    return finish


def _drawing(text: str, page: Any) -> bytes:
    """The code as filled squares in the box its page keeps for it, a row's neighbours as one."""
    left, top, right, _ = page.anchors[PLACE]
    matrix = _modules(text)
    size = (right - left) * POINTS / len(matrix)
    start, down = left * POINTS, (page.height - top) * POINTS
    squares = (
        f"{start + from_ * size:.3f} {down - (line + 1) * size:.3f} {(to - from_) * size:.3f} {size:.3f} re"
        for line, row in enumerate(matrix)
        for from_, to in _runs(row)
    )
    return "\n".join(["q 0 g", *squares, "f Q"]).encode("ascii")


def _modules(text: str) -> tuple[bytearray, ...]:
    """Error correction M: a stamp may lie on it."""
    import segno

    return segno.make(text, error="m", micro=False).matrix


def _runs(row: bytearray) -> list[tuple[int, int]]:
    return [one.span() for one in re.finditer(rb"\x01+", bytes(row))]
