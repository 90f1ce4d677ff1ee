"""Filling in a part: the page, the plain save, and the autosave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from declarations import forms, instances, often_returned, returning, services
from declarations.content import Section
from declarations.models import Declaration, LateChangeError
from declarations.presenting import Workspace
from declarations.reuse import maturity
from declarations.thresholds import own_notes
from declarations.views import saving, uploads
from declarations.views.common import DESK, MEMBERS, WRITERS, own_declaration
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.forms import Note
from smartfactory.problems import Problem, errors
from smartfactory.views.keeping import keeping_text


def _section(space: Workspace, key: str) -> Section:
    if key not in space.description.by_key:
        raise Http404
    return space.description.section(key)


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*MEMBERS)
def declaration_section(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    if request.method == "POST":
        return _save(request, public_id, key)
    declaration = own_declaration(request.user, public_id, related=DESK)
    space = Workspace(declaration, request.user)
    section = _section(space, key)
    if not space.may_edit:
        return saving.read_only(request, declaration)
    return page(request, space, section)


def page(
    request: HttpRequest, space: Workspace, section: Section, extra: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    """A part as it is stored, with the problems to show."""
    row = space.contents[section.key]
    checked = "checked" in request.GET
    problems = [*extra, *saving.shown_problems(space, section, "", everything=checked)]
    is_open = {one.key: returning.is_open(space.declaration, one.anchor) for one in section.fields}
    files = uploads.by_field(space.stored.evidence, section.key)
    blocks = {
        one.key: {"space": space, "marks": space.instance_marks, "version": row.version}
        for one in section.fields
        if one.kind == "instances"
    }
    form = forms.PartForm(
        section.fields,
        space.payload["sections"][section.key],
        space.description,
        problems=problems,
        returns=space.returns_for(section.key),
        is_open=is_open,
        context={"files": files, "more": request.GET.get("more"), "blocks": blocks},
        own_notes=_own_notes(space, section),
    )
    context = {
        "space": space,
        "declaration": space.declaration,
        "section": section,
        "form": form,
        "row": row,
        "problems": errors(problems),
        "removed": instances.removed(space.declaration) if section.instance_fields else [],
    }
    context |= {
        "action": _action(request, space, section),
        "autosave": reverse("declaration_autosave", args=[space.declaration.public_id, section.key]),
        "onward": _onward(space, section),
        "often": often_returned.in_section(space.declaration.track, section.key),
    }
    return render(request, "declarations/section.html", context, status=status)


def _own_notes(space: Workspace, section: Section) -> dict[str, tuple[Note, ...]]:
    """What the margin says to this enterprise alone: numbers asked of it, and what an assessor found."""
    found = own_notes(space, section)
    for key, notes in maturity.notes(space.declaration, section).items():
        found[key] = (*found.get(key, ()), *notes)
    return found


def _action(request: HttpRequest, space: Workspace, section: Section) -> str:
    """Where the part's form is sent if not to this address: the page may be the answer to an act of its list."""
    here = reverse("declaration_section", args=[space.declaration.public_id, section.key])
    return "" if request.path == here else here


def _onward(space: Workspace, section: Section) -> dict[str, str]:
    """Where “save and go on” leads: the next part, or the check."""
    keys = list(space.description.by_key)
    place = keys.index(section.key) + 1
    if place < len(keys):
        return {"label": "保存并填下一部分", "url": space.url(keys[place])}
    return {"label": "保存并核对全部内容", "url": reverse("declaration_check", args=[space.declaration.public_id])}


def _save(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    space = Workspace(declaration, request.user)
    section = _section(space, key)
    values = saving.chosen(request.POST, forms.dirty(section.by_key, request.POST))
    try:
        result = saving.merge(services.save_section, declaration, section.key, values, request)
    except LateChangeError:
        return saving.too_late(request, declaration, section.by_key, values)
    if not result.saved:
        return saving.conflict(request, space, section, values, result, section.by_key)
    return _after(request, declaration, section)


def _after(request: HttpRequest, declaration: Declaration, section: Section) -> HttpResponse:
    """What the pressed button asks for, once the text is safe."""
    here = reverse("declaration_section", args=[declaration.public_id, section.key])
    try:
        if target := uploads.act(request, declaration, section.by_key, None):
            return redirect(f"{here}#div_id_{target}")
    except BadFile as error:
        space = Workspace(own_declaration(request.user, declaration.public_id), request.user)
        bad = Problem(str(error), section=section.key, field=request.POST["upload"])
        return page(request, space, section, (space.linked(bad),), status=422)
    if asked := uploads.asked_out(request, declaration):
        return redirect(asked)
    if more := request.POST.get("more"):
        return redirect(f"{here}?more={more}#div_id_{more}") if more in section.by_key else redirect(here)
    space = Workspace(own_declaration(request.user, declaration.public_id), request.user)
    if request.POST.get("go") == "on":
        _tell(request, space, section)
        return redirect(_onward(space, section)["url"])
    if left := sum(one.section == section.key for one in space.errors):
        messages.info(request, f"{section.title}已保存。还有 {left} 处要填或要改，列在下面。")
    else:
        messages.success(request, f"{section.title}已保存。")
    return redirect(f"{here}?checked=1")


def _tell(request: HttpRequest, space: Workspace, section: Section) -> None:
    """What the part just saved still asks for; where only its scenarios do, the way leads to the first of these."""
    wrong = [one for one in space.errors if one.section == section.key]
    own = [one for one in wrong if "." not in one.field]
    back = f"{space.url(section.key)}?checked=1" if own or not wrong else wrong[0].fix_url
    among = f"（其中场景里 {len(wrong) - len(own)} 处）" if own and len(own) < len(wrong) else ""
    saving.tell_remaining(request, f"第{section.number}部分", wrong, back, among)


@require_POST
@roles(*WRITERS)
def declaration_autosave(request: HttpRequest, public_id: str, key: str) -> JsonResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS, related=DESK)
    section = _section(Workspace(declaration, request.user), key)
    values = forms.typed(section.by_key, request.POST)

    def shown(everything: bool) -> dict[str, Any]:
        return saving.remaining(Workspace(declaration, request.user), section, "", everything=everything)

    return saving.answer(services.save_section, declaration, key, values, request, shown)
