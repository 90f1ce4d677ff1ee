"""From finished projects to volumes: cover, contents, sheet, page numbers through all of them, and the manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from recommendations import exports
from recommendations.models import Packet, PacketPiece
from recommendations.packing.pieces import ATTACHED
from smartfactory import documents, verification
from smartfactory.canonical import canonical_json
from smartfactory.models import StoredFile
from smartfactory.page_codes import linking

SCHEMA = "sf-packet/1"


@dataclass
class Volume:
    """Some projects in order, below the limit of size together; a project larger than that stands alone."""

    number: int
    pieces: list[PacketPiece]
    front: bytes = b""
    first: int = 1
    pages: int = 0


class Binding:
    """The whole packet, laid out before the first page is merged: every number in the contents is known."""

    def __init__(self, packet: Packet, pieces: list[PacketPiece], folder: Path) -> None:
        self.packet, self.pieces, self.folder = packet, pieces, folder
        self.sheet = _sheet(packet)
        self.volumes = [Volume(number, some) for number, some in enumerate(self._split(), 1)]
        # Drawn twice: only the first tells how many pages the fronts take, and so where everything starts.
        for _ in range(2):
            self._lay_out()

    def path(self, piece: PacketPiece) -> Path:
        return self.folder / f"{piece.place}.pdf"

    def _split(self) -> list[list[PacketPiece]]:
        groups: list[list[PacketPiece]] = [[]]
        size = len(self.sheet)
        for piece in self.pieces:
            more = self.path(piece).stat().st_size + sum(one["size"] for one in piece.files if one["how"] == ATTACHED)
            if groups[-1] and size + more > settings.PACKET_PART_BYTES:
                groups.append([])
                size = 0
            groups[-1].append(piece)
            size += more
        return groups

    def _lay_out(self) -> None:
        contents = self._contents()
        page = 1
        for volume in self.volumes:
            volume.first = page
            volume.front = self._front(volume, contents)
            volume.pages = documents.page_count(volume.front) + sum(one.pages for one in volume.pieces)
            if volume.number == 1 and self.sheet:
                volume.pages += documents.page_count(self.sheet)
            page += volume.pages
        self.total = page - 1

    def starts(self) -> dict[int, tuple[int, int]]:
        """By place: (volume, page in the continuous numbering)."""
        found = {}
        for volume in self.volumes:
            page = volume.first + volume.pages - sum(one.pages for one in volume.pieces)
            for piece in volume.pieces:
                found[piece.place] = volume.number, page
                page += piece.pages
        return found

    def _contents(self) -> list[dict[str, Any]]:
        starts, rows = self.starts(), {row["rank"]: row for row in self.packet.rows}
        return [
            {"row": rows[one.place], "piece": one, "volume": starts[one.place][0], "page": starts[one.place][1]}
            for one in self.pieces
        ]

    def _front(self, volume: Volume, contents: list[dict[str, Any]]) -> bytes:
        code = self.packet.code
        url = exports.verify_url(code) if code else ""
        context = {
            "packet": self.packet, "contents": contents if volume.number == 1 else [], "title": self.packet.title,
            "code": code, "verify_url": url, "foot_note": "评审材料，请勿转发", "volume": volume.number,
            "volumes": len(self.volumes),
        }  # fmt: skip
        identifier = f"{self.packet.public_id}-{volume.number}"
        made = documents.render_pdf(
            "pdf/packet.html", context, created=self.packet.created_at, identifier=identifier,
            page_code=linking(url, "packet") if code else None,
        )  # fmt: skip
        return made.pdf

    def bind(self, volume: Volume, target: Path, progress: Callable[[int, int, str], None]) -> None:
        """Write one volume."""
        rows = {row["rank"]: row for row in self.packet.rows}
        first = volume.number == 1
        parts = [documents.Part("封面与目录" if first else "封面", volume.front)]
        if first and self.sheet:
            parts.append(documents.Part("推荐汇总表", self.sheet))
        for one in volume.pieces:
            name = f"{one.place}. {rows[one.place]['enterprise']}"
            parts.append(documents.Part(name, self.path(one), tuple(map(tuple, one.marks))))
        documents.merge_pdfs(
            parts, title=self.packet.title, created=self.packet.created_at, keywords=self.packet.code, progress=progress,
            first=volume.first, total=self.total, attached=_attached(volume.pieces), out=target,
        )  # fmt: skip

    def manifest(self, volumes: list[dict[str, Any]]) -> str:
        """What is in the packet and the digests of all of it, as canonical JSON."""
        starts, rows = self.starts(), {row["rank"]: row for row in self.packet.rows}
        entries = [
            {
                "place": one.place, "enterprise": rows[one.place]["enterprise"], "title": rows[one.place]["title"],
                "revision_sha256": rows[one.place]["sha256"], "volume": starts[one.place][0],
                "page": starts[one.place][1], "pages": one.pages, "missing": one.trouble, "files": one.files,
            }
            for one in self.pieces
        ]  # fmt: skip
        said = {
            "schema": SCHEMA, "packet": self.packet.public_id, "title": self.packet.title, "code": self.packet.code,
            "ordered_at": self.packet.created_at.isoformat(timespec="seconds"), "pages": self.total,
            "volumes": volumes, "entries": entries,
        }  # fmt: skip
        return canonical_json(said)


def _sheet(packet: Packet) -> bytes:
    if not packet.list_id:
        return b""
    kept = verification.rendered(packet.list.seal.issued, "summary-sheet.pdf")
    return kept.read() if kept else exports.sheet_pdf(packet.list.seal)


def _attached(pieces: list[PacketPiece]) -> dict[str, Path]:
    """Files that are no pages, by a name that says whose they are."""
    wanted = [(one.place, line) for one in pieces for line in one.files if line["how"] == ATTACHED]
    stored = StoredFile.objects.in_bulk([line["sha256"] for _, line in wanted])
    return {
        f"{place}-{number}-{line['name']}": stored[line["sha256"]].path
        for number, (place, line) in enumerate(wanted, 1)
    }
