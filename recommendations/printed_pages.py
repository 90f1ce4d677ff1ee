"""What the public check says about one printed page: which page of which document it is, and what stands on it.

Read from the rendering that was issued, never from live rows; no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recommendations.models import Seal
from smartfactory import documents, page_codes, verification

if TYPE_CHECKING:
    from smartfactory.models import IssuedDocument, StoredFile

# The word in a page's code, the rendering it stands for, and what people call it.
PRINTS = {
    "sheet": ("summary-sheet.pdf", "推荐汇总表"),
    "letter": ("cover-letter.pdf", "推荐函"),
    "declaration": ("declaration.pdf", "申报书"),
    "desk": ("desk-copy.pdf", "申报书（审核查阅件）"),
    "receipt": ("receipt.pdf", "提交回执"),
    "packet": ("", "评审材料包的封面和目录"),
}
LISTS = ("sheet", "letter")
NO_SUCH = "码里写的页次不对"
NEVER = "系统没有印过码里写的这一页"
ROW = re.compile(r"row-(\d+)(?:-\d+)?")


@dataclass(frozen=True)
class PrintedPage:
    """`words` name the page; `rows` and `parts` stand on it; `trouble` says why this cannot be a page of ours."""

    words: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    trouble: str = ""
    blank: bool = False


def describe(issued: IssuedDocument, query: Mapping[str, Any]) -> PrintedPage | None:
    """The page a printed code names, or None where it names none: codes of the first papers had no page."""
    page = page_codes.named(query)
    if page is None or page.document not in PRINTS:
        return PrintedPage(NO_SUCH, trouble=NEVER) if "p" in query or "d" in query else None
    name, title = PRINTS[page.document]
    words = f"这是{title}第 {page.number} 页，共 {page.total} 页"
    stored = verification.rendered(issued, name) if name else None
    if stored is None or not stored.path.exists():
        return PrintedPage(words)
    total = documents.page_count(stored.path)
    if total != page.total:
        return PrintedPage(words, trouble=f"系统签发的{title}共 {total} 页，纸上的码写的是共 {page.total} 页")
    return _on_it(issued, stored, page, words)


def _on_it(issued: IssuedDocument, stored: StoredFile, page: page_codes.PageName, words: str) -> PrintedPage:
    if page.document in LISTS:
        seal = Seal.objects.filter(issued=issued).first()
        rows = _rows(seal, stored, page.number) if seal else []
        return PrintedPage(words, rows=rows, blank=not rows)
    return PrintedPage(words, parts=_parts(stored, page.number))


def rows_by_page(stored: StoredFile) -> list[set[int]]:
    """The places (from 1) of the rows that stand on each page, also in part."""
    return [
        {int(row[1]) for row in map(ROW.fullmatch, sorted(names)) if row} for names in documents.places(stored.path)
    ]


def _rows(seal: Seal, stored: StoredFile, number: int) -> list[dict[str, Any]]:
    shown = rows_by_page(stored)[number - 1]
    return [row for place, row in enumerate(seal.content["entries"], 1) if place in shown]


def _parts(stored: StoredFile, number: int) -> list[str]:
    """The parts that begin on the page, and the one that goes on from the page before."""
    marks = documents.headings(stored.path)
    before = [title for page, title in marks if page < number - 1][-1:]
    return [*before, *(title for page, title in marks if page == number - 1)]
