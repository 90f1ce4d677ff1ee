"""campaign.yaml: the tracks of a year, their deadlines, the list of materials and the commitments."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from assessment.chapters.registry import Chapter, Context, Shape, register
from assessment.chapters.schema import (
    CITED,
    Schema,
    check_row,
    check_rows,
    check_source,
    flag,
    many,
    mapping,
    one_of,
    text,
    whole,
)
from assessment.models import Edition
from assessment.vocabulary import TARGET_CODES
from assessment.yaml_nodes import plain, rows
from declarations.models import Campaign, ChecklistItem, Commitment, Deadline, Track
from declarations.vocabulary import Ending, Stage

DOCUMENT: Schema = {
    "campaign": mapping(),
    "tracks": many(),
    "deadlines": many(),
    "checklist": many(),
    "commitments": many(),
}
CAMPAIGN: Schema = {"code": text(max_length=40), "title": text(max_length=120)}
TRACK: Schema = {
    "code": text(max_length=40),
    "tier": one_of(TARGET_CODES),
    "title": text(max_length=60),
    "short_title": text(max_length=20),
    "cover_title": text(max_length=80),
    "number_prefix": text(max_length=20),
    "recommender_cell": one_of(("blank", "auto", "fixed")),
    "recommender_text": text(required=False, max_length=80),
    "recommender_note": text(required=False, max_length=120),
    "paper_copies": whole(required=False, nullable=True),
    "opens_at": text(required=False),
    "like": text(required=False, max_length=40),
    "groups_by_place": flag(),
    "ending": one_of(Ending.values, required=False),
    **CITED,
}
DEADLINE: Schema = {
    "track": text(),
    "stage": one_of(Stage.values),
    "at": text(),
    "reason": text(required=False, max_length=200),
    **CITED,
}
CHECKLIST: Schema = {
    "track": text(),
    "number": whole(),
    "title": text(max_length=60),
    "content": text(max_length=200),
    **CITED,
}
COMMITMENT: Schema = {
    "track": text(),
    "key": text(max_length=40),
    "text": text(max_length=400),
    "answers": many(required=False),
    **CITED,
}


def check(doc: Any, ctx: Context) -> None:
    if not check_row(ctx, doc, DOCUMENT, "年度行动"):
        return
    check_row(ctx, doc["campaign"], CAMPAIGN, "年度行动")
    for row in check_rows(ctx, doc, "tracks", TRACK, "申报类别"):
        ctx.add("track", row, "code")
        check_source(ctx, row)
        _moment(ctx, row, "opens_at")
        if (row["recommender_cell"] == "fixed") != bool(row.get("recommender_text")):
            ctx.error(row, "推荐单位栏写 fixed 时要写 recommender_text，写别的时不写", "recommender_cell")
    for row in check_rows(ctx, doc, "deadlines", DEADLINE, "截止时间"):
        _belongs(ctx, row)
        _moment(ctx, row, "at")
    _in_turn(ctx, rows(doc["deadlines"]))
    for row in check_rows(ctx, doc, "checklist", CHECKLIST, "材料"):
        if _belongs(ctx, row):
            ctx.codes["checklist"].add((str(row["track"]), row["number"]))
    for row in check_rows(ctx, doc, "commitments", COMMITMENT, "承诺"):
        _belongs(ctx, row)
        if row.get("answers"):
            ctx.known("condition", row, "answers", "条件")

    for row in rows((ctx.documents.get("edition") or {}).get("pools")):
        if "track" in row:
            ctx.known("track", row, "track", "申报类别")


def _belongs(ctx: Context, row: Any) -> bool:
    check_source(ctx, row)
    return ctx.known("track", row, "track", "申报类别")


def _moment(ctx: Context, row: Any, key: str) -> None:
    """A moment names its offset, so that no reader has to guess the time zone."""
    try:
        if row.get(key) and datetime.fromisoformat(row[key]).tzinfo is None:
            ctx.error(row, f"“{key}”要写时区，例如 2024-11-22T23:59:59+08:00", key)
    except ValueError:
        ctx.error(row, f"“{key}”应是日期时间，现在是“{row[key]}”", key)


# Whoever comes later in the chain needs his time after the one before.
TURNS = (Stage.ENTERPRISE, Stage.CITY, Stage.RECOMMENDER)


def _in_turn(ctx: Context, deadlines: Any) -> None:
    """On one track no stage ends before the one that feeds it."""
    by_track: dict[str, dict[str, tuple[datetime, Any]]] = {}
    for row in deadlines:
        if at := _read(row.get("at")):
            by_track.setdefault(str(row.get("track")), {})[str(row.get("stage"))] = (at, row)
    for stages in by_track.values():
        held = [(stage, *stages[stage]) for stage in TURNS if stage in stages]
        for (before, ends, _), (after, at, row) in pairwise(held):
            if at < ends:
                words = f"{Stage(after).label}的截止时间 {at:%Y-%m-%d} 早于{Stage(before).label}的 {ends:%Y-%m-%d}"
                ctx.error(row, words, "at")


def _read(text: Any) -> datetime | None:
    """The moment, where it is one that names its offset."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def load(edition: Edition, doc: Any, ctx: Context) -> None:
    doc = plain(doc)
    campaign, _ = Campaign.objects.update_or_create(edition=edition, defaults=doc["campaign"])
    tracks = {row["code"]: _track(campaign, row, order) for order, row in enumerate(doc["tracks"], 1)}
    for row in doc["deadlines"]:
        Deadline.objects.create(**row | {"track": tracks[row["track"]], "at": datetime.fromisoformat(row["at"])})
    ChecklistItem.objects.bulk_create(
        ChecklistItem(**row | {"track": tracks[row["track"]]}) for row in doc["checklist"]
    )
    Commitment.objects.bulk_create(
        Commitment(order=order, **row | {"track": tracks[row["track"]]})
        for order, row in enumerate(doc["commitments"], 1)
    )


def _track(campaign: Campaign, row: dict[str, Any], order: int) -> Track:
    """The track of this code. When an edition is amended it is there already, with declarations that must keep it."""
    opens = row.pop("opens_at", None)
    values = {key: value for key, value in row.items() if value is not None}
    values |= {"opens_at": datetime.fromisoformat(opens) if opens else None, "edition_digest": campaign.edition.digest}
    found = Track.objects.filter(campaign=campaign, code=row["code"]).first() or Track(campaign=campaign)
    for field in found._meta.concrete_fields:
        if field.has_default() and not field.primary_key:
            setattr(found, field.attname, field.get_default())
    for key, value in (values | {"order": order}).items():
        setattr(found, key, value)
    found.save()
    return found


def clear(edition: Edition) -> None:
    """All but the campaign and its tracks, which others refer to; the dates a unit set for its own stay."""
    for model in (ChecklistItem, Commitment):
        model.objects.filter(track__campaign__edition=edition).delete()
    Deadline.objects.filter(track__campaign__edition=edition, authority=None).delete()


SHAPE = Shape(
    DOCUMENT,
    "年度行动",
    {
        "campaign": Shape(CAMPAIGN, "年度行动", single=True),
        "tracks": Shape(TRACK, "申报类别"),
        "deadlines": Shape(DEADLINE, "截止时间"),
        "checklist": Shape(CHECKLIST, "材料"),
        "commitments": Shape(COMMITMENT, "承诺"),
    },
)
register(Chapter(name="campaign", order=60, check=check, load=load, title="申报类别与时间", shape=SHAPE, clear=clear))
