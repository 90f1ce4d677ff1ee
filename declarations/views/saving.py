"""What a save is answered with: JSON for autosave, pages for a plain form. No text is ever thrown away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.html import format_html

from declarations import content, forms
from declarations.checks.fields import MISSING
from declarations.content import Field, Section
from declarations.models import Declaration, LateChangeError
from declarations.presenting import Workspace
from declarations.services import SaveResult
from declarations.vocabulary import Kind
from smartfactory.problems import Problem, errors

Save = Callable[..., SaveResult]
# What a page would show now: asked only when it shows a list of what is wrong; True asks for missing answers too.
Shown = Callable[[bool], dict[str, Any]]
BUTTONS = frozenset({"csrfmiddlewaretoken", "version", "base", "multiple", "go", "more", "upload", "take_out", "uid"})


def answer(
    save: Save, declaration: Declaration, where: str, values: Mapping[str, Any], request: HttpRequest, shown: Shown
) -> JsonResponse:
    """The contract of autosave: 200; 409 with what others changed, or closed; 422 saved, with problems.

    A page that lists what is wrong asks with `follow` for its list as it would now be drawn; `shown` answers it.
    """
    version = forms.version_of(request.POST)
    try:
        result = save(
            declaration, where, values, version=version, actor=request.user, page=request.POST.get("page", "")
        )
    except LateChangeError as error:
        words = f"申报书现在是“{error}”，这里的修改没有保存。您写的内容还在页面上，可以复制"
        return JsonResponse({"version": version, "fields": {}, "closed": True, "message": words}, status=409)
    if not result.saved:
        return JsonResponse({"version": result.version, "fields": result.conflicts}, status=409)
    marks = {name: forms.mark(value) for name, value in result.kept.items()}
    body = {"version": result.version, "saved_at": result.at.isoformat(timespec="seconds"), "marks": marks}
    problems = result.problems
    if follow := request.POST.get("follow"):
        context = shown(follow == "all")
        problems = [*result.refused, *context["problems"]]
        body["slip"] = render_to_string("partials/error_slip.html", {"problems": errors(problems)})
        body["rail"] = render_to_string("declarations/parts/rail.html", context)
    if problems:
        return JsonResponse(body | {"problems": [one.as_json() for one in problems]}, status=422)
    return JsonResponse(body)


def remaining(space: Workspace, section: Section, uid: str, *, everything: bool) -> dict[str, Any]:
    """What a part's page (or an instance's) would show as wrong if it were drawn now, for its list and its rail."""
    problems = shown_problems(space, section, uid, everything=everything)
    place = space.places.get(uid)
    return {
        "space": space, "declaration": space.declaration, "section": section, "place": place, "problems": problems,
    }  # fmt: skip


def tell_remaining(request: HttpRequest, what: str, wrong: list[Problem], back: str, among: str = "") -> None:
    """Who goes on to the next page is told what the one just saved still asks for, with the way back."""
    if wrong:
        words = '{}已保存，有 {} 处要改正{}。<a href="{}">回去改正</a>'
        messages.warning(request, format_html(words, what, len(wrong), among, back))


def merge(
    save: Save, declaration: Declaration, where: str, values: Mapping[str, Any], request: HttpRequest
) -> SaveResult:
    """Save a plain form. Where others changed only other fields in the meantime, go on from their version."""
    version = forms.version_of(request.POST)
    result = save(declaration, where, values, version=version, actor=request.user)
    if not result.saved and not set(values) & set(result.conflicts):
        return save(declaration, where, values, version=result.version, actor=request.user)
    return result


def chosen(sent: QueryDict, values: dict[str, Any]) -> dict[str, Any]:
    """After a comparison: leave out the fields for which the other text was chosen."""
    return {key: raw for key, raw in values.items() if sent.get(f"choose-{key}") != "theirs"}


def shown_problems(space: Workspace, section: Section, uid: str, *, everything: bool) -> list[Problem]:
    """Problems of a part (or an instance); missing answers only once the person has saved or come to mend them."""
    found = []
    for one in space.problems:
        owner = one.field.rpartition(".")[0]
        if one.section == section.key and owner == uid and (everything or not one.message.startswith(MISSING)):
            found.append(one)
    return found


def read_only(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    """The form is closed: lead to what there is to read."""
    if declaration.editable:
        return redirect("declaration_check", declaration.public_id)
    messages.info(request, f"申报书现在是“{declaration.status_word}”，内容不能改。这里是提交时的定稿。")
    if declaration.latest_revision_id:
        return redirect("declaration_revision", declaration.public_id, declaration.latest_revision.number)
    return redirect("declaration_detail", declaration.public_id)


def too_late(
    request: HttpRequest, declaration: Declaration, fields: Mapping[str, Field], values: Mapping[str, Any]
) -> HttpResponse:
    """Somebody submitted in the meantime: nothing is saved, everything typed is shown so that it can be copied."""
    declaration.refresh_from_db()
    kept = [{"label": fields[key].label, "text": words(fields[key], raw)} for key, raw in values.items()]
    context = {"declaration": declaration, "kept": [one for one in kept if one["text"]]}
    return render(request, "declarations/too_late.html", context, status=409)


def conflict(
    request: HttpRequest,
    space: Workspace,
    section: Section,
    values: Mapping[str, Any],
    result: SaveResult,
    fields: Mapping[str, Field],
) -> HttpResponse:
    """Both texts side by side for the fields two people wrote; the rest of what was typed travels along."""
    both = [
        {
            "field": fields[key],
            "mine": words(fields[key], raw),
            "theirs": words(fields[key], result.conflicts[key]["theirs"]),
            "by": result.conflicts[key]["by"],
            "at": result.conflicts[key]["at"],
            "plain": fields[key].kind in (Kind.TEXT, Kind.TEXTAREA),
        }
        for key, raw in values.items()
        if key in result.conflicts
    ]
    plain = {one["field"].key for one in both if one["plain"]}
    carried = [
        (name, one)
        for name in request.POST
        if name not in BUTTONS and name not in plain
        for one in request.POST.getlist(name)
    ]
    context = {"space": space, "declaration": space.declaration, "section": section, "both": both, "carried": carried}
    context |= {
        "uid": request.POST.get("uid", ""),
        "version": result.version,
        "multiple": request.POST.get("multiple", ""),
        "base": _unchanged(fields, values, request.POST),
    }
    return render(request, "declarations/conflict.html", context, status=409)


def _unchanged(fields: Mapping[str, Field], values: Mapping[str, Any], sent: QueryDict) -> str:
    """The marks of the fields the person did not touch: they stay untouched when the comparison is sent."""
    sure = forms.typed(fields, sent)
    marks = {key: forms.mark(content.clean(fields[key], raw)) for key, raw in sure.items() if key not in values}
    return forms.json.dumps(marks)


def words(field: Field, raw: Any) -> str:
    """A value as people read it, whatever its kind."""
    value = content.clean(field, raw)
    if field.kind == Kind.TABLE:
        return "\n".join(
            "　".join(content.shown(column, row.get(column.key)) for column in field.columns) for row in value
        )
    if field.kind == Kind.INDICATORS:
        return "\n".join(
            f"第 {number} 项：{row.get('before', '')} → {row.get('after', '')} {row.get('value', '')}"
            for number, row in value.items()
        )
    return content.shown(field, value)
