"""What recommending tells the floors below: the home page's tasks, the count in the navigation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from declarations.vocabulary import Status
from declarations.workflow import has_desk
from recommendations import overrides, releases
from recommendations.models import (
    JointOpinion,
    OnsiteVisit,
    OverrideStatus,
    Packet,
    QuotaOverride,
    RecommendationList,
    VisitStatus,
)
from recommendations.models.list import DESK, ListStatus
from recommendations.queue import filters
from recommendations.queue.late import LATE, STUCK, Clock
from recommendations.queue.page import visible
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Role

if TYPE_CHECKING:
    from smartfactory.models import User

SHOWN = 10
SEAL_ORDER, TAKE_UP_ORDER, REVIEW_ORDER, RANK_ORDER, PACKET_ORDER, RETURNED_ORDER, LATE_ORDER = (
    10,
    15,
    20,
    30,
    40,
    80,
    25,
)


def waiting(user: User) -> Iterator[Task]:
    """What waits at the person's desks, in a fixed number of queries."""
    held = scope(user)
    if has_desk(user):
        yield from _reviews(user)
        yield from _waiting_long(user)
        yield from _visits(user)
    if held.has_any(DESK):
        yield from _lists(user)
        yield from _releases(user)
    if held.has_any([Role.POLICY]):
        yield from _by_hand(user)
    if held.departments:
        yield from _opinions(user)
    if held.has_any([Role.REVIEWER]):
        yield from _packets(user)


def to_do(user: User) -> int:
    """How many declarations wait for the desk: the number in the navigation and over the queue."""
    return visible(user).filter(status__in=filters.OPEN).count() if has_desk(user) else 0


def _reviews(user: User) -> Iterator[Task]:
    words = {
        Status.SUBMITTED: ("{} 份申报书等受理", "去受理", "todo", TAKE_UP_ORDER),
        Status.IN_REVIEW: ("{} 份申报书正在审核", "接着审核", "todo", REVIEW_ORDER),
        Status.RETURNED: ("{} 份退回后等企业改正", "看退回的", "", RETURNED_ORDER),
    }
    rows = visible(user).filter(status__in=list(words)).order_by()
    for row in rows.values("status").annotate(count=Count("pk"), oldest=Min("submitted_at")):
        title, act, tone, order = words[Status(row["status"])]
        url = f"{reverse('review_queue')}?status={row['status']}"
        label = Status(row["status"]).label
        yield Task(title.format(row["count"]), url, act, _since(row["oldest"]), state=label, tone=tone, order=order)


def _waiting_long(user: User) -> Iterator[Task]:
    """What waits beyond its deadline, and what waits longer than most."""
    rows = visible(user)
    clock = Clock(rows, scope(user), timezone.now())
    open_ones = Q(status__in=filters.OPEN)
    found = rows.order_by().aggregate(
        late=Count("pk", filter=open_ones & clock.late_q), stuck=Count("pk", filter=open_ones & clock.stuck_q)
    )
    words = {LATE: "{} 份超过了本阶段的期限", STUCK: "{} 份等得比多数久"}
    for key, text in words.items():
        if count := found[key]:
            url = f"{reverse('review_queue')}?wait={key}"
            yield Task(text.format(count), url, "看是哪些", state="要催办", tone="fix", order=LATE_ORDER)


def _visits(user: User) -> Iterator[Task]:
    """Factories this very person is to visit."""
    mine = OnsiteVisit.objects.visible_to(user).filter(goers=user, status=VisitStatus.OPEN)
    if count := mine.count():
        yield Task(
            f"{count} 份现场核查等您去",
            reverse("onsite"),
            "打开核查表",
            state="要核查",
            tone="todo",
            order=REVIEW_ORDER,
        )


def _since(oldest: object) -> str:
    from smartfactory.templatetags.yan import cn_datetime

    return f"最早的一份 {cn_datetime(oldest)} 提交" if oldest else ""


def _lists(user: User) -> Iterator[Task]:
    """Every open list, put as what this very person has to do about it, if anything."""
    rows = RecommendationList.objects.visible_to(user).filter(status__in=[ListStatus.DRAFT, ListStatus.FROZEN])
    for row in rows.select_related("track", "authority")[:SHOWN]:
        held = scope(user).authorities.get(row.authority_id, frozenset())
        if row.status == ListStatus.FROZEN:
            yield _to_seal(row) if Role.SEALER in held and row.frozen_by_id != user.pk else _with_the_sealer(row)
        else:
            yield _to_rank(row) if Role.OFFICIAL in held else _being_ranked(row)


def _about(row: RecommendationList) -> str:
    return f"{row.authority.name}，{row.size} 个项目"


def _to_seal(row: RecommendationList) -> Task:
    url = reverse("list_seal", args=[row.public_id])
    title = f"封存{row.track.title}推荐名单"
    return Task(title, url, "核对并封存", _about(row), state="待封存", tone="todo", order=SEAL_ORDER)


def _with_the_sealer(row: RecommendationList) -> Task:
    url = reverse("list_detail", args=[row.public_id])
    title = f"{row.track.title}推荐名单等用印人封存"
    return Task(title, url, "看名单", _about(row), state="已定稿", order=RETURNED_ORDER)


def _to_rank(row: RecommendationList) -> Task:
    url = reverse("list_detail", args=[row.public_id])
    title = f"排{row.track.title}推荐名单"
    return Task(title, url, "接着排序", _about(row), state="排序中", tone="todo", order=RANK_ORDER)


def _being_ranked(row: RecommendationList) -> Task:
    url = reverse("list_detail", args=[row.public_id])
    title = f"{row.track.title}推荐名单还在排序"
    return Task(title, url, "看名单", _about(row), state="排序中", order=RETURNED_ORDER)


def _releases(user: User) -> Iterator[Task]:
    """Papers with full contact details that a colleague asks leave for."""
    for one in releases.waiting_for(user)[:SHOWN]:
        url = reverse("release_detail", args=[one.public_id])
        title = f"{one.asked_by.display}申请调阅{one.what}"
        yield Task(title, url, "看理由", one.reason, state=one.status_label, tone="todo", order=REVIEW_ORDER)


def _by_hand(user: User) -> Iterator[Task]:
    """Figures that wait for a second person: this one, unless it was this one who proposed them."""
    rows = QuotaOverride.objects.visible_to(user).filter(status=OverrideStatus.PROPOSED).exclude(proposed_by=user)
    for row in rows.select_related("track", "authority__parent", "proposed_by")[:SHOWN]:
        if overrides.may_set(user, row.authority):
            url = reverse("quota_unit", args=[row.track.code, row.authority.code])
            title = f"复核{row.authority.short_name}的手工名额 {row.limit} 个"
            about = f"{row.track.title}，{row.proposed_by.display}提出"
            yield Task(title, url, "看依据", about, state=row.status_label, tone="todo", order=SEAL_ORDER)


def _opinions(user: User) -> Iterator[Task]:
    """Lists of the unit beside which the person's department stands, that may still be spoken to."""
    rows = RecommendationList.objects.beside(user).filter(status__in=[ListStatus.DRAFT, ListStatus.FROZEN])
    keys = {key for found in scope(user).departments.values() for key in found}
    spoke = set(JointOpinion.objects.filter(department__in=keys, list__in=rows).values_list("list", flat=True))
    for row in rows.select_related("track", "authority").order_by("-pk")[:SHOWN]:
        url, said = reverse("opinion_detail", args=[row.public_id]), row.pk in spoke
        title = f"对{row.track.title}推荐名单表态"
        state, act = ("表过态", "看名单和意见") if said else ("未表态", "看名单，签署意见")
        order = RETURNED_ORDER if said else RANK_ORDER
        yield Task(title, url, act, _about(row), state=state, tone="" if said else "todo", order=order)


def _packets(user: User) -> Iterator[Task]:
    found = [one for one in Packet.objects.visible_to(user).select_related("job")[:SHOWN] if not one.expired]
    for packet in found:
        url = reverse("packet_detail", args=[packet.public_id])
        yield Task(packet.title, url, "打开材料包", "封面、汇总表、各家申报书，合成一份 PDF", order=PACKET_ORDER)


def titles(keys: Iterable[int]) -> dict[int, str]:
    """What people call lists, by their keys: whose, and for what."""
    rows = RecommendationList.objects.filter(pk__in=keys).values_list("pk", "authority__short_name", "track__title")
    return {pk: f"{place}·{track}" for pk, place, track in rows}
