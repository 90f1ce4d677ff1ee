"""Scenario instances: the page of one, its saves, and the list's buttons."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from declarations import forms, instances, returning, services
from declarations.models import Declaration, LateChangeError, RemovedInstance, ScenarioInstance
from declarations.presenting import Workspace
from declarations.views import saving, sections, uploads
from declarations.views.common import MEMBERS, WRITERS, own_declaration, own_instance
from declarations.vocabulary import Kind
from smartfactory.access import roles
from smartfactory.files import BadFile
from smartfactory.problems import Problem, errors
from smartfactory.views.keeping import keeping_text

# Why an act on the list comes to nothing.
REFUSALS = (
    services.StaleContent, LateChangeError, instances.TooMany, ScenarioInstance.DoesNotExist,
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(*MEMBERS)
def declaration_instance(request: HttpRequest, public_id: str, place: int) -> HttpResponse:
    if request.method == "POST":
        return _save(request, public_id, place)
    declaration = own_declaration(request.user, public_id)
    space = Workspace(declaration, request.user)
    if not space.may_edit:
        return saving.read_only(request, declaration)
    return _page(request, space, own_instance(declaration, place))


def _page(
    request: HttpRequest, space: Workspace, row: ScenarioInstance, extra: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    section = space.description.instance_section
    problems = [*extra, *saving.shown_problems(space, section, row.uid, everything="checked" in request.GET)]
    prefix = f"{section.key}.{row.uid}"
    form = forms.PartForm(
        section.instance_fields,
        row.data,
        space.description,
        problems=problems,
        returns=space.returns_for(section.key, row.uid),
        is_open={
            one.key: returning.is_open(space.declaration, f"{prefix}.{one.key}") for one in section.instance_fields
        },
        context={"files": uploads.by_field(space.stored.evidence, section.key, row), "more": request.GET.get("more")},
    )
    context = {
        "space": space,
        "declaration": space.declaration,
        "section": section,
        "form": form,
        "row": row,
        "problems": errors(problems),
    }
    holder = next(one for one in section.fields if one.kind == Kind.INSTANCES)
    context["list_version"] = space.contents[section.key].version
    context["list_open"] = returning.is_open(space.declaration, holder.anchor)
    context |= {"place": row.position, "count": len(space.instances), "onward": _onward(space, row.position)}
    context["autosave"] = reverse("declaration_instance_autosave", args=[space.declaration.public_id, row.position])
    return render(request, "declarations/instance.html", context, status=status)


def _onward(space: Workspace, place: int) -> dict[str, str]:
    if place < len(space.instances):
        url = reverse("declaration_instance", args=[space.declaration.public_id, place + 1])
        return {"label": "保存并填下一个", "url": url}
    return {"label": "保存并回到第三部分", "url": space.url(space.description.instance_section.key)}


def _save(request: HttpRequest, public_id: str, place: int) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    space = Workspace(declaration, request.user)
    section = space.description.instance_section
    fields = section.instance_by_key
    values = saving.chosen(request.POST, forms.dirty(fields, request.POST))
    uid = request.POST.get("uid") or own_instance(declaration, place).uid
    try:
        result = saving.merge(services.save_instance, declaration, uid, values, request)
    except (LateChangeError, ScenarioInstance.DoesNotExist):
        return saving.too_late(request, declaration, fields, values)
    if not result.saved:
        return saving.conflict(request, space, section, values, result, fields)
    return _after(request, declaration, uid)


def _after(request: HttpRequest, declaration: Declaration, uid: str) -> HttpResponse:
    row = ScenarioInstance.objects.get(declaration=declaration, uid=uid)
    space = Workspace(own_declaration(request.user, declaration.public_id), request.user)
    fields = space.description.instance_section.instance_by_key
    here = reverse("declaration_instance", args=[declaration.public_id, row.position])
    try:
        if target := uploads.act(request, declaration, fields, row):
            return redirect(f"{here}#div_id_{target}")
    except BadFile as error:
        bad = Problem(
            str(error), section=space.description.instance_section.key, field=f"{uid}.{request.POST['upload']}"
        )
        return _page(request, space, row, (space.linked(bad),), status=422)
    if asked := uploads.asked_out(request, declaration):
        return redirect(asked)
    if more := request.POST.get("more"):
        return redirect(f"{here}?more={more}#div_id_{more}") if more in fields else redirect(here)
    if request.POST.get("go") == "on":
        wrong = [one for one in space.errors if one.field.startswith(f"{uid}.")]
        saving.tell_remaining(request, f"场景 {row.position} ", wrong, f"{here}?checked=1")
        return redirect(_onward(space, row.position)["url"])
    messages.success(request, f"场景 {row.position} 已保存。")
    return redirect(f"{here}?checked=1")


@require_POST
@roles(*WRITERS)
def declaration_instance_autosave(request: HttpRequest, public_id: str, place: int) -> JsonResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    section = Workspace(declaration, request.user).description.instance_section
    uid = request.POST.get("uid") or own_instance(declaration, place).uid
    values = forms.typed(section.instance_by_key, request.POST)

    def shown(everything: bool) -> dict[str, Any]:
        return saving.remaining(Workspace(declaration, request.user), section, uid, everything=everything)

    try:
        return saving.answer(services.save_instance, declaration, uid, values, request, shown)
    except ScenarioInstance.DoesNotExist:
        words = "这个场景已被删去，这里的修改没有保存。您写的内容还在页面上，可以复制"
        return JsonResponse({"version": 0, "fields": {}, "closed": True, "message": words}, status=409)


@require_POST
@roles(*WRITERS)
def declaration_instance_add(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    try:
        made = instances.add(declaration, version=forms.version_of(request.POST), actor=request.user)
    except REFUSALS as error:
        return _refused(request, declaration, error)
    return redirect("declaration_instance", declaration.public_id, made.position)


@require_POST
@roles(*WRITERS)
def declaration_instance_copy(request: HttpRequest, public_id: str, place: int) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    row = _named(request, declaration, place)
    try:
        made = instances.duplicate(declaration, row.uid, version=forms.version_of(request.POST), actor=request.user)
    except REFUSALS as error:
        return _refused(request, declaration, error)
    words = f"这是照场景 {made.position - 1} 复制的，排在它后面。请先改名称和不同的内容；配图没有带来，请另外上传。"
    messages.success(request, words)
    # The cursor goes where the copy must become something of its own.
    return redirect(f"{reverse('declaration_instance', args=[declaration.public_id, made.position])}#id_name")


@require_POST
@roles(*WRITERS)
def declaration_instance_move(request: HttpRequest, public_id: str, place: int) -> HttpResponse:
    """One step up or down, or to the typed number."""
    declaration = own_declaration(request.user, public_id, *WRITERS)
    row = _named(request, declaration, place)
    step = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
    to = row.position + step if step else forms.version_of({"version": request.POST.get("to", "")})
    try:
        before = instances.move(declaration, row.uid, to, version=forms.version_of(request.POST), actor=request.user)
    except instances.OutOfList as error:
        return _out_of_list(request, declaration, row, error)
    except REFUSALS as error:
        return _refused(request, declaration, error)
    if before != to:
        messages.success(request, f"“{row.data.get('name') or '未命名'}”从第 {before} 个移到第 {to} 个。")
    return redirect(_list(declaration))


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*WRITERS)
def declaration_instance_remove(request: HttpRequest, public_id: str, place: int) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    row = own_instance(declaration, place)
    space = Workspace(declaration, request.user)
    section = space.description.instance_section
    if request.method != "POST":
        version = space.contents[section.key].version
        context = {"declaration": declaration, "space": space, "row": row, "section": section, "version": version}
        return render(request, "declarations/remove_instance.html", context)
    if request.POST.get("uid") != row.uid:
        raise Http404
    try:
        instances.remove(declaration, row.uid, version=forms.version_of(request.POST), actor=request.user)
    except REFUSALS as error:
        return _refused(request, declaration, error)
    messages.success(request, f"场景“{row.data.get('name') or '未命名'}”已删去。列表下面可以恢复。")
    return redirect(_list(declaration))


@require_POST
@roles(*WRITERS)
def declaration_instance_restore(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    uid, version = request.POST.get("uid", "")[:8], forms.version_of(request.POST)
    try:
        made = instances.restore(declaration, uid, version=version, actor=request.user)
    except RemovedInstance.DoesNotExist:
        raise Http404 from None
    except REFUSALS as error:
        return _refused(request, declaration, error)
    messages.success(request, f"场景“{made.data.get('name') or '未命名'}”已恢复，排在第 {made.position} 个。")
    return redirect(_list(declaration))


def _named(request: HttpRequest, declaration: Declaration, place: int) -> ScenarioInstance:
    """The instance the form was drawn for, wherever it stands now; without its uid, the one at the place.

    One that a colleague removed meanwhile is known by its uid alone: the act then says that the list has changed.
    """
    uid = request.POST.get("uid", "")[:8]
    if not uid:
        return own_instance(declaration, place)
    found = ScenarioInstance.objects.filter(declaration=declaration, uid=uid).first()
    return found or ScenarioInstance(uid=uid, position=place)


def _list(declaration: Declaration) -> str:
    section = Workspace(declaration, None).description.instance_section
    return reverse("declaration_section", args=[declaration.public_id, section.key]) + "#div_id_instances"


def _out_of_list(
    request: HttpRequest, declaration: Declaration, row: ScenarioInstance, error: instances.OutOfList
) -> HttpResponse:
    """Back to the list, under its own address, with the way to the number that was mistyped."""
    name = row.data.get("name") or "未命名"
    words = '“{}”没有移动：序号要填 1 到 {} 的整数。<a href="#no-{}">回到这一行改序号</a>'
    messages.error(request, format_html(words, name, error, row.uid))
    return redirect(_list(declaration).partition("#")[0])


def _refused(request: HttpRequest, declaration: Declaration, error: Exception) -> HttpResponse:
    """Nothing was changed; say why and show the list as it now stands."""
    space = Workspace(own_declaration(request.user, declaration.public_id), request.user)
    if not space.may_edit:
        return saving.too_late(request, declaration, {}, {})
    if isinstance(error, instances.TooMany):
        messages.error(request, f"最多 {instances.MOST} 个场景实例。请先删去不用的。")
    elif isinstance(error, LateChangeError):
        messages.error(request, f"申报书现在是“{error}”，场景不能增删、移动。")
    else:
        messages.warning(request, "这一部分刚被同事改过，您的操作没有做。请看过现在的内容再操作一次。")
    return sections.page(request, space, space.description.instance_section, status=409)
