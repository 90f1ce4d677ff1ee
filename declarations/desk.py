"""What declarations tell the floors below: the home page's tasks, where gaps are closed, the policy page's campaign."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from assessment.citing import cite
from assessment.fixes import Place
from assessment.policy_sections import Section
from declarations import content, deadlines, pools
from declarations.models import Declaration, Track
from declarations.presenting import Workspace
from declarations.vocabulary import EDITABLE, Kind, Status
from smartfactory.access import scope
from smartfactory.home import Task
from smartfactory.models import Authority
from smartfactory.models.accounts import ENTERPRISE_ROLES

if TYPE_CHECKING:
    from assessment.models import Edition, SelfAssessment
    from declarations.models import Deadline
    from smartfactory.models import User

SHOWN = 7
RETURNED_ORDER, DRAFT_ORDER, UNDER_WAY_ORDER = 10, 20, 70


def waiting(user: User) -> Iterator[Task]:
    """One task per live declaration of the person's enterprises; those to correct come first."""
    if not scope(user).enterprise_ids(*ENTERPRISE_ROLES):
        return
    rows = Declaration.objects.own(user).exclude(status=Status.REJECTED)
    for row in rows.select_related("track", "enterprise__authority", "enterprise__soe")[:SHOWN]:
        yield _to_write(row, user) if row.status in EDITABLE else _under_way(row)


def _to_write(row: Declaration, user: User) -> Task:
    space = Workspace(row, user)
    step, due = space.next_step, space.deadline
    returned = row.status == Status.RETURNED
    return Task(
        step["title"],
        step["url"] if space.may_edit else reverse("declaration_detail", args=[row.public_id]),
        step["act"] if space.may_edit else "看申报书",
        f"{row.title or row.track.title}：{step['text']}",
        state=row.status_word,
        tone="fix" if returned else "todo",
        order=RETURNED_ORDER if returned else DRAFT_ORDER,
        due=due.at if due else None,
        due_title=deadlines.title(row),
        clause=due.cited if due else "",
        standing=due.standing if due else "official",
    )


def _under_way(row: Declaration) -> Task:
    url = reverse("declaration_detail", args=[row.public_id])
    return Task(
        row.title, url, "看进度", f"{row.track.title} {row.number}", state=row.status_word, order=UNDER_WAY_ORDER
    )


def places(assessment: SelfAssessment) -> Callable[[str], Place | None]:
    """Gaps are closed in the enterprise's declaration of that edition, in the part the condition names."""
    rows = Declaration.objects.filter(
        enterprise_id=assessment.enterprise_id,
        track__campaign__edition_id=assessment.edition_id,
        status__in=EDITABLE,
    )
    live = next(iter(sorted(rows.select_related("track"), key=lambda one: one.track.tier != assessment.target)), None)

    # A condition without a field of its own is met by a scenario: the list of them, where one is added.
    described = content.describe(live.track).fields() if live else ()
    holders = {one.section: one.key for one in described if one.kind == Kind.INSTANCES}

    def place(fix: str) -> Place | None:
        if live is None or not fix:
            return None
        section, _, field = fix.partition(".")
        url = reverse("declaration_section", args=[live.public_id, section])
        field = field or holders.get(section, "")
        return Place(f"{url}#div_id_{field}" if field else url, "到申报书补齐")

    return place


def _dates(track: Track) -> list[Deadline]:
    """The deadlines for the whole country, or the whole place whose notice it is, the first one first."""
    return sorted((one for one in track.deadlines.all() if one.authority_id is None), key=lambda one: one.at)


def campaign(edition: Edition) -> dict[str, Iterable[Track]] | None:
    """The tracks an edition opens, with deadlines and the list of materials."""
    tracks = (
        Track.objects.filter(campaign__edition=edition)
        .select_related("campaign__edition")
        .prefetch_related("deadlines", "checklist")
    )
    rows = [(track, _dates(track)) for track in tracks]
    return {"tracks": rows} if rows else None


SECTION = Section("campaign", "申报类别、期限与材料", "declarations/parts/policy_campaign.html", campaign, order=20)


def local(edition: Edition) -> dict[str, Any] | None:
    """Places with numbers of their own, and the pools: what only a place's edition has."""
    head = edition.source.get("edition") or {}
    names = dict(Authority.objects.values_list("code", "short_name")) if head.get("places") else {}
    groups = [
        row
        | {
            "names": [names.get(code, code) for code in row["units"]],
            "cited": cite(edition, row["source"], row["clause"]),
        }
        for row in head.get("places") or ()
    ]
    found = list(pools.of_edition(edition))
    return {"places": groups, "pools": found} if groups or found else None


LOCAL = Section("local", "另定门槛的地区与培育库", "declarations/parts/policy_local.html", local, order=25)


def numbers(keys: Iterable[int]) -> dict[int, str]:
    """What people call declarations, by their keys."""
    return dict(Declaration.objects.filter(pk__in=keys).values_list("pk", "number"))
