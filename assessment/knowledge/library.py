"""The explanations of fixtures/knowledge/, read whole, checked, and kept for the life of the process.

They are files and not rows: nobody edits them in the browser, they change only with a release, and they bind nobody.
What binds stays in the editions. One wrong line refuses the whole library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from assessment.chapters.registry import Context, Defect
from assessment.knowledge import shapes
from assessment.loader import EDITIONS, Refused
from assessment.yaml_nodes import UnreadableError, plain, read, rows

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "knowledge"
UNITS = Path(settings.BASE_DIR) / "fixtures" / "authorities"
REQUIRED = ("sources", "subjects", "terms", "steps", "awards")
QUESTIONS = "questions-*.yaml"


@dataclass(frozen=True)
class Basis:
    """Where an explanation stands: in which edition, under which clause of which document, how well attested."""

    edition: str
    clause: str
    source: str
    standing: str
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A term, or a special case of who may apply."""

    key: str
    title: str
    text: str
    basis: tuple[Basis, ...]

    def holds_for(self, *editions: str) -> bool:
        return any(one.edition in editions for one in self.basis)


@dataclass(frozen=True)
class Question(Entry):
    topic: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step(Entry):
    actor: str
    lane: str
    routes: tuple[str, ...]
    endings: tuple[str, ...]
    stage: str = ""
    only_with_stage: str = ""
    papers: tuple[str, ...] = ()
    quota: str = ""
    by_track: bool = False


@dataclass(frozen=True)
class Award:
    year: int
    tier: str
    place: str
    what: str
    count: int
    source: str
    standing: str
    date: str = ""
    note: str = ""


@dataclass(frozen=True)
class Source:
    id: str
    title: str
    standing: str
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class Topic:
    key: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Library:
    sources: Mapping[str, Source]
    topics: tuple[Topic, ...]
    subjects: tuple[Entry, ...]
    terms: tuple[Entry, ...]
    steps: tuple[Step, ...]
    awards: tuple[Award, ...]

    @property
    def questions(self) -> Iterator[Question]:
        return (one for topic in self.topics for one in topic.questions)


def current() -> Library:
    """The library of this release. Raises loader.Refused with every error when it has one."""
    return _kept(FOLDER)


@lru_cache(maxsize=4)
def _kept(folder: Path) -> Library:
    return load(folder)


def load(folder: Path = FOLDER) -> Library:
    """Read and check every file of `folder`. Raises loader.Refused; half a library is none."""
    ctx = Context(folder.name, {})
    docs = dict(_documents(folder, ctx))
    if not ctx.defects:
        _check(docs, ctx, known())
    if ctx.defects:
        raise Refused(sorted(ctx.defects))
    return _built({name: plain(doc) for name, doc in docs.items()})


def known(editions: Path = EDITIONS, units: Path = UNITS) -> shapes.Known:
    """What may be pointed at: documents and conditions of every edition in the files, and the units of the register."""
    documents, conditions, extends = {}, {}, {}
    for folder in sorted(path.parent for path in editions.glob("*/edition.yaml")):
        head = read(folder / "edition.yaml")
        extends[head["code"]] = head.get("extends")
        documents[head["code"]] = {one["id"]: str(one["standing"]) for one in rows(head.get("documents"))}
        path = folder / "conditions.yaml"
        found = rows(read(path).get("conditions")) if path.exists() else ()
        conditions[head["code"]] = frozenset(str(one["code"]) for one in found)
    for code, base in extends.items():
        documents[code] = {**documents.get(base, {}), **documents[code]}
    listed = (one for path in units.glob("*.yaml") for one in rows(read(path).get("authorities")))
    return shapes.Known(documents, conditions, frozenset(str(one["code"]) for one in listed))


def _documents(folder: Path, ctx: Context) -> Iterator[tuple[str, Any]]:
    paths = [*(folder / f"{name}.yaml" for name in REQUIRED), *sorted(folder.glob(QUESTIONS))]
    for path in paths:
        name = f"{folder.name}/{path.name}"
        try:
            yield path.stem, read(path, name)
        except FileNotFoundError:
            ctx.defects.append(Defect(name, 1, "缺少这个文件"))
        except UnreadableError as error:
            ctx.defects.extend(Defect(name, line, message) for line, message in error.problems)


def _check(docs: Mapping[str, Any], ctx: Context, seen: shapes.Known) -> None:
    shapes.check_sources(docs["sources"], ctx)
    for kind in ("subjects", "terms"):
        shapes.check_entries(docs[kind], ctx, seen, kind)
    shapes.check_steps(docs["steps"], ctx, seen)
    shapes.check_awards(docs["awards"], ctx, seen)
    for name, doc in docs.items():
        if name.startswith("questions-"):
            shapes.check_questions(doc, ctx, seen)


def _built(docs: Mapping[str, Any]) -> Library:
    return Library(
        sources={one["id"]: Source(**one) for one in docs["sources"]["sources"]},
        topics=tuple(_topic(doc) for name, doc in docs.items() if name.startswith("questions-")),
        subjects=tuple(_made(Entry, one) for one in docs["subjects"]["subjects"]),
        terms=tuple(_made(Entry, one) for one in docs["terms"]["terms"]),
        steps=tuple(_made(Step, one) for one in docs["steps"]["steps"]),
        awards=tuple(Award(**one) for one in docs["awards"]["awards"]),
    )


def _topic(doc: Mapping[str, Any]) -> Topic:
    title = doc["topic"]["title"]
    return Topic(doc["topic"]["key"], title, tuple(_made(Question, one, topic=title) for one in doc["questions"]))


def _made(kind: Callable[..., Any], row: Mapping[str, Any], **more: Any) -> Any:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key != "basis"}
    basis = tuple(Basis(**{**one, "tiers": tuple(one.get("tiers") or ())}) for one in row["basis"])
    return kind(**values, basis=basis, **more)
