"""What the pages of the policy desk show, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from assessment import changes, unverified
from assessment.chapters.registry import chapters
from assessment.drafting import carried, checking, documents, words
from assessment.drafting.carried import Carried
from assessment.drafting.checking import Fault
from assessment.drafting.workflow import another, keeps
from assessment.models import DraftStatus
from assessment.unverified import ChapterDoubts
from assessment.yaml_nodes import plain, rows
from smartfactory import workflow

if TYPE_CHECKING:
    from assessment.chapters.registry import Chapter
    from assessment.models import Edition, EditionDraft
    from smartfactory.models import User


SHOWN = 40
# As much of a title as tells two papers apart in the margin.
BRIEF = 16


@dataclass(frozen=True)
class RowLine:
    """One row in a list."""

    place: documents.Place
    faults: int = 0

    @property
    def title(self) -> str:
        return words.title(self.place.node)

    @property
    def facts(self) -> list[tuple[str, str]]:
        return words.facts(self.place.node)

    @property
    def clause(self) -> str:
        return str(self.place.node.get("clause") or "")

    @property
    def standing(self) -> str:
        return str(self.place.node.get("standing") or "")


@dataclass(frozen=True)
class RowList:
    """One list within a chapter or within a row."""

    key: str
    path: str
    title: str
    word: str
    lines: list[RowLine] = field(default_factory=list)


@dataclass(frozen=True)
class ChapterLine:
    chapter: Chapter
    count: int
    faults: int
    unverified: int


class DraftPage:
    """A draft as its pages need it; the checks run once."""

    def __init__(self, draft: EditionDraft, user: User) -> None:
        self.draft, self.user = draft, user

    @cached_property
    def documents(self) -> dict[str, Any]:
        return documents.read(self.draft)

    @cached_property
    def faults(self) -> list[Fault]:
        """What keeps it from being published; of a draft that is published or given up, nothing any more."""
        waits = self.draft.status in (DraftStatus.DRAFTING, DraftStatus.PROPOSED)
        return checking.faults(self.draft) if waits else []

    @property
    def problem_title(self) -> str:
        more = f"；先列 {SHOWN} 处" if len(self.problems) > SHOWN else ""
        return f"有 {len(self.problems)} 处要改正，改完才能发布{more}"

    @property
    def shown_problems(self) -> list:
        return self.problems[:SHOWN]

    @cached_property
    def problems(self) -> list:
        return [one.problem(self.draft) for one in self.faults]

    def changes_since(self, edition: Edition) -> changes.Report:
        """What the draft says differently. A published amendment is compared with what stood there before it."""
        old = self.draft.before if self.draft.before and edition.pk == self.draft.amends_id else edition.source
        return changes.compare(old, {name: plain(doc) for name, doc in self.documents.items()})

    def doubts(self) -> list[tuple[ChapterDoubts, int]]:
        """What is not verified, with the version of each chapter."""
        versions = {one.name: one.version for one in self.draft.chapters.all()}
        return [(one, versions[one.chapter.name]) for one in unverified.listed(self.documents)]

    def carried(self) -> list[Carried]:
        """Rows that still compute with the dates of the edition this one was cloned from; none for an amendment."""
        base = self.draft.base
        if base is None or self.draft.amends_id or not self.draft.open:
            return []
        return carried.listed(self.documents, base.source)

    @property
    def writable(self) -> bool:
        return self.draft.open and keeps(self.user, self.draft)

    @cached_property
    def acts(self) -> list:
        return workflow.available(self.draft, self.user)

    @property
    def waits_for_another(self) -> bool:
        return self.draft.status == "proposed" and not another(self.user, self.draft)

    def chapters(self) -> list[ChapterLine]:
        return [self._line(one) for one in chapters() if one.shape and one.name in self.documents]

    def _line(self, chapter: Chapter) -> ChapterLine:
        places = [one for one in documents.walk(self.documents[chapter.name], chapter.shape) if one.number]
        wrong = [one for one in self.faults if one.chapter == chapter.name]
        doubtful = [one for one in places if isinstance(one.node, dict) and _doubtful(one.node)]
        return ChapterLine(chapter, len(places), len(wrong), len(doubtful))

    def lists(self, chapter: Chapter, at: documents.Place) -> list[RowList]:
        """The lists of a chapter's head, or of one of its rows."""
        wrong: dict[str, int] = {}
        for one in self.faults:
            if one.chapter == chapter.name:
                wrong[one.path] = wrong.get(one.path, 0) + 1
        return list(self._lists(at, wrong))

    def _lists(self, at: documents.Place, wrong: dict[str, int]) -> Iterator[RowList]:
        for key, inner in at.shape.inner.items():
            path = f"{at.path}.{key}" if at.path else key
            if inner.single:
                continue
            found = [
                RowLine(documents.Place(f"{path}.{n}", row, inner, n + 1), wrong.get(f"{path}.{n}", 0))
                for n, row in enumerate(at.node.get(key) or ())
                if isinstance(row, dict)
            ]
            yield RowList(key, path, words.key(key) if key in words.KEYS else inner.word, inner.word, found)

    def singles(self, at: documents.Place) -> list[tuple[str, str]]:
        """Groups of keys that have a page of their own."""
        return [(key, inner.word) for key, inner in at.shape.inner.items() if inner.single]

    def offers(self) -> dict[str, list[tuple[str, str]]]:
        """Codes defined elsewhere in the draft that a row may name."""
        catalogue, campaign = self.documents.get("catalogue") or {}, self.documents.get("campaign") or {}
        return {
            "track": _codes(campaign.get("tracks"), "code"),
            "segment": _codes(catalogue.get("segments"), "code"),
            "area": _codes(catalogue.get("areas"), "code"),
            "paper": [(one, title[:BRIEF]) for one, title in _codes(self.documents["edition"].get("documents"), "id")],
            "document": _codes(self.documents["edition"].get("documents"), "id"),
        }


def _codes(found: Any, key: str) -> list[tuple[str, str]]:
    return [(str(row[key]), f"{words.title(row)}（{row[key]}）") for row in rows(found) if row.get(key)]


def _doubtful(row: dict) -> bool:
    return row.get("standing", "official") != "official"
