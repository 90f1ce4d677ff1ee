"""The one door for documents: PDF, merged PDF, xlsx. The heavy libraries are imported inside the functions.

Rendering sees only the assets it is handed; nothing is fetched, from the network or from disk.
"""

from __future__ import annotations

import base64
import importlib.metadata
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string

if TYPE_CHECKING:
    import pikepdf

Progress = Callable[[int, int, str], None]
# How much of a workbook's description is read: ours is a few hundred bytes.
CORE_BYTES = 1 << 16


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


def qr_svg(text: str) -> Asset:
    """A QR code as an SVG asset (error correction M, no border; the layout leaves the quiet zone)."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None
    )
    return Asset(out.getvalue(), "image/svg+xml")


def render_pdf(
    template: str,
    context: Mapping[str, object],
    *,
    created: datetime,
    assets: Mapping[str, Asset] | None = None,
    identifier: str = "",
    attachments: Mapping[str, bytes] | None = None,
) -> Rendered:
    """Draw `template` as a PDF. In the template an asset is addressed as `asset:<name>`.

    The bytes depend only on the arguments and the toolchain: dates come from `created`, the id from `identifier`.
    Raises RuntimeError naming anything the template tried to load that it was not handed.
    """
    html = render_to_string(template, dict(context))
    return Rendered(html, _draw(html, created, dict(assets or {}), identifier, attachments or {}))


def _draw(html: str, created: datetime, assets: dict, identifier: str, attachments: Mapping[str, bytes]) -> bytes:
    import weasyprint

    fetcher = _fetcher(assets)
    when = created.astimezone(UTC)
    notes = [
        weasyprint.Attachment(string=content, name=name, created=when, modified=when)
        for name, content in attachments.items()
    ]
    document = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=fetcher).render(stylesheets=_styles())
    document.metadata.created = document.metadata.modified = when.isoformat(timespec="seconds")
    document.metadata.attachments = notes
    pdf = document.write_pdf(pdf_identifier=identifier.encode() or None)
    if fetcher.refused:
        raise RuntimeError(f"the template asked for what it was not given: {', '.join(fetcher.refused[:3])}")
    return pdf


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
) -> bytes:
    """Join PDFs in order with a bookmark each and, if `stamp`, continuous page numbers in the lower margin.

    Links inside each part keep working; equal input gives equal bytes.
    """
    import pikepdf

    merged = pikepdf.new()
    starts: list[tuple[str, int]] = []
    sources = []
    for number, part in enumerate(parts):
        if progress:
            progress(number, len(parts), part.title)
        source = pikepdf.open(part.pdf if isinstance(part.pdf, Path) else io.BytesIO(part.pdf))
        sources.append(source)
        starts.append((part.title, len(merged.pages)))
        _make_links_explicit(source)
        merged.pages.extend(source.pages)
    with merged.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(name, page) for name, page in starts)
    if stamp:
        _stamp_numbers(merged)
    _describe(merged, title, created, keywords)
    out = io.BytesIO()
    merged.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


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


def _stamp_numbers(pdf: pikepdf.Pdf) -> None:
    """Write `n / total` at the lower right of every page, in a standard font that needs no embedding."""
    import pikepdf

    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    font = pdf.make_indirect(font)
    total = len(pdf.pages)
    for number, page in enumerate(pdf.pages, start=1):
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
    """The keywords of a PDF; ours carry the verification code."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return str(document.docinfo.get("/Keywords", ""))


@dataclass(frozen=True)
class Column:
    title: str
    width: float = 14
    centred: bool = False


@dataclass(frozen=True)
class Sheet:
    """One printed worksheet: lines above the table, header, rows of text, lines below. All cells are text."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    title: str = ""
    above: Sequence[str] = ()
    below: Sequence[str] = ()
    landscape: bool = True
    footer: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


def write_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """Write worksheets for people: merged title, borders, print titles, A4. Text never becomes a formula."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write_sheet(book.create_sheet(_sheet_name(sheet.name)), sheet)
        for name, value in sheet.properties.items():
            setattr(book.properties, name, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "", name)[:31] or "表"


def _write_sheet(page: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    width = len(sheet.columns)
    row = 1
    for line in [*([sheet.title] if sheet.title else []), *sheet.above]:
        _put(page, row, 1, line, bold=line == sheet.title, size=16 if line == sheet.title else 11, border=False)
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
        row += 1
    for place, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(place)].width = column.width
        _put(page, row, place, column.title, bold=True, centred=True)
    page.print_title_rows = f"{row}:{row}"
    page.freeze_panes = f"A{row + 1}"
    for values in sheet.rows:
        row += 1
        for place, (value, column) in enumerate(zip(values, sheet.columns, strict=True), start=1):
            _put(page, row, place, value, centred=column.centred)
    for line in sheet.below:
        row += 1
        _put(page, row, 1, line, border=False)
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    _page_setup(page, sheet)


def _put(
    page: Any,
    row: int,
    column: int,
    value: str,
    *,
    bold: bool = False,
    centred: bool = False,
    size: int = 11,
    border: bool = True,
) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Border, Font, Side

    cell = page.cell(row, column)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
    # A text that starts with = + - @ must stay a text in every spreadsheet program.
    cell.data_type = "s"
    cell.quotePrefix = str(value)[:1] in "=+-@"
    cell.font = Font(bold=bold, size=size)
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if centred or size > 11 else None)
    if border:
        edge = Side(style="thin")
        cell.border = Border(left=edge, right=edge, top=edge, bottom=edge)


def _page_setup(page: Any, sheet: Sheet) -> None:
    page.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = sheet.footer or "第 &P 页 共 &N 页"


def read_xlsx(content: bytes) -> list[tuple[str, list[list[str]]]]:
    """(sheet name, rows of text) of a workbook that files.inspect() has accepted."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    return [
        (page.title, [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)])
        for page in book.worksheets
    ]


def xlsx_keywords(content: bytes) -> str:
    """The keywords of a workbook; ours carry the verification code. Nothing else of a stranger's file is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("docProps/core.xml") as part:
        found = re.search(rb"<cp:keywords>([^<]{0,200})</cp:keywords>", part.read(CORE_BYTES))
    return found[1].decode("utf-8") if found else ""


def data_uri(asset: Asset) -> str:
    return f"data:{asset.mime};base64,{base64.b64encode(asset.content).decode('ascii')}"
