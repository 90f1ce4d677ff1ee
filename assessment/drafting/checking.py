"""What stands between a draft and its publication: the loader's own checks, each error with the row it is about."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from assessment import loader
from assessment.chapters.registry import Context, Defect
from assessment.drafting import documents, words
from assessment.models import Edition
from assessment.yaml_nodes import rows
from smartfactory.models import AuthorityKind
from smartfactory.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from assessment.models import EditionDraft
    from smartfactory.models import Authority


log = logging.getLogger(__name__)
UNREADABLE = "有一处写法检查不了（{}）。请看最近改的那一行"
# Errors name the keys of the files; the desk knows them by their words.
_NAMED = re.compile("“([a-z_]+)”")


@dataclass(frozen=True)
class Fault:
    """One error: the chapter, the row and what is wrong there."""

    chapter: str
    path: str
    called: str
    title: str
    line: int
    message: str
    # The key of the row the error names, if it names one.
    key: str = ""

    def problem(self, draft: EditionDraft) -> Problem:
        return Problem(f"{self.title} · {self.called}：{self.message}", fix_url=self.url(draft), section=self.chapter)

    def here(self) -> Problem:
        """As the row's own page says it, with the way to the answer."""
        return Problem(self.message, field=self.key, fix_url=f"#id_{self.key}" if self.key else "")

    def url(self, draft: EditionDraft) -> str:
        if self.path:
            return reverse("policy_draft_row", args=[draft.public_id, self.chapter, self.path])
        return reverse("policy_draft_chapter", args=[draft.public_id, self.chapter])


def context(draft: EditionDraft) -> Context:
    """The draft as the loader takes it. Raises Refused."""
    found = documents.read(draft)
    try:
        ctx = loader.examined(draft.code, found)
        _own_rules(draft, ctx)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        # A typed value no check foresaw must not close the desk: the draft stays open to be mended, and unpublished.
        log.exception("a draft cannot be checked")
        raise loader.Refused([Defect(f"{draft.code}/edition.yaml", 1, UNREADABLE.format(error))]) from error
    if ctx.defects:
        raise loader.Refused(sorted(ctx.defects))
    return ctx


def faults(draft: EditionDraft) -> list[Fault]:
    """Every error of the draft as it now stands."""
    try:
        context(draft)
    except loader.Refused as refused:
        found = documents.read(draft)
        return [_fault(one, found) for one in refused.defects]
    return []


def problems(draft: EditionDraft) -> list[Problem]:
    return [one.problem(draft) for one in faults(draft)]


def _fault(defect: Defect, found: dict[str, Any]) -> Fault:
    name = defect.file.rpartition("/")[2].removesuffix(".yaml")
    if name not in found:
        return Fault(name, "", name, name, defect.line, defect.message)
    chapter = documents.chapter(name)
    places = [one for one in documents.walk(found[name], chapter.shape) if getattr(one.node, "line", 0) <= defect.line]
    # The row that begins last before the error, and of those that begin together the innermost.
    place = max(places, key=lambda one: one.node.line, default=None)
    if place is None:
        place = documents.place(found[name], chapter.shape, "")
    place = next(one for one in reversed([place, *places]) if one.node.line == place.node.line)
    named = [one for one in _NAMED.findall(defect.message) if one in place.shape.schema]
    message = _NAMED.sub(lambda found: f"“{words.key(found[1])}”", defect.message)
    return Fault(name, place.path, place.called, chapter.title, defect.line, message, "".join(named[:1]))


def _own_rules(draft: EditionDraft, ctx: Context) -> None:
    """What files are trusted with and a desk is not: its own region, codes nobody else uses, an edition that is new."""
    head, campaign = ctx.documents["edition"], ctx.documents.get("campaign") or {}
    unit = draft.authority
    if unit.kind != AuthorityKind.MINISTRY and head.get("region") != unit.code:
        ctx.error(head, f"{unit.short_name}的版次只能适用于本地区，region 应是“{unit.code}”", "region")
    if unit.kind != AuthorityKind.MINISTRY:
        _not_its_own_figure(unit, ctx)
        if "-" not in draft.code:
            ctx.error(head, f"编码“{draft.code}”留给国家的版次；地方的在年份后加短横和字母", "code")
    if draft.amends_id:
        _same_tracks(draft, ctx, campaign)
        return
    if Edition.objects.filter(code=draft.code).exists():
        ctx.error(head, f"已经有版次“{draft.code}”。请作废这份草案，另取编码", "code")
    taken = {
        row["code"]
        for source in Edition.objects.values_list("source", flat=True)
        for row in (source.get("campaign") or {}).get("tracks", [])
    }
    for row in rows(campaign.get("tracks")):
        if row.get("code") in taken:
            ctx.error(row, f"申报类别编码“{row['code']}”别的版次已经用了", "code")


def _not_its_own_figure(unit: Authority, ctx: Context) -> None:
    """A place carries out the nation's notice: how many it may recommend itself is not for it to say."""
    quotas, campaign = ctx.documents.get("quotas") or {}, ctx.documents.get("campaign") or {}
    own = [row for row in rows(quotas.get("quotas")) if row.get("kind") == unit.kind]
    for track in rows(campaign.get("tracks")):
        set_above = _figures(_quota_rows(track.get("like")), unit.kind)
        mine = [row for row in own if row.get("track") == track.get("code")]
        if set_above and _figures(mine, unit.kind) != set_above:
            ctx.error(mine[0] if mine else quotas, "本单位自己的名额由国家的通知定，不能在本地的版次里改", "limit")


def _quota_rows(track: object) -> list[Mapping[str, Any]]:
    """The rules of a published track, as its edition states them."""
    if not isinstance(track, str) or not track:
        return []
    sources = Edition.objects.published().values_list("source", flat=True)
    return [
        row
        for source in sources
        if any(one["code"] == track for one in (source.get("campaign") or {}).get("tracks", []))
        for row in (source.get("quotas") or {}).get("quotas", [])
        if row.get("track") == track
    ]


def _figures(found: Iterable[Mapping[str, Any]], kind: str) -> set[tuple[Any, ...]]:
    keys = ("criterion", "low", "high", "limit", "unlimited", "via")
    return {tuple(row.get(key) or None for key in keys) for row in found if row.get("kind") == kind}


def _same_tracks(draft: EditionDraft, ctx: Context, campaign: Any) -> None:
    """Declarations and lists hang on the tracks of a published edition: a correction keeps them."""
    before = draft.amends.source.get("campaign") or {}
    old, new = ([row.get("code") for row in doc.get("tracks") or ()] for doc in (before, campaign))
    if sorted(map(str, old)) != sorted(map(str, new)):
        ctx.error(campaign, "更正已发布的版次不能增加、删去申报类别或改它的编码；需要时另立新版", "tracks")
    if (before.get("campaign") or {}).get("code") != (campaign.get("campaign") or {}).get("code"):
        ctx.error(campaign, "更正已发布的版次不能改年度行动的编码", "campaign")
