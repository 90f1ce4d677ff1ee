"""Conditions beside their answers: live for the enterprise, as filed for it and for the officials."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessment.citing import cite
from declarations import content, matrix
from declarations.content.walk import Row
from declarations.models import Declaration
from declarations.presenting import Workspace
from declarations.views.common import MEMBERS, READERS, is_own, own_declaration, visible_revision
from smartfactory.access import roles

SHOWN = 90


@require_GET
@roles(*MEMBERS)
def declaration_matrix(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    space = Workspace(declaration, request.user)

    def address(row: Row) -> str:
        return space.url(row.section, row.key.partition(".")[2])

    own = {one.file_id: one.public_id for one in space.stored.evidence}

    def open_at(digest: str) -> str:
        return reverse("declaration_evidence_view", args=[public_id, own[digest]])

    found = matrix.lines(space.payload, space.description)
    return _page(request, declaration, found, address, open_at, space.url, filed=None)


@require_GET
@roles(*READERS)
def revision_matrix(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    revision = visible_revision(request.user, public_id, number)
    declaration = revision.declaration
    page = reverse("declaration_revision", args=[public_id, number])

    def open_at(digest: str) -> str:
        return reverse("declaration_file_view", args=[public_id, number, digest])

    found = matrix.lines(
        revision.content, content.describe(declaration.track), masked=not is_own(request.user, revision)
    )
    return _page(request, declaration, found, lambda row: f"{page}#row-{row.anchor}", open_at, None, filed=revision)


def _files(line: matrix.Line, open_at: Callable[[str], str]) -> list[dict[str, str]]:
    """The files of a condition: those pointed at, at their page, then those that stand beside its answers."""
    pointed = [
        {"name": one.name, "where": at.where, "url": f"{open_at(one.digest)}?page={at.first or 1}"}
        for one, at in line.cited
    ]
    beside = [
        {"name": one.name, "where": f"{one.pages} 页" if one.pages else "", "url": open_at(one.digest)}
        for one in line.files
    ]
    return pointed + beside


def _page(
    request: HttpRequest,
    declaration: Declaration,
    found: list[matrix.Line],
    address: Callable[[Row], str],
    open_at: Callable[[str], str],
    mend: Callable[..., str] | None,
    *,
    filed: object,
) -> HttpResponse:
    edition = declaration.track.campaign.edition
    groups: dict[str, list[dict]] = {}
    for one in found:
        said = [
            {"label": row.label, "where": row.group, "words": row.text[:SHOWN], "url": address(row)}
            for row in one.answers
        ]
        rule = one.result.rule
        to_mend = mend(*rule.fix.split(".", 1)) if mend and rule.fix and declaration.editable else ""
        groups.setdefault(one.group, []).append(
            {
                "line": one,
                "rule": rule,
                "said": said,
                "files": _files(one, open_at),
                "mend": to_mend,
                "clause": cite(edition, rule.source, rule.clause),
            }
        )
    context = {"declaration": declaration, "groups": groups, "counts": matrix.counts(found), "filed": filed}
    context |= {"own": mend is not None, "tier": declaration.track.tier, "total": len(found)}
    return render(request, "declarations/matrix.html", context)
