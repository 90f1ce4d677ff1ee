"""What was submitted: the receipt, the content, its documents, the comparison of two revisions."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from declarations import asked, content, printing, whole_copies
from declarations.freezing import DESK_JOB, PDF_JOB, draw
from declarations.models import Revision
from declarations.presenting import grouped
from declarations.views.common import READERS, is_own, note_download, visible_revision
from smartfactory import files, verification
from smartfactory.access import roles
from smartfactory.models import Job, User

# What is handed out: its name among the renderings, the job that draws it, and what its file name ends in.
WHOLE, COVERED = (printing.DECLARATION, PDF_JOB, ""), (printing.DESK_COPY, DESK_JOB, "-查阅件")


def _job(revision: Revision, user: User) -> Job | None:
    kind = PDF_JOB if is_own(user, revision) else DESK_JOB
    return Job.objects.filter(kind=kind, subject=f"revision:{revision.pk}").first()


@require_GET
@roles(*READERS)
def declaration_revision(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    revision = visible_revision(request.user, public_id, number)
    description = content.describe(revision.declaration.track)
    own = is_own(request.user, revision)
    parts = grouped(content.rows(revision.content, description, masked=not own))
    context = {"revision": revision, "declaration": revision.declaration, "parts": parts, "description": description}
    context |= {"own": own, "job": _job(revision, request.user), "earlier": number - 1}
    return render(request, "declarations/revision.html", context)


@require_GET
@roles(*READERS)
def declaration_job(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The state of the document on its way, as the revision page polls it."""
    revision = visible_revision(request.user, public_id, number)
    context = {"revision": revision, "declaration": revision.declaration, "job": _job(revision, request.user)}
    return render(request, "declarations/parts/pdf_job.html", context)


@require_POST
@roles(*READERS)
def declaration_redraw(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    revision = visible_revision(request.user, public_id, number)
    draw(revision, PDF_JOB if is_own(request.user, revision) else DESK_JOB, request.user)
    return redirect("declaration_revision", public_id, number)


@require_GET
@roles(*READERS)
def declaration_pdf(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The document itself, or where it stands while it is being drawn.

    Others than the enterprise get the copy with private values covered, unless a colleague's leave says otherwise.
    """
    revision, user = visible_revision(request.user, public_id, number), request.user
    whole = "whole" in request.GET and whole_copies.permitted(user, revision.declaration)
    name, kind, suffix = WHOLE if whole or is_own(user, revision) else COVERED
    stored = verification.rendered(revision.issued, name) if revision.issued else None
    if stored is None:
        draw(revision, kind, user)
        return redirect("declaration_revision", public_id, number)
    note_download(user, revision, whole=whole, name=name)
    return files.response(
        stored, f"{revision.declaration.number}-第{number}版{suffix}.pdf", inline="inline" in request.GET
    )


@require_GET
@roles(*READERS)
def declaration_json(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """The frozen content, byte for byte: what the digest is of. Private values are the enterprise's to export."""
    revision = visible_revision(request.user, public_id, number)
    if not is_own(request.user, revision):
        raise Http404
    answer = HttpResponse(revision.payload, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{revision.declaration.number}-{number}.json"'
    return answer


@require_GET
@roles(*READERS)
def declaration_receipt(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    revision = visible_revision(request.user, public_id, number)
    name = f"{revision.declaration.number}-{number}-receipt.pdf"
    return files.response(printing.kept_receipt(revision), name, inline=True)


@require_GET
@roles(*READERS)
def declaration_diff(request: HttpRequest, public_id: str, number: int, other: int) -> HttpResponse:
    """What changed between revision `other` and revision `number`, with the opinions that asked for it."""
    after, before = (visible_revision(request.user, public_id, one) for one in (number, other))
    description = content.describe(after.declaration.track)
    comparison = asked.compare(before, after, description, masked=not is_own(request.user, after))
    context = {"declaration": after.declaration, "description": description, "comparison": comparison}
    return render(request, "declarations/diff.html", context)
