"""Checking a file the system is said to have issued: is it byte for byte ours, and does what it shows still hold?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from declarations.models import Revision
from recommendations import seal_package
from recommendations.models import Packet, Seal
from smartfactory import documents, verification
from smartfactory.canonical import sha256
from smartfactory.models import IssuedDocument, IssuedFile
from smartfactory.verification import ALTERED, INTACT, UNKNOWN, Result

CONTENT_NAMES = {"manifest": "推荐名单的封存内容（JSON）", "declaration": "申报书的定稿内容（JSON）"}
FILE_NAMES = {
    "summary-sheet.pdf": "推荐汇总表（PDF）",
    "summary-sheet.xlsx": "推荐汇总表（Excel）",
    "cover-letter.pdf": "推荐函（PDF）",
    "summary-sheet.sealed.pdf": "盖了电子签章的推荐汇总表（PDF）",
    "cover-letter.sealed.pdf": "盖了电子签章的推荐函（PDF）",
    "declaration.pdf": "申报书（PDF）",
    "receipt.pdf": "提交回执（PDF）",
}
SEAL_PACKAGE_NAME = "封存包（离线核验用）"
PACKET_NAME = "评审材料包"


@dataclass(frozen=True)
class Inspected:
    """`kind` is pdf, xlsx, manifest, declaration, packet, seal_package or unknown; `status` is of the file, `result` of what stands
    behind it, `name` the document's as it was issued."""

    kind: str
    status: str
    result: Result
    details: list[str] = field(default_factory=list)
    name: str = ""

    def as_json(self) -> dict[str, object]:
        return {"kind": self.kind, "code": self.result.code, "status": self.status, "details": self.details}


def inspect(content: bytes, name: str = "") -> Inspected:
    """Find the code inside a PDF, workbook, manifest or packet and verify file and content."""
    kind, code = _identify(content)
    if packet := _packet_of(sha256(content)):
        return _packet(packet)
    result = verification.check(code) if code else Result(UNKNOWN, "")
    if result.issued is None:
        return Inspected(
            kind, UNKNOWN, result, ["文件里没有找到本系统签发的校验码"] if not code else ["没有签发过这个校验码"]
        )
    details = list(result.finding.details)
    if (issued_as := _issued_as(kind, content, result)) is None:
        details.insert(0, "文件与系统签发的不一致，可能被改动过")
        return Inspected(kind, ALTERED, result, details)
    return Inspected(kind, result.status, result, details, issued_as)


def _packet_of(digest: str) -> Packet | None:
    """The packet of which this is a volume or the manifest; volumes are known also after their files are gone."""
    volume = Q(parts__sha256=digest)
    return Packet.objects.filter(volume | Q(manifest_id=digest)).select_related("list__seal").first()


def _packet(packet: Packet) -> Inspected:
    """The bytes are exactly those of a packet we made; what it was made from is checked afresh."""
    code = packet.code
    result = verification.check(code) if code else Result(UNKNOWN, "")
    status = INTACT if result.status == UNKNOWN else result.status
    return Inspected("packet", status, result, list(result.finding.details), PACKET_NAME)


def _identify(content: bytes) -> tuple[str, str]:
    """(kind, code); an empty code where there is none or the file cannot be read."""
    try:
        if content[:5] == b"%PDF-":
            return "pdf", documents.pdf_keywords(content)
        if content[:2] == b"PK":
            code = seal_package.code_in(content)
            return ("seal_package", code) if code else ("xlsx", documents.xlsx_keywords(content))
        if content.lstrip()[:1] == b"{":
            return _json_code(content)
    except Exception:
        return "unknown", ""
    return "unknown", ""


def _json_code(content: bytes) -> tuple[str, str]:
    """A sealed or frozen content's own digest is its code; an altered one is traced through the row it names."""
    said = json.loads(content)
    kind = "manifest" if "list" in said else "declaration"
    if issued := IssuedDocument.objects.filter(digest=sha256(content)).first():
        return kind, issued.code
    row = _sealed_row(said) if kind == "manifest" else _frozen_row(said)
    return kind, row.issued.code if row and row.issued else ""


def _sealed_row(said: dict[str, Any]) -> Seal | None:
    return Seal.objects.filter(list__public_id=str(said["list"])).select_related("issued").first()


def _frozen_row(said: dict[str, Any]) -> Revision | None:
    named = {"declaration__public_id": str(said["declaration"]["id"]), "number": int(said["revision"])}
    return Revision.objects.filter(**named).select_related("issued").first()


def _issued_as(kind: str, content: bytes, result: Result) -> str | None:
    """What the file is called if it is byte for byte ours, else None."""
    digest = sha256(content)
    if kind in CONTENT_NAMES:
        return CONTENT_NAMES[kind] if digest == result.issued.digest else None
    if kind == "seal_package":
        seal = Seal.objects.filter(issued=result.issued).first()
        return SEAL_PACKAGE_NAME if seal and seal_package.is_ours(seal, content) else None
    kept = IssuedFile.objects.filter(document=result.issued, file_id=digest).first()
    return FILE_NAMES.get(kept.name, kept.name) if kept else None
