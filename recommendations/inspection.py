"""Checking a file the system is said to have issued: is it byte for byte ours, and does what it shows still hold?"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from recommendations.models import Seal
from smartfactory import documents, verification
from smartfactory.canonical import sha256
from smartfactory.models import IssuedFile, Job
from smartfactory.verification import ALTERED, INTACT, UNKNOWN, Result


@dataclass(frozen=True)
class Inspected:
    """`kind` is pdf, xlsx, manifest, packet or unknown; `status` is of the file, `result` of what stands behind it."""

    kind: str
    status: str
    result: Result
    details: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {"kind": self.kind, "code": self.result.code, "status": self.status, "details": self.details}


def inspect(content: bytes, name: str = "") -> Inspected:
    """Find the code inside a PDF, workbook, manifest or packet and verify file and content."""
    kind, code = _identify(content)
    if packet := Job.objects.filter(result_id=sha256(content), kind="packet").first():
        return _packet(packet, code)
    result = verification.check(code) if code else Result(UNKNOWN, "")
    if result.issued is None:
        return Inspected(
            kind, UNKNOWN, result, ["文件里没有找到本系统签发的校验码"] if not code else ["没有签发过这个校验码"]
        )
    details = list(result.finding.details)
    if not _ours(kind, content, result):
        details.insert(0, "文件与系统签发的不一致，可能被改动过")
        return Inspected(kind, ALTERED, result, details)
    return Inspected(kind, result.status, result, details)


def _packet(job: Job, code: str) -> Inspected:
    """The bytes are exactly those of a packet we made; what it was made from is checked afresh."""
    result = verification.check(code) if code else Result(UNKNOWN, "")
    status = INTACT if result.status == UNKNOWN else result.status
    return Inspected("packet", status, result, list(result.finding.details))


def _identify(content: bytes) -> tuple[str, str]:
    """(kind, code); an empty code where there is none or the file cannot be read."""
    try:
        if content[:5] == b"%PDF-":
            return "pdf", documents.pdf_keywords(content)
        if content[:2] == b"PK":
            return "xlsx", documents.xlsx_keywords(content)
        if content.lstrip()[:1] == b"{":
            return "manifest", _manifest_code(content)
    except Exception:
        return "unknown", ""
    return "unknown", ""


def _manifest_code(content: bytes) -> str:
    """A manifest's own digest is its code; an altered one is traced through the list it names."""
    digest = sha256(content)
    if Seal.objects.filter(sha256=digest).exists():
        return digest[:16].upper()
    listed = json.loads(content).get("list", "")
    seal = Seal.objects.filter(list__public_id=str(listed)).first()
    return seal.code if seal else ""


def _ours(kind: str, content: bytes, result: Result) -> bool:
    digest = sha256(content)
    if kind == "manifest":
        return digest == result.issued.digest
    return IssuedFile.objects.filter(document=result.issued, file_id=digest).exists()
