"""Files an enterprise attaches: one real page for each kind of proof, the same for all, and the flagship's pictures."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from django.utils import timezone

from declarations import content, evidence
from declarations.vocabulary import Kind
from recommendations.demo import book
from smartfactory import documents

if TYPE_CHECKING:
    from declarations.content import Field
    from declarations.models import Declaration, ScenarioInstance
    from smartfactory.models import User

TEMPLATE = "pdf/demo_paper.html"


@cache
def page(title: str) -> bytes:
    """A page that says what would stand here."""
    return documents.render_pdf(TEMPLATE, {"title": title}, created=timezone.now()).pdf


def attach_required(declaration: Declaration, actor: User) -> None:
    """One page in every place where the form requires a file."""
    for field in content.describe(declaration.track).fields():
        if field.kind == Kind.FILES and field.required:
            attach(declaration, field, f"{field.label}.pdf", page(field.label), actor)


def attach(
    declaration: Declaration,
    field: Field,
    name: str,
    body: bytes,
    actor: User,
    instance: ScenarioInstance | None = None,
) -> None:
    evidence.add(declaration, field, io.BytesIO(body), name, actor=actor, instance=instance)


def picture(name: str) -> bytes:
    return (book.folder() / "pictures" / name).read_bytes()
