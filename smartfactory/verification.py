"""Issued documents and how anybody checks one: a printed code leads to a fresh verification, never to a stored yes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from smartfactory import files
from smartfactory.models import IssuedDocument, IssuedFile, StoredFile

INTACT, ALTERED, UNKNOWN, UNCHECKED, SUPERSEDED = "intact", "altered", "unknown", "unchecked", "superseded"
CODE_LENGTH = 16


@dataclass(frozen=True)
class Finding:
    """What checking one document found. `facts` are public (label, value) pairs; `details` name what does not hold."""

    status: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    items: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    status: str
    code: str
    issued: IssuedDocument | None = None
    finding: Finding = field(default_factory=lambda: Finding(UNKNOWN))


Verifier = Callable[[IssuedDocument], Finding]
_verifiers: dict[str, Verifier] = {}


def register(kind: str, verifier: Verifier) -> None:
    """Name the function that re-checks documents of `kind` from the sealed content, the live rows and the trail."""
    _verifiers[kind] = verifier


def normalise(code: str) -> str:
    """A code as typed or printed (groups, lower case, full-width signs) in its stored form."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()


def readable(code: str) -> bool:
    """Whether a normalised code could have been issued at all."""
    return re.fullmatch(f"[0-9A-F]{{{CODE_LENGTH}}}", code) is not None


def issue(
    kind: str, *, title: str, subject: str, digest: str, issuer: str, audit_seq: int | None = None
) -> IssuedDocument:
    """Register a document drawn from content with this digest; the same content is the same document."""
    return IssuedDocument.objects.get_or_create(
        code=digest[:CODE_LENGTH].upper(),
        defaults={
            "kind": kind,
            "title": title,
            "subject": subject,
            "digest": digest,
            "issuer": issuer,
            "issued_at": timezone.now(),
            "audit_seq": audit_seq,
        },
    )[0]


def attach(document: IssuedDocument, name: str, content: bytes, mime: str) -> IssuedFile:
    """Keep one rendering of the document. The first stays: a second worker's copy is not another document."""
    from smartfactory.documents import toolchain

    stored = files.put(content, mime)
    return IssuedFile.objects.get_or_create(
        document=document, name=name, defaults={"file": stored, "toolchain": toolchain()}
    )[0]


def rendered(document: IssuedDocument, name: str) -> StoredFile | None:
    found = document.files.filter(name=name).select_related("file").first()
    return found.file if found else None


def check(code: str) -> Result:
    """Verify the document behind `code` afresh."""
    code = normalise(code)
    issued = IssuedDocument.objects.filter(code=code).first() if readable(code) else None
    if issued is None:
        return Result(UNKNOWN, code)
    verifier = _verifiers.get(issued.kind)
    finding = verifier(issued) if verifier else Finding(UNCHECKED)
    if damaged := _damaged_files(issued):
        finding = Finding(ALTERED, finding.facts, [*finding.details, *damaged], finding.items)
    status = SUPERSEDED if finding.status == INTACT and issued.superseded_by_id else finding.status
    return Result(status, code, issued, finding)


def _damaged_files(issued: IssuedDocument) -> list[str]:
    """Kept renderings whose bytes no longer match their digest (missing counts)."""
    from smartfactory.canonical import sha256

    bad = []
    for one in issued.files.select_related("file"):
        path = one.file.path
        if not path.exists() or sha256(path.read_bytes()) != one.file.digest:
            bad.append(f"保存的文件（{one.name}）已被改动或丢失")
    return bad
