"""The rules of an edition that nobody has seen in the original, each with what is missing to make it sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessment.chapters.registry import Chapter, chapters
from assessment.drafting import documents
from assessment.drafting.words import title
from assessment.vocabulary import Standing

NO_SOURCE = "没有写依据文件"
ONLY_WEB = "只有转载的网址，缺官方文件"
UNSEEN = "{title}的原文没有取得"
UNREAD = "文件在手，还没有和条款逐字核对"
NO_CLAUSE = "没有条款号"


@dataclass(frozen=True)
class Doubt:
    """One rule. `path` leads to its row at the policy desk."""

    path: str
    called: str
    title: str
    clause: str
    standing: str
    source: str
    missing: str


@dataclass(frozen=True)
class ChapterDoubts:
    chapter: Chapter
    rows: tuple[Doubt, ...]


def listed(source: Mapping[str, Any]) -> list[ChapterDoubts]:
    """Chapter by chapter; chapters without a doubt are left out. `source` is Edition.source or a draft's chapters."""
    papers = {one.get("id"): one for one in (source.get("edition") or {}).get("documents") or ()}
    found = (ChapterDoubts(one, tuple(_doubts(one, source[one.name], papers))) for one in _readable(source))
    return [one for one in found if one.rows]


def _readable(source: Mapping[str, Any]) -> list[Chapter]:
    return [one for one in chapters() if one.shape and one.name in source]


def _doubts(chapter: Chapter, doc: Any, papers: Mapping[Any, Mapping[str, Any]]):
    for place in documents.walk(doc, chapter.shape):
        row = place.node
        if place.number and isinstance(row, dict) and row.get("standing", Standing.OFFICIAL) != Standing.OFFICIAL:
            yield Doubt(
                place.path, place.called, title(row), str(row.get("clause") or ""), str(row["standing"]),
                str(row.get("source") or ""), missing(row, papers),
            )  # fmt: skip


def missing(row: Mapping[str, Any], papers: Mapping[Any, Mapping[str, Any]]) -> str:
    """What would have to be there for the rule to be official."""
    if "id" in row:
        return UNSEEN.format(title=f"《{row.get('title', '')}》")
    source, paper = row.get("source"), papers.get(row.get("source"))
    if not source:
        return NO_SOURCE
    if paper is None:
        return ONLY_WEB
    if paper.get("standing") != Standing.OFFICIAL:
        return UNSEEN.format(title=f"{paper.get('part', '')}《{paper.get('title', '')}》")
    return UNREAD if row.get("clause", "-") else NO_CLAUSE
