"""What a file of fixtures/knowledge/ may hold, and every error in it with file and line.

An explanation never stands alone: each names the editions it holds for and, in each, the clause and the document.
Only a document an edition keeps in the original may be cited as official.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.chapters.registry import Context
from assessment.chapters.schema import CITED, Schema, check_row, check_rows, flag, many, one_of, text, whole
from assessment.vocabulary import TARGET_CODES, Standing
from assessment.yaml_nodes import MapNode

ROUTES = ("province", "group", "place")
ENDINGS = ("recommend", "recognise", "keep")
LANES = ("enterprise", "city", "recommender", "ministry")
STAGES = ("enterprise", "city", "recommender")
PAPERS = ("declaration", "sheet", "letter")
OUTCOMES = ("recognised", "announced", "cultivating", "batch", "running_total")
NATION = "nation"

SOURCE: Schema = {
    "id": text(max_length=40),
    "title": text(max_length=120),
    "address": text(required=False, max_length=300),
    "standing": one_of((Standing.SECONDARY, Standing.UNVERIFIED)),
    "note": text(required=False, max_length=200),
}
BASIS: Schema = {"edition": text(), **CITED, "tiers": many(required=False)}
ENTRY: Schema = {
    "key": text(max_length=40),
    "title": text(max_length=120),
    "text": text(max_length=700),
    "basis": many(),
}
QUESTION: Schema = {**ENTRY, "conditions": many(required=False)}
STEP: Schema = {
    **ENTRY,
    "actor": text(max_length=40),
    "lane": one_of(LANES),
    "routes": many(),
    "endings": many(),
    "stage": one_of(STAGES, required=False),
    "only_with_stage": one_of(STAGES, required=False),
    "papers": many(required=False),
    "quota": one_of(("show",), required=False),
    "by_track": flag(),
}
AWARD: Schema = {
    "year": whole(),
    "tier": one_of(TARGET_CODES),
    "place": text(max_length=20),
    "what": one_of(OUTCOMES),
    "count": whole(most=10**9),
    "date": text(required=False, max_length=20),
    "source": text(max_length=200),
    "standing": one_of(Standing.values),
    "note": text(required=False, max_length=200),
}
TOPIC: Schema = {"key": text(max_length=40), "title": text(max_length=40)}


@dataclass(frozen=True)
class Known:
    """What the editions and the register of units say, as far as an explanation may point at it."""

    documents: Mapping[str, Mapping[str, str]]
    conditions: Mapping[str, frozenset[str]]
    places: frozenset[str]


def check_sources(doc: Any, ctx: Context) -> None:
    for row in _named(ctx, doc, "sources", SOURCE, "出处"):
        ctx.add("source", row, "id")


def check_questions(doc: Any, ctx: Context, known: Known) -> None:
    topic = doc.get("topic") if isinstance(doc, MapNode) else None
    if check_row(ctx, topic, TOPIC, "主题"):
        ctx.add("topic", topic, "key")
    for row in _named(ctx, doc, "questions", QUESTION, "问题"):
        ctx.add("question", row, "key")
        _check_basis(ctx, row, known)
        _check_conditions(ctx, row, known)


def check_entries(doc: Any, ctx: Context, known: Known, kind: str) -> None:
    for row in _named(ctx, doc, kind, ENTRY, "条目"):
        ctx.add(kind, row, "key")
        _check_basis(ctx, row, known)


def check_steps(doc: Any, ctx: Context, known: Known) -> None:
    closed = {"routes": ROUTES, "endings": ENDINGS, "papers": PAPERS}
    for row in _named(ctx, doc, "steps", STEP, "步骤"):
        ctx.add("step", row, "key")
        for key, allowed in closed.items():
            _check_words(ctx, row, key, allowed)
        _check_basis(ctx, row, known)


def check_awards(doc: Any, ctx: Context, known: Known) -> None:
    """One figure per year, tier, place and kind; two sources that disagree are told in the note, not as two rows."""
    seen: set[tuple[Any, ...]] = set()
    for row in _named(ctx, doc, "awards", AWARD, "数字"):
        place = (row["year"], row["tier"], row["place"], row["what"])
        if place in seen:
            ctx.error(row, "同一年、同一层级、同一地方的同一种数字只能写一条")
        seen.add(place)
        if row["place"] not in known.places | {NATION}:
            ctx.error(row, f"地方“{row['place']}”不在单位名册里；全国写 {NATION}", "place")
        _check_source(ctx, row, {one: two for docs in known.documents.values() for one, two in docs.items()})


def _named(ctx: Context, doc: Any, key: str, schema: Schema, what: str) -> list[MapNode]:
    for other in doc if isinstance(doc, MapNode) else ():
        if other not in (key, "topic"):
            ctx.error(doc, f"不认识“{other}”；这里只写 {key}", other)
    return check_rows(ctx, doc, key, schema, what)


def _check_words(ctx: Context, row: MapNode, key: str, allowed: Iterable[str]) -> None:
    wrong = [one for one in row.get(key) or () if one not in allowed]
    if wrong:
        ctx.error(row, f"“{key}”只能是 {'、'.join(allowed)}，现在是“{wrong[0]}”", key)


def _check_basis(ctx: Context, row: MapNode, known: Known) -> None:
    if not row["basis"] and not row.get("by_track"):
        ctx.error(row, "至少写一条依据", "basis")
    for index, basis in enumerate(row["basis"]):
        if not isinstance(basis, MapNode):
            ctx.error(row["basis"], "依据应是一组键值", index)
        elif check_row(ctx, basis, BASIS, "依据"):
            _check_one_basis(ctx, basis, known)


def _check_one_basis(ctx: Context, basis: MapNode, known: Known) -> None:
    _check_words(ctx, basis, "tiers", TARGET_CODES)
    if basis["edition"] not in known.documents:
        ctx.error(basis, f"版次“{basis['edition']}”没有装载", "edition")
        return
    _check_source(ctx, basis, known.documents[basis["edition"]])


def _check_source(ctx: Context, row: MapNode, documents: Mapping[str, str]) -> None:
    source, standing = row["source"], row["standing"]
    if standing == Standing.OFFICIAL and documents.get(source) != Standing.OFFICIAL:
        ctx.error(row, f"标为原文的须指向版次里有原文的文件，“{source}”不是", "source")
    elif (
        source not in documents and source not in ctx.codes["source"] and not source.startswith(("http://", "https://"))
    ):
        ctx.error(row, f"出处“{source}”没有登记；写版次的文件、sources.yaml 的编号或网址", "source")


def _check_conditions(ctx: Context, row: MapNode, known: Known) -> None:
    codes = {code for found in known.conditions.values() for code in found}
    for one in row.get("conditions") or ():
        if one not in codes:
            ctx.error(row, f"要素条件“{one}”没有定义", "conditions")
