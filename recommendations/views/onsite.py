"""现场核查: samples, who goes, the checklist on a phone, the conclusion, the paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations.models import Track
from recommendations.models import OnsiteDraw, OnsiteItem, OnsitePhoto, OnsiteRule, OnsiteVisit
from recommendations.models.onsite import STRATA, Conclusion, Verdict
from recommendations.onsite import paper, sampling, service
from recommendations.queue import duties
from recommendations.views.common import DESK, say, whole
from smartfactory import files
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import WorkflowError, available, fire

STALE = "这份核查在您打开这一页之后有了变化，这次没有改动。您填的还在下面，请看过再保存。"
SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*DESK)
def index(request: HttpRequest) -> HttpResponse:
    """The samples of the line, the person's own visits, and the form that draws."""
    if request.method != "POST":
        return _index(request)
    track = Track.objects.filter(code=request.POST.get("track", "")[:40]).first()
    try:
        if track is None:
            raise service.Blocked([Problem("还没有选类别。请选一个", field="track", fix_url="#track")])
        made = service.draw(
            track, seed=request.POST.get("seed", ""), reason=request.POST.get("reason", ""), actor=request.user
        )
    except WorkflowError as error:
        return _index(request, say(request, error))
    messages.success(request, f"抽出 {made.visits.count()} 份。种子和规则已记录，谁都可以照着再抽一次。")
    return redirect("onsite_draw", made.public_id)


def _index(request: HttpRequest, status: int = 200) -> HttpResponse:
    draws = OnsiteDraw.objects.visible_to(request.user).select_related("authority", "track", "drawn_by")
    mine = OnsiteVisit.objects.visible_to(request.user).filter(goers=request.user, status="open")
    context = {
        "draws": draws.annotate(size=Count("visits"))[:SHOWN],
        "mine": mine.select_related("declaration__enterprise", "draw__track")[:SHOWN],
        "rules": OnsiteRule.objects.select_related("track__campaign__edition").order_by(
            "-track__campaign__edition__year", "pk"
        ),
        "sent": request.POST,
    }
    return render(request, "recommendations/onsite.html", context, status=status)


@require_GET
@roles(*DESK)
def draw(request: HttpRequest, public_id: str) -> HttpResponse:
    """A sample with what it was drawn from; the page draws it again and says whether it is the same."""
    one = OnsiteDraw.objects.select_related("authority", "track", "drawn_by").get_for(request.user, public_id=public_id)
    visits = list(
        one.visits.select_related(
            "declaration__enterprise__authority", "declaration__enterprise__soe"
        ).prefetch_related("goers")
    )
    again = sampling.draw(one.population, one.rule, one.seed)
    context = {
        "draw": one,
        "visits": visits,
        "rule": paper.rule_words(one.rule),
        "same": again == sorted(visit.declaration.number for visit in visits),
        "strata": STRATA.get(one.rule.get("strata", ""), ""),
        "colleagues": duties.colleagues(one.authority),
        "may": bool(visits) and service.at_desk(request.user, visits[0]),
    }
    return render(request, "recommendations/onsite_draw.html", context)


def _visit(request: HttpRequest, public_id: str) -> OnsiteVisit:
    rows = OnsiteVisit.objects.select_related(
        "draw__authority", "draw__track__campaign__edition", "declaration__enterprise", "issued", "status_by"
    )
    return rows.get_for(request.user, public_id=public_id)


@require_POST
@roles(Role.OFFICIAL)
def send(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say who goes."""
    visit = _visit(request, public_id)
    people = [whole(one, -1) for one in request.POST.getlist("goers")[:50]]
    try:
        service.send(visit, people, version=whole(request.POST.get("version"), -1), actor=request.user)
    except WorkflowError as error:
        return _page(request, _visit(request, public_id), say(request, error, STALE))
    messages.success(request, "核查人已记下。")
    return redirect("onsite_draw", visit.draw.public_id)


@require_GET
@roles(*DESK)
def visit(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _visit(request, public_id))


def _page(request: HttpRequest, one: OnsiteVisit, status: int = 200, key: str = "") -> HttpResponse:
    """The checklist; under `key` stands what was typed and not kept."""
    found = {row.key: row for row in one.findings.select_related("by")}
    photos: dict[str, list[OnsitePhoto]] = {}
    for photo in one.photos.select_related("by"):
        photos.setdefault(photo.key, []).append(photo)
    items = OnsiteItem.objects.filter(track_id=one.draw.track_id).select_related("track__campaign__edition")
    context: dict[str, Any] = {
        "visit": one,
        "lines": [(item, found.get(item.key), photos.get(item.key, []), item.key == key) for item in items],
        "judged": sum(bool(row.verdict) for row in found.values()),
        "verdicts": Verdict.choices,
        "conclusions": Conclusion.choices,
        "may": service.goes(request.user, one),
        "acts": {step.name for step in available(one, request.user)},
        "goers": list(one.goers.order_by("pk")),
        "sent": request.POST,
    }
    return render(request, "recommendations/onsite_visit.html", context, status=status)


def _item(one: OnsiteVisit, key: str) -> OnsiteItem:
    return get_object_or_404(OnsiteItem, track_id=one.draw.track_id, key=key[:20])


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def note(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Save one item, with a picture if there is one. What was typed stays on the page when something is refused."""
    one = _visit(request, public_id)
    item = _item(one, key)
    try:
        service.note(
            one, item, verdict=request.POST.get("verdict", ""), words=request.POST.get("words", ""),
            version=whole(request.POST.get("version"), -1), actor=request.user,
        )  # fmt: skip
        for upload in request.FILES.getlist("photo")[:10]:
            service.photograph(one, item, upload, upload.name, actor=request.user)
    except WorkflowError as error:
        return _page(request, _visit(request, public_id), say(request, error, STALE), key)
    except BadFile as error:
        request.problems = [Problem(f"照片没有保存，文字已保存：{error}", field="photo", fix_url=f"#p-{item.key}")]
        return _page(request, _visit(request, public_id), 422)
    messages.success(request, f"“{item.title}”已保存。")
    return redirect(f"{request.path.split('/items/')[0]}/#item-{item.key}")


@require_POST
@keeping_text
@roles(Role.OFFICIAL)
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    """Conclude, or open again with a reason."""
    one, name = _visit(request, public_id), request.POST.get("act", "")
    if name not in ("conclude", "reopen"):
        raise Http404
    said = {"conclusion": request.POST.get("conclusion", ""), "words": clean(request.POST.get("words", ""))}
    reason = clean(request.POST.get("reason", "")).strip()
    try:
        fire(one, name, actor=request.user, version=whole(request.POST.get("version"), -1), note=reason, **said)
    except WorkflowError as error:
        return _page(request, _visit(request, public_id), say(request, error, STALE))
    messages.success(
        request, "结论已记下，核查表带校验码。" if name == "conclude" else "可以继续核查。已出的核查表仍可核验。"
    )
    return redirect("onsite_visit", public_id)


@require_GET
@roles(*DESK)
def photo(request: HttpRequest, public_id: str, photo_id: str) -> HttpResponse:
    one = get_object_or_404(_visit(request, public_id).photos.select_related("file"), public_id=photo_id)
    return files.response(one.file, f"{one.key}-{one.file_id[:12]}.jpg")


@require_GET
@roles(*DESK)
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """现场核查表: the paper of a concluded visit, or an empty one to take along."""
    one = _visit(request, public_id)
    name = content_disposition_header(as_attachment=True, filename=f"现场核查表-{one.declaration.number}.pdf")
    return HttpResponse(paper.pdf(one), content_type="application/pdf", headers={"Content-Disposition": name})
