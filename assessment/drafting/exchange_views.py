"""Editions in and out: a zip of files, a workbook."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from assessment.drafting import documents, exchange, service, workbook
from assessment.drafting.forms import ImportForm, code_fault
from assessment.drafting.views import draft_for, officers
from assessment.models import Edition
from assessment.yaml_nodes import read_text
from smartfactory.access import public
from smartfactory.files import MIMES, BadFile
from smartfactory.workflow import Blocked

KINDS = ("zip", "xlsx")


@require_GET
@public
def edition_file(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """A published edition: the rules are everybody's."""
    edition = Edition.objects.published().filter(code=code).first()
    if edition is None:
        raise Http404
    return _answer(edition.code, exchange.texts_of(edition), kind)


@require_GET
@officers
def draft_file(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    draft = draft_for(request, public_id).draft
    texts = {one.name: one.text for one in draft.chapters.all()}
    return _answer(draft.code, texts, kind)


def _answer(code: str, texts: dict[str, str], kind: str) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    if kind == "zip":
        content, mime = exchange.packed(code, texts), exchange.ZIP
    else:
        content = workbook.written({name: read_text(text, name) for name, text in texts.items()})
        mime = MIMES["xlsx"]
    response = HttpResponse(content, content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="edition-{code}.{kind}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@officers
def bring_in(request: HttpRequest) -> HttpResponse:
    """A draft from files. It is checked like any other, and published by two like any other."""
    form = ImportForm(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            texts = exchange.received(form.cleaned_data["file"])
            head = read_text(texts["edition"], documents.chapter("edition").name)
            if fault := code_fault(str(head["code"])):
                raise BadFile(fault)
            unit, title = form.cleaned_data["authority"], str(head.get("title") or head["code"])[:120]
            return redirect(
                "policy_draft", service.imported(str(head["code"]), title, texts, unit, request.user).public_id
            )
        except (BadFile, Blocked) as error:
            form.add_error("file", str(error))
    status = 422 if request.method == "POST" else 200
    return render(request, "assessment/drafting/import.html", {"form": form}, status=status)
