"""Acts of the on-site check: draw, say who goes, write down what is seen, conclude. Each with its entry in the trail."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from declarations import evidence
from declarations.models import Declaration, Track
from declarations.vocabulary import Status
from declarations.workflow import has_desk
from recommendations.models import (
    OnsiteDraw,
    OnsiteFinding,
    OnsiteItem,
    OnsitePhoto,
    OnsiteRule,
    OnsiteVisit,
    VisitStatus,
)
from recommendations.models.onsite import Verdict
from recommendations.onsite import sampling
from recommendations.queue import duties
from recommendations.queue.page import visible
from smartfactory import audit, files
from smartfactory.access import scope
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.text import clean, excess
from smartfactory.workflow import Blocked, NotAllowed, StaleState

if TYPE_CHECKING:
    from smartfactory.models import User

# Who is far enough to be visited, and not yet decided on for good.
VISITED = (Status.IN_REVIEW, Status.QUALIFIED)
LONGEST_SEED, SHORTEST_REASON = 64, 4
KINDS = ["jpeg", "png"]


def draw(track: Track, *, seed: str, reason: str, actor: User) -> OnsiteDraw:
    """Draw a sample of the track for the actor's desk. A second one needs its reason; the first stays.

    Raises NotAllowed without a desk, Blocked without a rule, without anybody to draw from, or without the reason.
    """
    desk = duties.desk_of(actor)
    if desk is None or not has_desk(actor):
        raise NotAllowed("抽查")
    rule = OnsiteRule.objects.filter(track=track).first()
    if rule is None:
        raise Blocked([Problem("这个类别没有抽查规则。请换一个类别", field="track")])
    reason, earlier = clean(reason).strip(), OnsiteDraw.objects.filter(authority=desk, track=track).exists()
    if earlier and len(reason) < SHORTEST_REASON:
        raise Blocked([Problem("本单位在这个类别已经抽过。再抽要写明理由，原来的抽查仍保留", field="reason")])
    if (count := len(clean(seed).strip())) > LONGEST_SEED:
        raise Blocked([Problem(f"种子最多 {LONGEST_SEED} 个字，现在 {count} 个。请删减", field="seed")])
    if over := excess(len(reason), OnsiteDraw._meta.get_field("reason").max_length):
        raise Blocked([Problem(f"再抽的理由{over}", field="reason", fix_url="#reason")])
    rows = list(_population(track, actor))
    if not rows:
        raise Blocked([Problem("这个类别没有审核中或审核通过的申报书，抽不出来。请先受理", field="track")])
    return _draw(desk, track, rule, rows, clean(seed).strip() or secrets.token_hex(16), reason, actor)


def _population(track: Track, actor: User) -> Iterable[Declaration]:
    rows = visible(actor).filter(track=track, status__in=VISITED)
    return rows.select_related("enterprise__authority", "enterprise__soe").order_by("number", "pk")


def _draw(desk: Any, track: Track, rule: OnsiteRule, rows: list[Declaration], seed: str, reason: str, actor: User):
    said = {name: getattr(rule, name) for name in ("percent", "number", "least", "strata", "clause", "standing")}
    population = [[one.number, _stratum(one, rule.strata)] for one in rows]
    chosen = set(sampling.draw(population, said, seed))
    with transaction.atomic():
        made = OnsiteDraw.objects.create(
            authority=desk, track=track, seed=seed, rule=said, population=population, drawn_by=actor, reason=reason
        )
        OnsiteVisit.objects.bulk_create(
            OnsiteVisit(draw=made, declaration=one, status=VisitStatus.OPEN) for one in rows if one.number in chosen
        )
        body = {"track": track.code, "seed": seed, "entries": len(chosen), "rows": len(rows), "reason": reason}
        audit.record("onsite.draw", actor=actor, obj=made, body=body)
    return made


def _stratum(one: Declaration, strata: str) -> str:
    return {"unit": one.receiver.code, "industry": one.industry}.get(strata, "")


def at_desk(user: User, visit: OnsiteVisit) -> bool:
    return visit.draw.authority_id in scope(user).authority_ids(Role.OFFICIAL)


def goes(user: User, visit: OnsiteVisit) -> bool:
    """Whether the person is among those who go; only they say what they saw."""
    return at_desk(user, visit) and visit.goers.filter(pk=user.pk).exists()


def send(visit: OnsiteVisit, people: Iterable[int], *, version: int, actor: User) -> None:
    """Say who goes, from among the desk's officials. Raises NotAllowed, Blocked, StaleState."""
    if not at_desk(actor, visit):
        raise NotAllowed("指派核查人")
    known = {one.pk for one in duties.colleagues(visit.draw.authority)}
    wanted = set(people)
    if wanted - known:
        raise Blocked([Problem(duties.NOT_HERE, field="goers")])
    with transaction.atomic():
        if set(visit.goers.values_list("pk", flat=True)) == wanted:
            return
        _touch(visit, version)
        visit.goers.set(wanted)
        audit.record("onsite.send", actor=actor, obj=visit, body={"members": sorted(wanted)})


def _touch(visit: OnsiteVisit, version: int) -> None:
    """Count the visit on under its version, while it is open."""
    rows = OnsiteVisit.objects.filter(pk=visit.pk, version=version, status=VisitStatus.OPEN)
    if not rows.update(version=F("version") + 1):
        raise StaleState("现场核查")


def note(visit: OnsiteVisit, item: OnsiteItem, *, verdict: str, words: str, version: int, actor: User) -> OnsiteFinding:
    """Write down what was found about one item, under the version of that item alone.

    Raises NotAllowed for who does not go, Blocked where a problem has no words, StaleState when a colleague wrote.
    """
    if not goes(actor, visit):
        raise NotAllowed("填写核查所见")
    words, verdict = clean(words).strip(), verdict if verdict in Verdict.values else ""
    if problem := _incomplete(item, verdict, words):
        raise Blocked([problem])
    with transaction.atomic():
        _still_open(visit)
        finding, _ = OnsiteFinding.objects.get_or_create(visit=visit, key=item.key)
        if (finding.verdict, finding.words) == (verdict, words):
            return finding
        rows = OnsiteFinding.objects.filter(pk=finding.pk, version=version)
        if not rows.update(verdict=verdict, words=words, version=version + 1, by=actor, at=timezone.now()):
            raise StaleState("核查所见")
        body = {"item": item.key, "verdict": verdict, "words": len(words)}
        audit.record("onsite.note", actor=actor, obj=visit, body=body)
    finding.refresh_from_db()
    return finding


def _incomplete(item: OnsiteItem, verdict: str, words: str) -> Problem | None:
    most = OnsiteFinding._meta.get_field("words").max_length
    if len(words) > most:
        return Problem(f"说明最多 {most} 个字，现在 {len(words)} 个。请删减", field=f"w-{item.key}")
    if verdict not in ("", Verdict.FINE) and not words:
        return Problem(
            f"“{item.title}”还没有写看到了什么。请写清楚再保存", field=f"w-{item.key}", fix_url=f"#w-{item.key}"
        )
    return None


def _still_open(visit: OnsiteVisit) -> None:
    """The visit must not be concluded before this act ends: its row is held until then."""
    if not OnsiteVisit.objects.select_for_update().filter(pk=visit.pk, status=VisitStatus.OPEN).exists():
        raise StaleState("现场核查")


def photograph(visit: OnsiteVisit, item: OnsiteItem, upload: BinaryIO, name: str, *, actor: User) -> OnsitePhoto:
    """Keep a picture, re-encoded and without what the camera wrote into it. The same picture is kept once.

    Raises NotAllowed, files.BadFile in words, StaleState once the visit is concluded.
    """
    from django.conf import settings

    if not goes(actor, visit):
        raise NotAllowed("上传照片")
    files.inspect(upload, evidence.tidy(name), KINDS, settings.MAX_UPLOAD_BYTES)
    upload.seek(0)
    stored = files.put(io.BytesIO(evidence.picture(upload)), files.MIMES["jpeg"])
    try:
        with transaction.atomic():
            _still_open(visit)
            photo = OnsitePhoto.objects.create(visit=visit, key=item.key, file=stored, by=actor)
            body = {"item": item.key, "sha256": stored.digest, "size": stored.size}
            audit.record("onsite.photo", actor=actor, obj=visit, body=body)
    except IntegrityError:
        raise files.BadFile("这张照片在这一项下已经有了，不用再传") from None
    return photo
