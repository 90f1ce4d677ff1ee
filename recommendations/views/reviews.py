"""审核: the review page, and the acts that decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from declarations import content, deadlines, itemised, pools, returning
from declarations.models import Declaration
from declarations.models.return_item import ReturnReason
from declarations.presenting import grouped
from declarations.thread import posting
from declarations.thread import service as thread
from declarations.vocabulary import Status
from declarations.workflow import is_official
from recommendations import releases, reviewing
from recommendations.likeness import reading, showing
from recommendations.models import ReviewCheck
from recommendations.notes import service as notes
from recommendations.onsite import paper
from recommendations.queue import duties
from recommendations.queue.page import REVIEW
from recommendations.views.common import DESK, say, whole
from smartfactory import presence
from smartfactory.access import roles, scope
from smartfactory.models import Role
from smartfactory.text import clean
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, WorkflowError, available, fire

if TYPE_CHECKING:
    from smartfactory.models import User

CROSSED = "同事刚保存过这份审核记录，您这次的还没有保存。您填的都在下面，请和同事核对后再保存。"
STALE = "这份申报书在您打开这一页之后有了变化，这次没有改动。下面是现在的样子，请看过再操作。"
DONE = {
    "take_up": "已受理，可以开始审核。企业不能再撤回。",
    "qualify": "已审核通过，进入推荐排序的待选之列。",
    "reject": "已办结：不予推荐。企业能看到结论和理由。",
    "reserve": "已列入培育库。企业能看到结论和理由。",
    "reopen": "已重新打开审核。",
}


def declaration_for(request: HttpRequest, public_id: str) -> Declaration:
    """A declaration that was handed in, on the person's line and not of his own enterprise; or 404."""
    rows = Declaration.objects.exclude(status=Status.DRAFT).exclude(enterprise_id__in=scope(request.user).enterprises)
    return rows.select_related(
        "enterprise__authority", "enterprise__soe", "track__campaign__edition", "latest_revision__issued", "status_by"
    ).get_for(request.user, public_id=public_id, latest_revision__isnull=False)


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*DESK)
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = declaration_for(request, public_id)
    if request.method == "POST":
        return _save(request, declaration)
    return page(request, declaration)


def page(request: HttpRequest, declaration: Declaration, status: int = 200, *, revealed: bool = False) -> HttpResponse:
    """The page as it stands now, with what the person had typed: no refusal loses a tick or a sentence."""
    review = reviewing.review_of(declaration)
    description = content.describe(declaration.track)
    rows = content.rows(declaration.latest_revision.content, description, masked=not revealed)
    acts = available(declaration, request.user)
    deciding = any(one.name == "return_" for one in acts)
    typed = "review_version" in request.POST
    context = {
        "declaration": declaration,
        "review": review,
        "parts": grouped(rows),
        "rows": rows,
        "revealed": revealed,
        "description": description,
        "findings": reviewing.findings(declaration, _ticked(request, declaration) if typed else review.checks),
        "note": request.POST.get("note", "") if typed else review.note,
        "comparison": reviewing.compare(declaration),
        "deadline": deadlines.for_declaration(declaration),
        "deadline_title": deadlines.title(declaration),
        "return_deadline": deadlines.after_return(declaration) if deciding else None,
        "acts": [one for one in acts if one.name in DONE],
        "deciding": deciding,
        "reasons": ReturnReason.choices,
        "missing": reviewing.unticked(declaration) if declaration.status == Status.IN_REVIEW else [],
        "sent": request.POST,
        "note_limit": reviewing.LONGEST_NOTE,
        "message_limit": returning.LONGEST_MESSAGE,
        "items": _marked(request, _items(request) or [{}]),
        "releases": releases.mine(declaration, request.user),
        "asked_of_me": releases.waiting_for(request.user, declaration),
        "pool": pools.of(declaration.track),
        "likeness": showing.report(declaration, request.user),
        **_at_work(declaration, request.user),
        "onsite": paper.of(declaration, request.user),
        "notes": notes.of(declaration, request.user),
        "thread": thread.of(declaration, request.user),
    }
    return render(request, "recommendations/review.html", context, status=status)


def _at_work(declaration: Declaration, user: User) -> dict[str, object]:
    """Whose turn it is at the person's desk, whom it may be given to, and who else looks at it."""
    desk = duties.desk_of(user)
    return {
        "duty": duties.of([declaration], desk).get(declaration.pk),
        "may_give": is_official(user, declaration),
        "colleagues": duties.colleagues(desk),
        "present": presence.others(declaration, user, part=REVIEW),
    }


def _ticked(request: HttpRequest, declaration: Declaration) -> dict[str, str]:
    keys = ReviewCheck.objects.filter(track=declaration.track).values_list("key", flat=True)
    return {key: request.POST.get(f"check-{key}", "") for key in keys}


def _keep(request: HttpRequest, declaration: Declaration) -> None:
    """Save ticks and note under the version the page was opened with."""
    reviewing.save(
        reviewing.review_of(declaration),
        ticked=_ticked(request, declaration),
        note=request.POST.get("note", ""),
        version=whole(request.POST.get("review_version"), -1),
        actor=request.user,
    )


def _save(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    if declaration.status != Status.IN_REVIEW:
        messages.warning(request, "不在审核中，没有保存勾选。请先受理。")
        return page(request, declaration, 409)
    try:
        _keep(request, declaration)
    except WorkflowError as error:
        return page(request, declaration, say(request, error, CROSSED))
    if request.POST.get("then") == "qualify":
        return _fire(request, declaration, "qualify")
    messages.success(request, "审核记录已保存。")
    return redirect("review_detail", declaration.public_id)


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def contact(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page with the contact's numbers in full, this once, after the reason is recorded."""
    declaration = declaration_for(request, public_id)
    try:
        reviewing.reveal(declaration, clean(request.POST.get("why", "")), actor=request.user)
    except WorkflowError as error:
        return page(request, declaration, say(request, error))
    messages.info(request, "联系方式在这一页上显示完整。查看的时间、人和理由已记录，企业能看到。")
    return page(request, declaration, revealed=True)


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def talk(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the enterprise or answer it; or mark what it wrote as seen."""
    declaration = declaration_for(request, public_id)
    if status := posting.handle(request, declaration):
        return page(request, declaration_for(request, public_id), status)
    return redirect("review_detail", public_id)


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    name = request.POST.get("act", "")
    if name not in DONE:
        raise Http404
    return _fire(request, declaration_for(request, public_id), name)


def _fire(request: HttpRequest, declaration: Declaration, name: str) -> HttpResponse:
    note = clean(request.POST.get("reason", "")).strip()
    try:
        fire(declaration, name, actor=request.user, version=whole(request.POST.get("version"), -1), note=note)
    except WorkflowError as error:
        return page(request, declaration_for(request, declaration.public_id), say(request, error, STALE))
    if name == "take_up":
        reading.enqueue(declaration.latest_revision)
    messages.success(request, DONE[name])
    return redirect("review_detail", declaration.public_id)


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def send_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return named fields. "要改" and "再加一条" add a row without JavaScript; what was typed stays."""
    declaration = declaration_for(request, public_id)
    if "more" in request.POST:
        return page(request, declaration)
    rows = [one | {"row": row} for row, one in enumerate(_items(request), 1)]
    items = [one for one in rows if any(one.get(key) for key in ("anchor", "message"))]
    try:
        _keep(request, declaration)
        _send(request, declaration, items)
    except Blocked as error:
        say(request, error)
        return page(request, declaration, 422)
    except WorkflowError as error:
        return page(request, declaration_for(request, public_id), say(request, error, STALE))
    messages.success(request, f"已退回企业改正 {len(items)} 处。企业只能改这些地方。")
    return redirect("review_detail", public_id)


def _send(request: HttpRequest, declaration: Declaration, items: list[dict[str, object]]) -> None:
    reviewing.send_back(
        declaration,
        items=[_split(one) for one in items],
        note="",
        actor=request.user,
        version=whole(request.POST.get("version"), -1),
    )


def _marked(request: HttpRequest, rows: list[dict[str, str]]) -> list[dict[str, object]]:
    """The rows, each with what is wrong in it by control."""
    said = {one.field: one.message for one in getattr(request, "problems", [])}
    return [
        one | {"bad": {name: said[key] for name in itemised.CONTROLS if (key := f"item-{row}-{name}") in said}}
        for row, one in enumerate(rows, 1)
    ]


def _items(request: HttpRequest) -> list[dict[str, str]]:
    """The rows of the return form, in order; with one empty row more when asked for."""
    fields = ("anchor", "reason_code", "message", "clause", "due")
    columns = {name: request.POST.getlist(f"item-{name}") for name in fields}
    count = min(max((len(values) for values in columns.values()), default=0), 60)
    rows = [{name: values[at] if at < len(values) else "" for name, values in columns.items()} for at in range(count)]
    return _one_more(rows, request.POST["more"]) if "more" in request.POST else rows


def _one_more(rows: list[dict[str, str]], anchor: str) -> list[dict[str, str]]:
    """An empty row, or one that names the answer whose "要改" was pressed; untouched rows give way."""
    begun = [one for one in rows if one.get("anchor") or one.get("message")]
    if anchor and any(one["anchor"] == anchor for one in begun):
        return begun
    return [*begun, {"anchor": anchor}]


def _split(row: dict[str, object]) -> dict[str, object]:
    section, _, field = row["anchor"].partition(".")
    return row | {"section": section, "field": field, "clause": clean(row["clause"]).strip()}
