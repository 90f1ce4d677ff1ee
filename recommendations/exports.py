"""The documents of a sealed list, drawn from its manifest and annex, never from live rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.models import Seal
from smartfactory import documents
from smartfactory.canonical import grouped, sha256
from smartfactory.page_codes import linking

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PURGED = "（已按规定清除）"


class AnnexMismatch(RuntimeError):
    """The annex is not the one the manifest commits to: nothing may be drawn from it."""


# Lines of a cell that still fit below the heading of the first page.
TALLEST_ROW = 14


@dataclass(frozen=True)
class SummarySheet:
    """推荐汇总表 as its notice prints it: the columns, and every row in that order, a cell being lines of text."""

    title: str
    annex: str
    unit_label: str
    authority: str
    columns: list[dict[str, Any]]
    rows: list[list[list[str]]]
    notes: list[str]
    sealed_at: datetime
    code: str

    @property
    def named_rows(self) -> list[list[tuple[str, list[str]]]]:
        """The rows with each cell beside the key of its column."""
        keys = [column["key"] for column in self.columns]
        return [list(zip(keys, row, strict=True)) for row in self.rows]

    @property
    def printed(self) -> list[tuple[bool, list[list[str]]]]:
        """The rows, each with whether it is too tall to be kept on one page below the heading."""
        return [(max(map(len, row)) > TALLEST_ROW, row) for row in self.rows]

    @property
    def sealed_words(self) -> str:
        when = timezone.localtime(self.sealed_at).strftime("%Y年%m月%d日 %H:%M")
        return f"本表共 {len(self.rows)} 项，由系统于 {when} 封存"


def summary_sheet(seal: Seal) -> SummarySheet:
    """Raises AnnexMismatch when the contacts are not those that were sealed."""
    sealed = seal.content
    layout = sealed["layouts"]["sheet"]
    contacts = _contacts(seal, sealed)
    cells = [_cells(one, contacts) for one in sealed["entries"]]
    return SummarySheet(
        title=layout["title"],
        annex=layout.get("annex", ""),
        unit_label=layout.get("unit_label", ""),
        authority=sealed["authority"]["name"],
        columns=layout["columns"],
        rows=[[row[column["key"]] for column in layout["columns"]] for row in cells],
        notes=layout.get("notes", []),
        sealed_at=parse_datetime(sealed["sealed_at"]),
        code=seal.code,
    )


def _contacts(seal: Seal, sealed: dict[str, Any]) -> dict[str, list[str]]:
    if not seal.annex:
        return {}
    if sha256(seal.annex) != sealed["annex_sha256"]:
        raise AnnexMismatch("联系人附录与封存时不一致，没有生成文件")
    return json.loads(seal.annex)["contacts"]


def _cells(one: dict[str, Any], contacts: dict[str, list[str]]) -> dict[str, list[str]]:
    name, phone = contacts.get(str(one["rank"]), (PURGED, PURGED))
    return {
        "rank": [str(one["rank"])],
        "enterprise": [one["enterprise"]],
        "title": [one["title"]],
        "instances": [f"{number}. {line}" for number, line in enumerate(one["instances"], 1)],
        "contact": [name],
        "phone": [phone],
        "place": [one["place"]],
        "number": [one["number"]],
    }


def verify_url(code: str) -> str:
    return f"{settings.SITE_URL}/verify/{code}/"


def _page(seal: Seal, **more: Any) -> dict[str, Any]:
    return {"code": seal.code, "verify_url": verify_url(seal.code), **more}


def sheet_pdf(seal: Seal) -> bytes:
    sheet = summary_sheet(seal)
    return _draw("pdf/sheet.html", "sheet", seal, _page(seal, sheet=sheet, title=sheet.title))


def letter_pdf(seal: Seal) -> bytes:
    """推荐函: the seal's place stays blank; no stamp is ever drawn."""
    sealed = seal.content
    layout = sealed["layouts"].get("letter", {})
    words = {
        "count": len(sealed["entries"]),
        "authority": sealed["authority"]["name"],
        "year": sealed["edition"]["year"],
        "track": sealed["track"]["title"],
    }
    paragraphs = [_fill(line, words) for line in layout.get("paragraphs", [])]
    context = _page(
        seal,
        title=_fill(layout.get("title", "推荐函"), words),
        recipients=_recipients(sealed, layout),
        paragraphs=paragraphs,
        entries=sealed["entries"],
        authority=sealed["authority"]["name"],
        sealed_at=parse_datetime(sealed["sealed_at"]),
        copies=layout.get("copies"),
    )
    return _draw("pdf/letter.html", "letter", seal, context)


def _recipients(sealed: dict[str, Any], layout: dict[str, Any]) -> list[str]:
    """Whom the notice names for this kind of unit; below that, the unit above where it takes the list up."""
    kind, named = sealed["authority"]["kind"], layout.get("recipients", [])
    if sealed["sent_to"]:
        return [one["name"] for one in named if kind in one.get("only", [])] or [sealed["sent_to"]]
    return [one["name"] for one in named if not one.get("only") or kind in one["only"]]


def _fill(text: str, words: dict[str, object]) -> str:
    """Placeholders of the wording: {count}, {authority}, {year}, {track}."""
    for key, value in words.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text


def _draw(template: str, name: str, seal: Seal, context: dict[str, Any]) -> bytes:
    made = documents.render_pdf(
        template,
        context,
        created=seal.sealed_at,
        page_code=linking(verify_url(seal.code), name),
        identifier=seal.sha256,
        attachments={"manifest.json": seal.manifest.encode("utf-8")},
    )
    return made.pdf


def sheet_xlsx(seal: Seal) -> bytes:
    sheet = summary_sheet(seal)
    return documents.write_xlsx(
        [
            documents.Sheet(
                name="推荐汇总表",
                title=sheet.title,
                above=[f"{sheet.unit_label}{sheet.authority}"],
                columns=[
                    documents.Column(one["title"], one["width_mm"] / 2, one["key"] in {"rank"}) for one in sheet.columns
                ],
                rows=[["\n".join(cell) for cell in row] for row in sheet.rows],
                below=[*sheet.notes, sheet.sealed_words, f"校验码 {grouped(seal.sha256)}　{verify_url(seal.code)}"],
                footer=f"校验码 {grouped(seal.sha256)}　第 &P 页 共 &N 页",
                properties={"keywords": seal.code, "title": sheet.title},
            )
        ]
    )


DRAWERS = {
    "summary-sheet.pdf": (sheet_pdf, "application/pdf"),
    "summary-sheet.xlsx": (sheet_xlsx, XLSX),
    "cover-letter.pdf": (letter_pdf, "application/pdf"),
}
