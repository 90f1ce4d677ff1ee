"""The one door for documents: PDF, merged PDF, xlsx. The heavy libraries are imported inside the functions.

Rendering sees only the assets it is handed; nothing is fetched, from the network or from disk.
"""

from __future__ import annotations

import importlib.metadata
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string

from smartfactory import page_codes
from smartfactory.page_codes import Paged
from smartfactory.parsing import bounded_pikepdf
from smartfactory.spreadsheets import Column as Column
from smartfactory.spreadsheets import Sheet as Sheet
from smartfactory.spreadsheets import read_xlsx as read_xlsx
from smartfactory.spreadsheets import write_xlsx as write_xlsx
from smartfactory.spreadsheets import xlsx_description as xlsx_description
from smartfactory.spreadsheets import xlsx_keywords as xlsx_keywords

if TYPE_CHECKING:
    import pikepdf

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Rendered:
    """A document and the HTML it was drawn from, so that tests can look at both."""

    html: str
    pdf: bytes


@dataclass(frozen=True)
class Part:
    """One piece of a merged document: its bookmark title and its PDF."""

    title: str
    pdf: bytes | Path
    # Bookmarks below its own: (title, page from 0 within it).
    inside: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Asset:
    content: bytes
    mime: str


@cache
def pdf_problem() -> str:
    """Why PDFs cannot be rendered on this machine, empty if they can."""
    try:
        import weasyprint  # noqa: F401
    except (OSError, ImportError) as error:
        return str(error).splitlines()[0]
    return ""


@cache
def toolchain() -> str:
    """The versions that decide the bytes of a PDF."""
    names = ("weasyprint", "pydyf", "fonttools", "pillow", "pikepdf")
    return " ".join(f"{name}={importlib.metadata.version(name)}" for name in names)


def render_pdf(
    template: str,
    context: Mapping[str, object],
    *,
    created: datetime,
    assets: Mapping[str, Asset] | None = None,
    identifier: str = "",
    attachments: Mapping[str, bytes] | None = None,
    page_code: Paged | None = None,
) -> Rendered:
    """Draw `template` as a PDF. In the template an asset is addressed as `asset:<name>`; `page_code` gives what the QR
    code of each page says.

    The bytes depend only on the arguments and the toolchain: dates come from `created`, the id from `identifier`.
    Raises RuntimeError naming anything the template tried to load that it was not handed.
    """
    html = render_to_string(template, dict(context))
    finisher = page_codes.finisher(page_code) if page_code else None
    return Rendered(html, _draw(html, created, dict(assets or {}), identifier, attachments or {}, finisher))


def _draw(
    html: str, created: datetime, assets: dict, identifier: str, attachments: Mapping[str, bytes], finisher: Any
) -> bytes:
    import weasyprint

    fetcher = _fetcher(assets)
    document = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=fetcher).render(stylesheets=_styles())
    _date(document, created, attachments)
    pdf = document.write_pdf(pdf_identifier=identifier.encode() or None, finisher=finisher)
    if fetcher.refused:
        raise RuntimeError(f"the template asked for what it was not given: {', '.join(fetcher.refused[:3])}")
    return pdf


def _date(document: Any, created: datetime, attachments: Mapping[str, bytes]) -> None:
    import weasyprint

    when = created.astimezone(UTC)
    document.metadata.created = document.metadata.modified = when.isoformat(timespec="seconds")
    document.metadata.attachments = [
        weasyprint.Attachment(string=content, name=name, created=when, modified=when)
        for name, content in attachments.items()
    ]


@cache
def _stylesheet_texts() -> tuple[str, ...]:
    folder = settings.BASE_DIR / "static" / "css" / "pdf"
    return tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.css")))


def _styles() -> list:
    import weasyprint

    return [weasyprint.CSS(string=text) for text in _stylesheet_texts()]


def _fetcher(assets: Mapping[str, Asset]) -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OnlyOurs(URLFetcher):
        """Answers assets by name and refuses everything else, keeping a list of what was refused."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=("asset",), allow_redirects=False)
            self.refused: list[str] = []

        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            asset = assets.get(url.removeprefix("asset:").lstrip("/"))
            if asset is None:
                self.refused.append(url[:80])
                raise ValueError("not an asset of this document")
            return URLFetcherResponse(url, asset.content, {"Content-Type": asset.mime})

    return OnlyOurs()


def merge_pdfs(
    parts: Sequence[Part],
    *,
    title: str,
    created: datetime,
    keywords: str = "",
    stamp: bool = True,
    progress: Progress | None = None,
    first: int = 1,
    total: int = 0,
    attached: Mapping[str, Path] | None = None,
    out: Path | None = None,
) -> bytes:
    """Join PDFs in order with a bookmark each and, if `stamp`, continuous page numbers in the lower margin.

    Links inside each part keep working; equal input gives equal bytes. A volume of something larger is numbered from
    `first` of `total`; `attached` are files that are no pages. With `out` it is written there and nothing is returned.
    """
    import pikepdf

    merged = pikepdf.new()
    starts: list[tuple[Part, int]] = []
    sources = []
    for number, part in enumerate(parts):
        if progress:
            progress(number, len(parts), part.title)
        sources.append(source := pikepdf.open(part.pdf if isinstance(part.pdf, Path) else io.BytesIO(part.pdf)))
        starts.append((part, len(merged.pages)))
        _make_links_explicit(source)
        merged.pages.extend(source.pages)
    with merged.open_outline() as outline:
        outline.root.extend(_bookmark(part, page) for part, page in starts)
    if stamp:
        _stamp_numbers(merged, first, total or len(merged.pages))
    _attach(merged, attached or {}, created)
    _describe(merged, title, created, keywords)
    target = out or io.BytesIO()
    merged.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return b"" if out else target.getvalue()


def _bookmark(part: Part, page: int) -> pikepdf.OutlineItem:
    import pikepdf

    item = pikepdf.OutlineItem(part.title, page)
    item.children.extend(pikepdf.OutlineItem(title, page + at) for title, at in part.inside)
    item.is_closed = True
    return item


def _attach(pdf: pikepdf.Pdf, attached: Mapping[str, Path], when: datetime) -> None:
    """With fixed dates, so that equal input gives equal bytes."""
    import pikepdf

    stamp = when.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
    for name, path in attached.items():
        pdf.attachments[name] = pikepdf.AttachedFileSpec(
            pdf, path.read_bytes(), filename=name, creation_date=stamp, mod_date=stamp
        )


def _make_links_explicit(pdf: pikepdf.Pdf) -> None:
    """Named destinations are not copied between files and would collide: point each link at its page instead."""
    import pikepdf

    if "/Names" not in pdf.Root or "/Dests" not in pdf.Root.Names:
        return
    names = dict(pikepdf.NameTree(pdf.Root.Names.Dests).items())
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            target = note.get("/Dest")
            if isinstance(target, pikepdf.String) and str(target) in names:
                found = names[str(target)]
                note.Dest = found.D if isinstance(found, pikepdf.Dictionary) else found


def _stamp_numbers(pdf: pikepdf.Pdf, first: int, total: int) -> None:
    """Write `n / total`, from `first`, at the lower right of every page, in a standard font that needs no embedding."""
    import pikepdf

    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    font = pdf.make_indirect(font)
    for number, page in enumerate(pdf.pages, start=first):
        _left, bottom, right, _ = (float(edge) for edge in page.mediabox)
        text = f"{number} / {total}"
        page.add_resource(font, pikepdf.Name.Font, pikepdf.Name.PacketPage, replace_existing=True)
        x = right - 40 - 4.5 * len(text)
        page.contents_add(b"q", prepend=True)
        page.contents_add(f"Q q BT /PacketPage 9 Tf {x:.1f} {bottom + 14:.1f} Td ({text}) Tj ET Q".encode())


def _describe(pdf: pikepdf.Pdf, title: str, created: datetime, keywords: str) -> None:
    stamp = created.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ")
    pdf.docinfo["/Title"] = title
    if keywords:
        pdf.docinfo["/Keywords"] = keywords
    pdf.docinfo["/CreationDate"] = pdf.docinfo["/ModDate"] = stamp


def page_count(pdf: bytes | Path) -> int:
    import pikepdf

    with pikepdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as document:
        return len(document.pages)


def pdf_keywords(pdf: bytes) -> str:
    """The keywords of a PDF, which may be anybody's; ours carry the verification code."""
    with bounded_pikepdf().open(io.BytesIO(pdf)) as document:
        return str(document.docinfo.get("/Keywords", ""))


def places(pdf: bytes | Path) -> list[set[str]]:
    """By page, the ids of the template's elements that stand on it."""
    import pikepdf

    with pikepdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as document:
        numbers = {page.objgen: place for place, page in enumerate(document.pages)}
        found: list[set[str]] = [set() for _ in document.pages]
        if "/Names" in document.Root and "/Dests" in document.Root.Names:
            for name, target in pikepdf.NameTree(document.Root.Names.Dests).items():
                found[numbers[target[0].objgen]].add(name)
    return found


def headings(pdf: bytes | Path) -> list[tuple[int, str]]:
    """(page from 0, title) of the first level of bookmarks."""
    import pikepdf

    with (
        pikepdf.open(pdf if isinstance(pdf, Path) else io.BytesIO(pdf)) as document,
        document.open_outline() as outline,
    ):
        numbers = {page.objgen: place for place, page in enumerate(document.pages)}
        return [(numbers[one.destination[0].objgen], one.title) for one in outline.root]
