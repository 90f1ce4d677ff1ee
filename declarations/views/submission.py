"""Checking the answers, submitting, withdrawing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import checks, content, deadlines, freezing, secrecy, services
from declarations.forms import version_of
from declarations.presenting import Workspace, grouped
from declarations.reuse import facts
from declarations.views import saving
from declarations.views.common import MEMBERS, WRITERS, own_declaration
from smartfactory import workflow
from smartfactory.access import roles
from smartfactory.problems import Problem

# The signatory's tick for handing in a correction in which asked answers stay as they were.
UNCHANGED = "unchanged"
# How many answers a message names before it only says that there are more.
NAMED = 3


@require_GET
@roles(*MEMBERS)
def declaration_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every answer as the printed declaration will have it, with the problems that remain."""
    declaration = own_declaration(request.user, public_id)
    if not declaration.editable:
        return saving.read_only(request, declaration)
    space = Workspace(declaration, request.user)
    parts = grouped(content.rows(space.payload, space.description))
    context = {"declaration": declaration, "space": space, "parts": parts, "problems_by": space.by_key}
    context["wrong"] = any(not one.message.startswith(checks.fields.MISSING) for one in space.errors)
    return render(request, "declarations/check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def declaration_submit(request: HttpRequest, public_id: str) -> HttpResponse:
    received_at = deadlines.server_time()
    declaration = own_declaration(request.user, public_id)
    if request.method == "POST":
        return _submit(request, declaration, received_at)
    if not declaration.editable:
        return saving.read_only(request, declaration)
    return _page(request, Workspace(declaration, request.user))


def _page(
    request: HttpRequest, space: Workspace, problems: list[Problem] | None = None, status: int = 200
) -> HttpResponse:
    late = deadlines.lateness(space.deadline, deadlines.server_time())
    context = {"declaration": space.declaration, "space": space, "problems": problems or [], "late": late}
    context |= {
        "seen": freezing.seen_digest(space.payload),
        "key": request.POST.get("idempotency_key") or get_random_string(32),
    }
    context["secrecy"] = secrecy.look_through(space.declaration, space.payload)
    context["bad_unchanged"] = any(one.field == f"promise-{UNCHANGED}" for one in problems or [])
    context |= {"ticked": request.POST.getlist("promise"), "ready": space.may_sign and space.complete and not late}
    return render(request, "declarations/submit.html", context, status=status)


def _unconfirmed(request: HttpRequest, declaration) -> list[Problem]:
    """What a return asked for, is as it was, and nobody has said that it is meant to stay so.

    The content it is told of is the one `seen` names: what changes after this look is refused by submitting itself.
    """
    if not declaration.unlocked or not declaration.editable or UNCHANGED in request.POST.getlist("promise"):
        return []
    space = Workspace(declaration, request.user)
    if not space.may_sign or not (same := space.unanswered):
        return []
    words = f"退回的 {len(same)} 处还和提交时一样，没有提交。请先改正，或勾选“这 {len(same)} 处没有改，我仍要提交”"
    return [Problem(words, field=f"promise-{UNCHANGED}", fix_url=f"#promise-{UNCHANGED}")]


def _submit(request: HttpRequest, declaration, received_at) -> HttpResponse:
    sent = request.POST
    if problems := _unconfirmed(request, declaration):
        return _refuse(request, declaration, problems, 422)
    try:
        revision = services.submit(
            declaration,
            actor=request.user,
            version=version_of(sent),
            promises=sent.getlist("promise"),
            key=sent.get("idempotency_key", ""),
            seen=sent.get("seen", ""),
            received_at=received_at,
        )
    except workflow.Blocked as error:
        return _refuse(request, declaration, error.problems, 422)
    except workflow.NotAllowed:
        return _refuse(request, declaration, [Problem("只有企业负责人可以提交。请把这一页的地址发给企业负责人")], 403)
    except workflow.StaleState:
        return _refuse(
            request, declaration, [Problem("申报书的状态在您打开这一页之后变了，没有提交。请看一下现在的状态")], 409
        )
    messages.success(request, f"第 {revision.number} 版已提交，回执在下面。")
    if told := facts.unsettled(declaration.enterprise_id):
        words = f"{'、'.join(told[:NAMED])}{'等' if len(told) > NAMED else ''}"
        messages.warning(request, f"{words}与企业资料里手工写的不一样，两个值都留着。请到企业资料选用哪一个。")
    return redirect("declaration_revision", declaration.public_id, revision.number)


def _refuse(request: HttpRequest, declaration, problems: list[Problem], status: int) -> HttpResponse:
    declaration = own_declaration(request.user, declaration.public_id)
    space = Workspace(declaration, request.user)
    if not declaration.editable:
        messages.warning(request, problems[0].message)
        return saving.read_only(request, declaration)
    linked = [space.linked(one) if one.section else one for one in problems]
    return _page(request, space, linked, status)


@require_POST
@roles(*WRITERS)
def declaration_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    declaration = own_declaration(request.user, public_id, *WRITERS)
    name = "withdraw_correction" if declaration.unlocked else "withdraw"
    try:
        workflow.fire(
            declaration,
            name,
            actor=request.user,
            version=version_of(request.POST),
            note=request.POST.get("note", ""),
        )
    except (workflow.StaleState, workflow.NotAllowed):
        messages.error(request, f"没有撤回：申报书现在是“{declaration.status_word}”，受理以后不能撤回。")
    except workflow.Blocked as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已撤回，可以继续修改。原来提交的一版保留在历史里。")
    return redirect("declaration_detail", public_id)
