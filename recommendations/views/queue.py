"""审核: the queue, the views people keep of it, and whose turn a declaration is."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from recommendations.models import SavedView
from recommendations.queue import duties, filters, page, saved
from recommendations.queue.page import REVIEW, Queue
from recommendations.views import reviews
from recommendations.views.common import DESK, say, whole
from recommendations.views.reviews import declaration_for
from smartfactory import presence
from smartfactory.access import roles
from smartfactory.models import Role
from smartfactory.workflow import WorkflowError

CHANGED = "视图在您打开这一页之后有了变化，这次没有改动。下面是现在的样子。"
TAKEN = "同事刚改了承办人，这次没有改动。下面是现在的样子，请看过再办。"
Act = Callable[..., None]
ACTS: dict[str, tuple[Act, str]] = {
    "share": (lambda view, **seen: saved.share(view, True, **seen), "本单位的同事现在可以用这个视图。"),
    "unshare": (lambda view, **seen: saved.share(view, False, **seen), "这个视图只有您自己用了。"),
    "default": (lambda view, **seen: saved.make_default(view, True, **seen), "打开审核时先看这个视图。"),
    "undefault": (lambda view, **seen: saved.make_default(view, False, **seen), "打开审核时先看要办的。"),
    "remove": (saved.remove, "视图已删除。申报书没有变化。"),
}


@roles(*DESK)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue as the address says; without a question, as the person wants it to open."""
    if not request.GET and (own := page.default_query(request.user)):
        return redirect(f"{reverse('review_queue')}?{own}")
    return render(request, "recommendations/queue.html", {"queue": Queue(request.user, request.GET)})


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*DESK)
def views(request: HttpRequest) -> HttpResponse:
    """The views a person has and may use; a POST keeps the filters in `query` under a name."""
    if request.method != "POST":
        return _views(request)
    query = filters.parse(_asked(request))
    try:
        view = saved.keep(query, request.POST.get("name", ""), actor=request.user)
    except WorkflowError as error:
        return _views(request, say(request, error, CHANGED), query=query.text())
    messages.success(request, f"已保存视图“{view.name}”。")
    return redirect(f"{reverse('review_queue')}?{view.query or 'status='}")


def _asked(request: HttpRequest) -> dict[str, str]:
    from django.http import QueryDict

    return QueryDict(request.POST.get("query", "")[:2000]).dict()


def _views(request: HttpRequest, status: int = 200, **more: str) -> HttpResponse:
    context = {"views": SavedView.objects.shown_to(request.user), "sent": request.POST, **more}
    return render(request, "recommendations/queue_views_page.html", context, status=status)


@require_POST
@roles(*DESK)
def change_view(request: HttpRequest, public_id: str) -> HttpResponse:
    view = SavedView.objects.get_for(request.user, public_id=public_id, user_id=request.user.pk)
    seen = {"version": whole(request.POST.get("version"), -1), "actor": request.user}
    name = request.POST.get("act", "")
    if name != "rename" and name not in ACTS:
        raise Http404
    try:
        if name == "rename":
            saved.rename(view, request.POST.get("name", ""), **seen)
        else:
            ACTS[name][0](view, **seen)
    except WorkflowError as error:
        return _views(request, say(request, error, CHANGED))
    messages.success(request, ACTS[name][1] if name in ACTS else "名称已改。")
    return redirect("review_views")


@require_POST
@roles(Role.OFFICIAL)
def give(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a declaration, give it to a colleague, or put it back; from the queue or from its page."""
    declaration = declaration_for(request, public_id)
    chosen = request.POST.get("member", "")
    user_id = request.user.pk if chosen == filters.MINE else whole(chosen, -1) if chosen else None
    try:
        duty = duties.give(
            declaration, user_id, version=whole(request.POST.get("duty_version"), -1), actor=request.user
        )
    except WorkflowError as error:
        return reviews.page(request, declaration_for(request, public_id), say(request, error, TAKEN))
    who = duty.user.display if duty.user else ""
    messages.success(
        request, f"{declaration.number} 由{who}承办。" if who else f"{declaration.number} 已放回，谁都可以接。"
    )
    return redirect("review_detail", public_id)


@require_POST
@roles(*DESK)
def present(request: HttpRequest, public_id: str) -> HttpResponse:
    """A review page says that it is open, and learns who else looks at the declaration."""
    declaration = declaration_for(request, public_id)
    presence.note(declaration, request.user, part=REVIEW)
    context = {"others": presence.others(declaration, request.user, part=REVIEW)}
    return render(request, "recommendations/review_present.html", context)
