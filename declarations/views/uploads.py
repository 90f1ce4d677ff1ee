"""Files of the form: sent along with the text, so that no text is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from declarations import evidence
from declarations.content import Field, describe
from declarations.models import Declaration, Evidence, LateChangeError, ScenarioInstance
from declarations.presenting import Workspace
from declarations.views.common import DESK, MEMBERS, WRITERS, note_download, own_declaration, visible_revision
from declarations.views.common import READERS as REVISION_READERS
from declarations.vocabulary import Kind
from smartfactory import files
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.models import StoredFile


def by_field(
    evidence: Iterable[Evidence], section: str, instance: ScenarioInstance | None = None
) -> dict[str, list[Evidence]]:
    """The files of one part or one instance, by field."""
    found: dict[str, list[Evidence]] = {}
    for one in evidence:
        if one.section == section and one.instance_id == (instance.pk if instance else None):
            found.setdefault(one.field, []).append(one)
    return found


def act(
    request: HttpRequest, declaration: Declaration, fields: Mapping[str, Field], instance: ScenarioInstance | None
) -> str:
    """Add a file if the button for that was pressed; return the field's key, empty if it was not.

    Raises BadFile in words that name the question and the file.
    """
    if (key := request.POST.get("upload", "")) and key in fields and fields[key].kind == Kind.FILES:
        sent = request.FILES.get(f"{key}-file")
        if sent is None:
            raise BadFile(f"{fields[key].label}：还没有选择文件。请先选择，再按“上传”")
        named = f"{fields[key].label}：“{evidence.tidy(sent.name)}”没有上传。"
        try:
            made = evidence.add(declaration, fields[key], sent.file, sent.name, actor=request.user, instance=instance)
        except BadFile as error:
            raise BadFile(f"{named}{error}") from error
        except LateChangeError as error:
            raise BadFile(f"{named}申报书现在是“{error}”") from error
        messages.success(request, told(made))
        return key
    return ""


def told(made: Evidence) -> str:
    """What a person reads once a file is there: also that the declaration holds the same content already."""
    same = evidence.elsewhere(made)
    return f"“{made.name}”已上传。" + (f"内容与“{same}”完全相同，系统只存一份。" if same else "")


def asked_out(request: HttpRequest, declaration: Declaration) -> str:
    """The address that asks once more before a file is taken out, if a button for that was pressed."""
    wanted = request.POST.get("take_out", "")
    row = Evidence.objects.filter(declaration=declaration, public_id=wanted).first() if wanted else None
    return reverse("declaration_evidence_remove", args=[declaration.public_id, row.public_id]) if row else ""


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def declaration_evidence_remove(request: HttpRequest, public_id: str, evidence_id: str) -> HttpResponse:
    """Asks once more, then takes the file out."""
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    rows = Evidence.objects.select_related("file", "instance")
    row = rows.get_for(request.user, declaration=declaration, public_id=evidence_id)
    back = Workspace(declaration, request.user).url(row.section, _address(row)).replace("?checked=1", "")
    if request.method != "POST":
        label = _field(declaration, row).label
        context = {"declaration": declaration, "row": row, "label": label, "back": back}
        return render(request, "declarations/remove_evidence.html", context)
    try:
        evidence.remove(row, actor=request.user)
    except LateChangeError as error:
        messages.error(request, f"申报书现在是“{error}”，“{row.name}”没有删去。")
    else:
        messages.success(request, f"“{row.name}”已删去。")
    return redirect(back)


def _address(row: Evidence) -> str:
    return f"{row.instance.uid}.{row.field}" if row.instance else row.field


def _field(declaration: Declaration, row: Evidence) -> Field:
    section = describe(declaration.track).section(row.section)
    return (section.instance_by_key if row.instance else section.by_key)[row.field]


@require_GET
@roles(*MEMBERS)
def declaration_evidence(request: HttpRequest, public_id: str, evidence_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id)
    row = Evidence.objects.select_related("file").get_for(request.user, declaration=declaration, public_id=evidence_id)
    return files.response(row.file, row.name)


@require_GET
@roles(*REVISION_READERS)
def declaration_file(request: HttpRequest, public_id: str, number: int, digest: str) -> HttpResponse:
    """A file that a revision names, by its digest: the way officials read evidence."""
    revision = visible_revision(request.user, public_id, number)
    name = _named(revision.content, digest)
    stored = StoredFile.objects.filter(pk=digest).first()
    if not name or stored is None:
        raise Http404
    note_download(request.user, revision, sha256=digest)
    return files.response(stored, name)


def _named(value: object, digest: str) -> str:
    """The name under which a payload lists the file, empty if it does not."""
    if isinstance(value, dict):
        if value.get("digest") == digest:
            return str(value.get("name", ""))
        return next((found for one in value.values() if (found := _named(one, digest))), "")
    if isinstance(value, list):
        return next((found for one in value if (found := _named(one, digest))), "")
    return ""
