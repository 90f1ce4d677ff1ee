"""Worksheets for people, written and read. The library is imported inside the functions; use it through documents.py."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# How much of a workbook's description is read: ours is a few hundred bytes.
CORE_BYTES = 1 << 16


@dataclass(frozen=True)
class Column:
    """`choices` become a drop-down in every row below the header."""

    title: str
    width: float = 14
    centred: bool = False
    choices: Sequence[str] = ()


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


# Rows below the header that get a drop-down, filled or not.
CHOICE_ROWS = 500
CHOICES = "选项"
UNCOMPUTED = "#VALUE!"


def write_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """Write worksheets for people: merged title, borders, print titles, A4. Text never becomes a formula."""
    import openpyxl

    sheets = list(sheets)
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write_sheet(book.create_sheet(_sheet_name(sheet.name)), sheet)
        for name, value in sheet.properties.items():
            setattr(book.properties, name, value)
    _offer_choices(book, sheets)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offer_choices(book: Any, sheets: Sequence[Sheet]) -> None:
    """Lists of choices stand on a sheet of their own, since a list written into the rule itself may not be long."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    wanted = [
        (page, place, len(sheet.above) + bool(sheet.title) + 2, column.choices)
        for page, sheet in zip(book.worksheets, sheets, strict=True)
        for place, column in enumerate(sheet.columns, start=1)
        if column.choices
    ]
    if not wanted:
        return
    lists = book.create_sheet(CHOICES)
    lists.sheet_state = "hidden"
    for number, (page, place, first, choices) in enumerate(wanted, start=1):
        for row, choice in enumerate(choices, start=1):
            _put(lists, row, number, choice, border=False)
        letter = get_column_letter(number)
        rule = DataValidation(type="list", formula1=f"{CHOICES}!${letter}$1:${letter}${len(choices)}", allow_blank=True)
        rule.errorTitle, rule.error, rule.showErrorMessage = "请从列表里选", "这一列只能从下拉列表里选", True
        column = get_column_letter(place)
        rule.add(f"{column}{first}:{column}{first + CHOICE_ROWS}")
        page.add_data_validation(rule)


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


def read_xlsx(
    content: bytes, *, rows: int | None = None, columns: int | None = None
) -> list[tuple[str, list[list[str]]]]:
    """(sheet name, rows of text) of a workbook that files.inspect() has accepted, up to so many rows and columns.

    A sheet may claim a million rows; whoever reads what people send says how many are meant.
    """
    import openpyxl

    values, written = (
        openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=computed) for computed in (True, False)
    )
    return [
        (name, _rows(values[name], written[name], rows, columns))
        for name in (page.title for page in values.worksheets)
        if name != CHOICES
    ]


def _rows(values: Any, written: Any, rows: int | None, columns: int | None) -> list[list[str]]:
    """What each cell says. A formula that no program has computed yet says so, instead of nothing."""
    limits = {"max_row": rows, "max_col": columns, "values_only": True}
    pairs = zip(values.iter_rows(**limits), written.iter_rows(**limits), strict=True)
    return [
        [UNCOMPUTED if one is None and other is not None else _cell_text(one) for one, other in zip(*pair, strict=True)]
        for pair in pairs
    ]


def _cell_text(value: object) -> str:
    """What a cell says: whole numbers without a point, days without an hour."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.10g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    return str(value)


def xlsx_description(content: bytes) -> str:
    """The description of a workbook, as a spreadsheet program hands it on; nothing where it has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("docProps/core.xml") as part:
            found = re.search(rb"<dc:description[^>]*>([^<]*)</dc:description>", part.read(CORE_BYTES))
    except (KeyError, OSError, zipfile.BadZipFile):
        return ""
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def xlsx_keywords(content: bytes) -> str:
    """The keywords of a workbook; ours carry the verification code. Nothing else of a stranger's file is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("docProps/core.xml") as part:
        found = re.search(rb"<cp:keywords>([^<]{0,200})</cp:keywords>", part.read(CORE_BYTES))
    return found[1].decode("utf-8") if found else ""
