"""Looking at a file page by page, and saying which conditions it answers where."""

from __future__ import annotations

import base64
import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from assessment.citing import cite
from declarations import anchors, content, returning
from declarations.content.walk import FileLine
from declarations.models import Declaration, Evidence, LateChangeError
from declarations.presenting import Workspace
from declarations.views.common import MEMBERS, READERS, WRITERS, note_download, own_declaration, visible_revision
from smartfactory import previews
from smartfactory.access import roles, scope
from smartfactory.models import StoredFile


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def declaration_evidence_view(request: HttpRequest, public_id: str, evidence_id: str) -> HttpResponse:
    """The enterprise's own file: its pages, and the conditions they answer."""
    declaration = own_declaration(request.user, public_id)
    rows = Evidence.objects.select_related("file", "instance")
    row = rows.get_for(request.user, declaration=declaration, public_id=evidence_id)
    if request.method != "POST":
        return _own_page(request, declaration, row)
    if not set(WRITERS) & set(scope(request.user).enterprises.get(declaration.enterprise_id, ())):
        raise Http404
    try:
        _point(request, row)
    except anchors.BadAnchor as error:
        return _own_page(request, declaration, row, error)
    except LateChangeError as error:
        messages.error(request, f"申报书现在是“{error}”，没有改。")
    page = _integer(request.POST.get("first"))
    here = reverse("declaration_evidence_view", args=[public_id, evidence_id])
    return redirect(f"{here}?page={page}" if page else here)


def _point(request: HttpRequest, row: Evidence) -> None:
    sent = request.POST
    if "remove" in sent:
        place, _, condition = sent["remove"].partition(":")
        anchors.remove(row, _integer(place), condition, actor=request.user)
        return
    pages = [_integer(sent.get("first")), _integer(sent.get("last"))]
    anchors.add(row, sent.get("condition", ""), *pages, actor=request.user)
    messages.success(request, "已标出。条件对照里能直接打开这一页。")


def _own_page(
    request: HttpRequest, declaration: Declaration, row: Evidence, bad: anchors.BadAnchor | None = None
) -> HttpResponse:
    description = content.describe(declaration.track)
    known, edition = anchors.conditions(description), declaration.track.campaign.edition
    said = [
        {"place": place, **one, "rule": known[one["condition"]]}
        for place, one in enumerate(row.anchors) if one["condition"] in known
    ]  # fmt: skip
    for one in said:
        one["clause"] = cite(edition, one["rule"].source, one["rule"].clause)
    uid = f"{row.instance.uid}.{row.field}" if row.instance else row.field
    context = {
        "row": row, "said": said, "known": known.values(), "given": request.POST, "bad": bad,
        "problems": [{"message": str(bad), "fix_url": f"#id_{bad.field}"}] if bad else [],
        "writes": bool(set(WRITERS) & set(scope(request.user).enterprises.get(declaration.enterprise_id, ())))
        and returning.is_open(declaration, row.address),
        "back": Workspace(declaration, request.user).url(row.section, uid).replace("?checked=1", ""),
        "download": reverse("declaration_evidence", args=[declaration.public_id, row.public_id]),
    }  # fmt: skip
    wanted = request.POST.get("first") or request.GET.get("page")
    context |= {"declaration": declaration, **_shown(row.file, row.name, row.pages, wanted)}
    return render(request, "declarations/evidence.html", context, status=422 if bad else 200)


def _shown(stored: StoredFile, name: str, pages: int, wanted: str | None) -> dict[str, object]:
    """One page as a picture that travels inside the answer: whoever may not read the answer has no address for it."""
    page = min(max(1, _integer(wanted)), max(1, pages))
    drawn = previews.picture(stored, page)
    found = {"name": name, "pages": pages, "page": page, "picture": base64.b64encode(drawn).decode() if drawn else ""}
    return found | {
        "before": page - 1,
        "after": page + 1 if page < pages else 0,
        "drawable": stored.mime in previews.DRAWN,
    }


def _integer(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else 0


@require_GET
@roles(*MEMBERS)
def declaration_evidence_small(request: HttpRequest, public_id: str, evidence_id: str) -> HttpResponse:
    """The small picture of its first page."""
    declaration = own_declaration(request.user, public_id)
    row = Evidence.objects.select_related("file").get_for(request.user, declaration=declaration, public_id=evidence_id)
    drawn = previews.picture(row.file, 1, previews.SMALL)
    if not drawn:
        raise Http404
    return HttpResponse(drawn, content_type="image/jpeg", headers={"Cache-Control": "private, max-age=86400"})


@require_GET
@roles(*READERS)
def declaration_file_view(request: HttpRequest, public_id: str, number: int, digest: str) -> HttpResponse:
    """A file as it was filed: the way officials look at evidence without taking a copy. It leaves a trace as a copy does."""
    revision = visible_revision(request.user, public_id, number)
    lines = [
        one for row in content.rows(revision.content, content.describe(revision.declaration.track)) for one in row.files
    ]
    named: FileLine | None = next((one for one in lines if one.digest == digest), None)
    stored = StoredFile.objects.filter(pk=digest).first()
    if named is None or stored is None:
        raise Http404
    note_download(request.user, revision, sha256=digest)
    context = {
        "declaration": revision.declaration, "filed": revision, "said": _filed_anchors(revision, lines, digest),
        "back": reverse("declaration_revision", args=[public_id, number]),
        "download": reverse("declaration_file", args=[public_id, number, digest]),
    }  # fmt: skip
    context |= _shown(stored, named.name, named.pages, request.GET.get("page"))
    return render(request, "declarations/evidence.html", context)


def _filed_anchors(revision: object, lines: list[FileLine], digest: str) -> list[dict[str, object]]:
    """What was said of this content, in whichever places it lies; a condition in the words of the edition."""
    known = anchors.conditions(content.describe(revision.declaration.track))
    edition = revision.declaration.track.campaign.edition
    found = dict.fromkeys(at for one in lines if one.digest == digest for at in one.answers)
    return [
        {"first": at.first, "last": at.last, "rule": rule, "clause": cite(edition, rule.source, rule.clause)}
        for at in found if (rule := known.get(at.condition))
    ]  # fmt: skip
