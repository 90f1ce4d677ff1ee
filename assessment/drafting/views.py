"""The policy desk's pages: drafts, chapters, rows, acts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from assessment.drafting import documents, service
from assessment.drafting.forms import AmendForm, CloneForm, VouchForm, correctable
from assessment.drafting.presenting import DraftPage
from assessment.drafting.row_form import RowForm
from assessment.models import DraftStatus, Edition, EditionDraft
from smartfactory.access import roles
from smartfactory.models import Role
from smartfactory.problems import Problem
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, NotAllowed, StaleState, fire

officers = roles(Role.POLICY)
STALE = "这一章在您打开之后有人改过，这次没有保存。您写的都在下面，现在保存的内容列在右边；看过再保存一次。"
STALE_ROWS = "这一章在您打开之后有人改过，这次没有标。请看过现在的内容再标。"
CLOSED = "这份草案已经提交复核或办完，不能再改。您写的没有保存。"


def draft_for(request: HttpRequest, public_id: str) -> DraftPage:
    rows = EditionDraft.objects.select_related("authority", "base", "amends", "created_by", "proposed_by", "status_by")
    rows = rows.prefetch_related("chapters").defer("base__source", "before")
    return DraftPage(rows.get_for(request.user, public_id=public_id), request.user)


@require_GET
@officers
def index(request: HttpRequest) -> HttpResponse:
    drafts = EditionDraft.objects.visible_to(request.user).select_related(
        "authority", "created_by", "proposed_by", "amends"
    )
    drafts = drafts.defer("before", "amends__source")
    context = {
        "drafts": [one for one in drafts if one.status in (DraftStatus.DRAFTING, DraftStatus.PROPOSED)],
        "done": [one for one in drafts if one.status in (DraftStatus.PUBLISHED, DraftStatus.DISCARDED)],
        "editions": Edition.objects.published().defer("source"),
        "correctable": {one.pk for one in correctable(request.user)},
    }
    return render(request, "assessment/drafting/index.html", context)


@keeping_text
@officers
def clone(request: HttpRequest) -> HttpResponse:
    form = CloneForm(request.user, request.POST or None, initial={"base": request.GET.get("base", "")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        base = Edition.objects.get(pk=data["base"].pk)
        try:
            return redirect("policy_draft", service.clone(base, form.wish(), data["authority"], request.user).public_id)
        except Blocked as blocked:
            form.add_error("code", str(blocked))
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/drafting/clone.html", {"form": form}, status=status)


@keeping_text
@officers
def amend(request: HttpRequest, code: str) -> HttpResponse:
    edition = next((one for one in correctable(request.user) if one.code == code), None)
    if edition is None:
        raise Http404
    form = AmendForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            made = service.amendment(edition, data.pop("authority"), request.user, **data)
            return redirect("policy_draft", made.public_id)
        except Blocked as blocked:
            form.add_error(None, str(blocked))
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/drafting/amend.html", {"form": form, "edition": edition}, status=status)


@require_GET
@officers
def detail(request: HttpRequest, public_id: str) -> HttpResponse:
    return render(request, "assessment/drafting/draft.html", {"page": draft_for(request, public_id)})


@require_GET
@officers
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """The draft beside the edition it was cloned from or corrects, or beside another one."""
    page = draft_for(request, public_id)
    editions = Edition.objects.published().defer("source")
    code = request.GET.get("from", page.draft.base.code if page.draft.base else "")
    old = Edition.objects.published().filter(code=code).first()
    if code and old is None:
        raise Http404
    context = {"page": page, "editions": editions, "old": old, "report": old and page.changes_since(old)}
    return render(request, "assessment/drafting/changes.html", context)


@keeping_text
@officers
def doubts(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is not yet verified; several rows at once are vouched for after reading them against the paper."""
    page, status = draft_for(request, public_id), 200
    form = VouchForm(page.offers()["document"], request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                count = form.vouch(page.draft, request.POST.getlist("row"), version_of(request), request.user)
                messages.success(request, f"{count} 条已标为{form.word}")
                return redirect("policy_draft_doubts", public_id)
            except StaleState:
                status = 409
                messages.warning(request, STALE_ROWS)
    context = {"page": page, "form": form, "doubts": page.doubts(), "chosen": request.POST.getlist("row")}
    return render(request, "assessment/drafting/doubts.html", context, status=status)


@require_POST
@keeping_text
@officers
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    page = draft_for(request, public_id)
    name = request.POST.get("act", "")
    if name not in {"propose", "publish", "return", "discard"}:
        raise Http404
    status = 200
    try:
        done = fire(
            page.draft, name, actor=request.user, version=version_of(request), note=request.POST.get("note", "")
        )
        messages.success(request, f"“{done.title}”{done.status_label}")
        return redirect("policy_draft", public_id)
    except Blocked as blocked:
        page.problems, status = blocked.problems, 422
    except StaleState:
        page.problems, status = [Problem("草案在您打开之后有了变化，这次没有办。请看过现在的内容再办")], 409
    except NotAllowed:
        page.problems, status = [Problem("须由另一位政策管理员来办：提交复核的人不能自己发布")], 403
    return render(request, "assessment/drafting/draft.html", {"page": page, "refused": True}, status=status)


@keeping_text
@officers
def row(request: HttpRequest, public_id: str, chapter: str, path: str = "") -> HttpResponse:
    """A row, or the head of a chapter: what it says, the lists within it, what is wrong with it."""
    page = draft_for(request, public_id)
    place = place_of(page, chapter, path)
    form = RowForm(place.shape, place.node, page.offers(), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        return _save(request, page, chapter, place, form)
    return show_row(request, page, chapter, place, form)


def _save(request: HttpRequest, page: DraftPage, chapter: str, place: documents.Place, form: RowForm) -> HttpResponse:
    if not form.is_valid():
        return show_row(request, page, chapter, place, form, status=422)
    try:
        service.save_row(
            page.draft, chapter, place.path, form.values(),
            asked=form.rules, version=version_of(request), actor=request.user,
        )  # fmt: skip
    except StaleState:
        return show_row(request, page, chapter, place, form, status=409, stale=STALE if page.draft.open else CLOSED)
    messages.success(request, "已保存")
    here = [page.draft.public_id, chapter]
    return redirect("policy_draft_row", *here, place.path) if place.path else redirect("policy_draft_chapter", *here)


def show_row(
    request: HttpRequest,
    page: DraftPage,
    chapter: str,
    place: documents.Place,
    form: RowForm,
    status: int = 200,
    stale: str = "",
) -> HttpResponse:
    found = documents.chapter(chapter)
    wrong = [one.here() for one in page.faults if (one.chapter, one.path) == (chapter, place.path)]
    context = {
        "page": page, "chapter": found, "place": place, "form": form, "stale": stale,
        "problems": form.problems() if form.is_bound and form.errors else wrong,
        "lists": page.lists(found, place), "singles": page.singles(place), "version": version_now(page, chapter),
        "elsewhere": len([one for one in page.faults if one.chapter == chapter]) - len(wrong),
    }  # fmt: skip
    return render(request, "assessment/drafting/row.html", context, status=status)


@keeping_text
@officers
def add(request: HttpRequest, public_id: str, chapter: str, path: str) -> HttpResponse:
    """A new row at the end of a list; `like` begins it as a copy of one that is there."""
    page = draft_for(request, public_id)
    shape, model = _list_shape(page, chapter, path, request.GET.get("like", ""))
    posted = request.POST if request.method == "POST" else None
    form = RowForm(shape, model, page.offers(), posted)
    status, stale = 200, ""
    if posted is not None:
        status = 422
        if form.is_valid():
            try:
                made = service.add_row(
                    page.draft, chapter, path, form.values(), version=version_of(request), actor=request.user
                )
                messages.success(request, "已添加")
                return redirect("policy_draft_row", public_id, chapter, made)
            except StaleState:
                status, stale = 409, STALE if page.draft.open else CLOSED
    context = {"page": page, "chapter": documents.chapter(chapter), "form": form, "word": shape.word, "stale": stale,
               "path": path, "version": version_now(page, chapter), "problems": form.problems() if form.is_bound else []}  # fmt: skip
    return render(request, "assessment/drafting/add.html", context, status=status)


@officers
def remove(request: HttpRequest, public_id: str, chapter: str, path: str) -> HttpResponse:
    page = draft_for(request, public_id)
    place = place_of(page, chapter, path)
    if not place.number:
        raise Http404
    stale, status = "", 200
    if request.method == "POST":
        try:
            service.remove_row(page.draft, chapter, path, version=version_of(request), actor=request.user)
            messages.success(request, f"已删去{place.called}")
            return redirect(*above(page, chapter, place))
        except StaleState:
            stale, status = "这一章在您打开之后有人改过，这次没有删。请核对后再删。", 409
    context = {"page": page, "chapter": documents.chapter(chapter), "place": place, "stale": stale,
               "version": version_now(page, chapter)}  # fmt: skip
    return render(request, "assessment/drafting/remove.html", context, status=status)


def above(page: DraftPage, chapter: str, place: documents.Place) -> tuple[str, ...]:
    """The page on which the row is listed."""
    head = place.list_path.rpartition(".")[0]
    here = (page.draft.public_id, chapter)
    return ("policy_draft_row", *here, head) if head else ("policy_draft_chapter", *here)


def place_of(page: DraftPage, chapter: str, path: str) -> documents.Place:
    """The row at this address, or 404."""
    try:
        return documents.place(page.documents[chapter], documents.chapter(chapter).shape, path)
    except (LookupError, StopIteration, TypeError) as error:
        raise Http404 from error


def _list_shape(page: DraftPage, chapter: str, path: str, like: str):
    head, _, key = path.rpartition(".")
    inner = place_of(page, chapter, head).shape.inner
    if key not in inner or inner[key].single:
        raise Http404
    model = place_of(page, chapter, f"{path}.{like}").node if like else {}
    return inner[key], model


def version_of(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def version_now(page: DraftPage, chapter: str) -> int:
    return next(one.version for one in page.draft.chapters.all() if one.name == chapter)
