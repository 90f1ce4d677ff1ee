"""Drawing the documents of a revision from its payload alone: the declaration and the receipt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from declarations import content
from declarations.models import Revision
from declarations.presenting import grouped
from smartfactory import verification
from smartfactory.canonical import grouped as in_groups
from smartfactory.documents import Asset, Rendered, render_pdf
from smartfactory.models import StoredFile
from smartfactory.page_codes import linking

DECLARATION, RECEIPT = "declaration.pdf", "receipt.pdf"
# What others than the enterprise carry away: the same document with the middle of private values covered.
DESK_COPY = "desk-copy.pdf"


def declaration(revision: Revision, *, masked: bool = False) -> Rendered:
    """The declaration as the enterprise prints and stamps it. Equal revisions give equal bytes.

    `masked` covers private values, says so on the cover, and leaves the filed content itself out of the attachments.
    """
    description = content.describe(revision.declaration.track)
    parts = grouped(content.rows(revision.content, description, masked=masked))
    titles = {one.key: one for one in description.sections}
    chapters = [{"section": titles[part["key"]], **part} for part in parts]
    for group in (group for chapter in chapters for group in chapter["groups"]):
        group["blocks"] = blocks(group["rows"])
    figures, assets = _figures(chapters)
    context = _shared(revision) | {
        "description": description,
        "chapters": chapters,
        "files": _files(chapters),
        "figures": figures,
        "masked": masked,
    }
    payload = {} if masked else {"declaration.json": revision.payload.encode("utf-8")}
    return render_pdf(
        "pdf/declaration.html", context, created=revision.received_at, assets=assets,
        identifier=f"desk{revision.sha256[:28]}" if masked else revision.sha256[:32],
        attachments=payload, page_code=linking(context["verify_url"], "desk" if masked else "declaration"),
    )  # fmt: skip


def receipt(revision: Revision) -> Rendered:
    """One page that proves what was received when: it is an anchor of the trail in the enterprise's hands."""
    context = _shared(revision)
    return render_pdf(
        "pdf/receipt.html", context, created=revision.received_at, identifier=f"receipt{revision.sha256[:25]}",
        page_code=linking(context["verify_url"], "receipt"),
    )  # fmt: skip


def kept_declaration(revision: Revision) -> StoredFile:
    """The declaration as it was first drawn; drawn now if no worker has come to it yet."""
    return _kept(revision, DECLARATION, declaration)


def kept_desk_copy(revision: Revision) -> StoredFile:
    """The declaration with private values covered, as it was first drawn; drawn now if nobody has asked for it yet."""
    return _kept(revision, DESK_COPY, lambda one: declaration(one, masked=True))


def kept_receipt(revision: Revision) -> StoredFile:
    """The receipt as it was first drawn: everybody gets the same bytes, so that each copy verifies as ours."""
    return _kept(revision, RECEIPT, receipt)


def _kept(revision: Revision, name: str, draw: Callable[[Revision], Rendered]) -> StoredFile:
    kept = verification.rendered(revision.issued, name)
    return kept or verification.attach(revision.issued, name, draw(revision).pdf, "application/pdf").file


def _shared(revision: Revision) -> dict[str, Any]:
    payload = revision.content
    code, received = revision.code, timezone.localtime(revision.received_at)
    return {
        "revision": revision,
        "payload": payload,
        "title": content.project_title(payload),
        "enterprise": payload["enterprise"],
        "number": payload["declaration"]["number"],
        "code": code,
        "verify_url": f"{settings.SITE_URL}{_verify_path(code)}",
        "receiver": revision.declaration.receiver.name,
        "day": f"{received:%Y} 年 {received.month} 月 {received.day} 日",
        "stamp": f"{received:%Y-%m-%d %H:%M:%S}",
        "deadline": f"{timezone.localtime(revision.deadline_at):%Y-%m-%d %H:%M:%S}" if revision.deadline_at else "",
        "foot_note": f"{payload['declaration']['number']} 第 {revision.number} 版",
        "sha256": in_groups(revision.sha256, 16),
        "sm3": in_groups(revision.sm3, 16),
    }


def _verify_path(code: str) -> str:
    """The public page that checks a code; it belongs to the floor above and is only named here."""
    return reverse("verify_code", args=[code])


def blocks(rows: list[content.Row]) -> list[dict[str, Any]]:
    """Neighbouring short answers share a table, everything else stands alone."""
    blocks: list[dict[str, Any]] = []
    for row in rows:
        if row.shape != "line" and not row.blank and not _listed(row):
            blocks.append({"row": row})
        elif blocks and "lines" in blocks[-1]:
            blocks[-1]["lines"].append(row)
        else:
            blocks.append({"lines": [row]})
    return blocks


def _listed(row: content.Row) -> bool:
    """Files that are only named: pictures to be printed stand alone."""
    return row.shape == "files" and not row.field.params.get("figure")


def _files(chapters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every file the declaration names, in order, with where it belongs."""
    rows = [row for chapter in chapters for group in chapter["groups"] for row in group["rows"]]
    return [{"row": row, "file": one} for row in rows for one in row.files]


def _figures(chapters: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, Asset]]:
    """Pictures that are printed: asset names by digest, and the pictures themselves."""
    wanted = {one["file"].digest for one in _files(chapters) if one["row"].field.params.get("figure")}
    stored = StoredFile.objects.filter(pk__in=wanted, mime__startswith="image/")
    assets = {f"figure-{one.digest}": Asset(one.read(), one.mime) for one in stored}
    return {name.removeprefix("figure-"): name for name in assets}, assets
