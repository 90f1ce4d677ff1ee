"""Conditions beside their answers: live for the enterprise, as filed for it and for the officials."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from assessment.citing import cite
from declarations import content, matrix
from declarations.content.walk import Anchor, Row
from declarations.models import Declaration, Evidence
from declarations.presenting import Workspace
from declarations.views.common import MEMBERS, READERS, is_own, own_declaration, visible_revision
from smartfactory.access import roles

SHOWN = 90
# The page of a file by its digest, and of the copy of it that is marked there.
OpenAt = Callable[[str, Anchor | None], str]


@require_GET
@roles(*MEMBERS)
def declaration_matrix(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    space = Workspace(declaration, request.user)

    def address(row: Row) -> str:
        return space.url(row.section, row.key.partition(".")[2])

    def open_at(digest: str, at: Anchor | None) -> str:
        copies = [one for one in space.stored.evidence if one.file_id == digest]
        copy = next((one for one in copies if at and _points(one, at)), copies[0])
        return reverse("declaration_evidence_view", args=[public_id, copy.public_id])

    found = matrix.lines(space.payload, space.description)
    return _page(request, declaration, found, address, open_at, space.url, filed=None)


@require_GET
@roles(*READERS)
def revision_matrix(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    revision = visible_revision(request.user, public_id, number)
    declaration = revision.declaration
    page = reverse("declaration_revision", args=[public_id, number])

    def open_at(digest: str, at: Anchor | None) -> str:
        return reverse("declaration_file_view", args=[public_id, number, digest])

    found = matrix.lines(
        revision.content, content.describe(declaration.track), masked=not is_own(request.user, revision)
    )
    return _page(request, declaration, found, lambda row: f"{page}#row-{row.anchor}", open_at, None, filed=revision)


def _points(copy: Evidence, at: Anchor) -> bool:
    """Whether it is this copy of the file that was said to answer the condition there."""
    return {"condition": at.condition, "first": at.first, "last": at.last} in copy.anchors


def _files(line: matrix.Line, open_at: OpenAt) -> list[dict[str, str]]:
    """The files of a condition: those pointed at, at their page, then those that stand beside its answers."""
    pointed = [
        {"name": one.name, "where": at.where, "url": f"{open_at(one.digest, at)}?page={at.first or 1}"}
        for one, at in line.cited
    ]
    beside = [
        {"name": one.name, "where": f"{one.pages} 页" if one.pages else "", "url": open_at(one.digest, None)}
        for one in line.files
    ]
    return pointed + beside


def _words(row: Row) -> str:
    """The beginning of an answer; a table by its number of rows, for these stand below."""
    return row.text[:SHOWN] if row.table is None else f"{len(row.table.rows)} 行"


def _page(
    request: HttpRequest,
    declaration: Declaration,
    found: list[matrix.Line],
    address: Callable[[Row], str],
    open_at: OpenAt,
    mend: Callable[..., str] | None,
    *,
    filed: object,
) -> HttpResponse:
    edition = declaration.track.campaign.edition
    groups: dict[str, list[dict]] = {}
    for one in found:
        said = [
            {"label": row.label, "where": row.group, "words": _words(row), "url": address(row), "table": row.table}
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
