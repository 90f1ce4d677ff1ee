"""What was changed online after a workbook was handed out: the workbook carries the versions it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from declarations import content
from declarations.models import ScenarioInstance, SectionContent
from declarations.workbook.reading import Reading
from smartfactory import documents

if TYPE_CHECKING:
    from declarations.models import Declaration

MARK = "下载时的版本，请不要改："
Versions = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Late:
    """Who changed an answer online after the workbook was handed out, and when."""

    by: str
    at: datetime


def stamp(declaration: Declaration) -> str:
    """The versions of the parts and the scenarios now, as the workbook carries them.

    Take it before the answers are read: what is changed in between then counts as later, never as known.
    """
    parts = dict(SectionContent.objects.filter(declaration=declaration).values_list("key", "version"))
    scenarios = dict(ScenarioInstance.objects.filter(declaration=declaration).values_list("uid", "version"))
    return MARK + json.dumps([declaration.public_id, parts, scenarios], separators=(",", ":"))


def stamped(declaration: Declaration, body: bytes) -> Versions | None:
    """The versions a workbook carries; None where it carries none, or those of another declaration."""
    try:
        owner, parts, scenarios = json.loads(documents.xlsx_description(body).removeprefix(MARK))
    except (ValueError, TypeError):
        return None
    sound = all(isinstance(one, dict) and all(type(n) is int for n in one.values()) for one in (parts, scenarios))
    return {"parts": parts, "scenarios": scenarios} if sound and owner == declaration.public_id else None


def changed(declaration: Declaration, reading: Reading, versions: Versions | None) -> dict[str, list[str]]:
    """Address → [who, when] for every answer of the workbook that was changed online after it was handed out."""
    return dict(_changed(declaration, reading, versions)) if versions else {}


def _changed(declaration: Declaration, reading: Reading, versions: Versions) -> Iterator[tuple[str, list[str]]]:
    for row in SectionContent.objects.filter(declaration=declaration, key__in=list(reading.values)):
        known = versions["parts"].get(row.key, 0)
        yield from _marks(row.key, row.changed, reading.values[row.key], known)
    section = content.describe(declaration.track).instance_section
    sent = dict(reading.instances)
    for row in ScenarioInstance.objects.filter(declaration=declaration, uid__in=list(sent)):
        known = versions["scenarios"].get(row.uid, 0)
        yield from _marks(f"{section.key}.{row.uid}", row.changed, sent[row.uid], known)


def _marks(
    where: str, marks: Mapping[str, list], sent: Mapping[str, Any], known: int
) -> Iterator[tuple[str, list[str]]]:
    for name, (version, by, at, *_) in marks.items():
        if version > known and name in sent:
            yield f"{where}.{name}", [by, at]
