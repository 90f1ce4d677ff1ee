"""Excel both ways: hand out the workbook, read it back, show what would change, take it over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations import content, workbook
from declarations.models import Declaration, ScenarioInstance
from declarations.presenting import Workspace
from declarations.views import saving
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from declarations.workbook.plans import plans
from smartfactory import files
from smartfactory.access import roles
from smartfactory.files import BadFile

MOST_BYTES = 5 * 1024 * 1024
# More places than these help nobody to mend a workbook.
MOST_ERRORS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def declaration_workbook(request: HttpRequest, public_id: str) -> HttpResponse:
    if request.method == "POST":
        declaration = _with_lists(request, public_id, *WRITERS)
        return _take_over(request, declaration) if "packed" in request.POST else _read(request, declaration)
    declaration = _with_lists(request, public_id)
    return _page(request, declaration) if declaration.editable else saving.read_only(request, declaration)


@require_GET
@roles(*MEMBERS)
def declaration_workbook_file(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = _with_lists(request, public_id)
    response = HttpResponse(workbook.template(declaration), content_type=files.MIMES["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="{declaration.number}.xlsx"'
    return response


def _with_lists(request: HttpRequest, public_id: str, *roles: str) -> Declaration:
    """The person's own declaration, or 404; also where its form has nothing long enough for a worksheet."""
    declaration = own_declaration(request.user, public_id, *roles)
    if not content.describe(declaration.track).has_lists:
        raise Http404
    return declaration


def _page(request: HttpRequest, declaration: Declaration, *, status: int = 200, **more: Any) -> HttpResponse:
    space = Workspace(declaration, request.user)
    context = {
        "declaration": declaration,
        "space": space,
        "description": space.description,
        "plans": plans(space.description),
    }
    return render(request, "declarations/workbook.html", context | more, status=status)


def _read(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    sent = request.FILES.get("workbook")
    if not declaration.editable:
        return saving.read_only(request, declaration)
    if sent is None:
        return _page(request, declaration, refused="还没有选择文件。请选择填好的 Excel，再按“检查”", status=422)
    uids = set(ScenarioInstance.objects.filter(declaration=declaration).values_list("uid", flat=True))
    try:
        files.inspect(sent.file, sent.name, ["xlsx"], MOST_BYTES)
        sent.file.seek(0)
        body = sent.file.read()
        reading = workbook.read(body, Workspace(declaration, request.user).description, uids)
        if reading.errors:
            shown = {"errors": reading.errors[:MOST_ERRORS], "count": len(reading.errors)}
            return _page(request, declaration, status=422, **shown)
        known = workbook.stamped(declaration, body)
        packed = workbook.pack(declaration, reading, known)
        changes = workbook.rehearse(declaration, packed, actor=request.user)
        packed = workbook.asking(declaration, packed, changes)
        late = workbook.late(declaration, packed)
    except (BadFile, workbook.Refused) as error:
        return _page(request, declaration, refused=str(error), status=422)
    return _preview(request, declaration, changes, packed=packed, late=late, unstamped=known is None)


def _preview(
    request: HttpRequest, declaration: Declaration, changes: list[content.Change], *, late: dict[str, Any], **more: Any
) -> HttpResponse:
    """What would change; `late`: what was changed online since and so is only taken over where its box is ticked."""
    shown = workbook.show(changes, content.payload(declaration), content.describe(declaration.track))
    more |= {
        "others": [{"change": one} for one in shown.others], "late": late,
        "asked": [(one, late[one.key]) for one in changes if one.key in late], "sure": len(changes) - len(late),
    }  # fmt: skip
    return _page(request, declaration, changes=changes, shown=shown, read=True, **more)


def _take_over(request: HttpRequest, declaration: Declaration) -> HttpResponse:
    packed, chosen = request.POST["packed"], set(request.POST.getlist("chosen"))
    try:
        left = workbook.late(declaration, packed).keys() - chosen
        workbook.take_over(declaration, packed, actor=request.user, chosen=chosen)
    except workbook.Refused as error:
        return _page(request, declaration, refused=str(error), status=422)
    words = f"Excel 里的内容已导入；没有勾选的 {len(left)} 项没有导入，仍是网上改过的。"
    messages.success(request, words if left else "Excel 里的内容已全部导入。")
    return redirect("declaration_detail", declaration.public_id)
