"""Officials decide who an enterprise's account belongs to."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from declarations.forms import version_of
from declarations.models import Claim, ClaimStatus
from declarations.team import members
from smartfactory import audit, files, workflow
from smartfactory.access import roles
from smartfactory.models import Role
from smartfactory.text import clean
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, NotAllowed, StaleState

SHOWN = 100


def _claim(request: HttpRequest, public_id: str) -> Claim:
    rows = Claim.objects.select_related("enterprise__authority", "enterprise__soe", "claimant", "proof", "status_by")
    return rows.get_for(request.user, public_id=public_id)


@require_GET
@roles(Role.OFFICIAL)
def claim_list(request: HttpRequest) -> HttpResponse:
    rows = Claim.objects.visible_to(request.user).select_related("enterprise", "claimant")
    waiting = rows.filter(status=ClaimStatus.OPEN)
    decided = rows.exclude(status=ClaimStatus.OPEN).order_by("-status_at")[:SHOWN]
    return render(request, "declarations/claims.html", {"waiting": waiting, "decided": decided})


@require_http_methods(["GET", "HEAD", "POST"])
@keeping_text
@roles(Role.OFFICIAL)
def claim_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    one = _claim(request, public_id)
    problems: list = []
    if request.method == "POST":
        problems = _decide(request, one)
        if not problems:
            messages.success(request, "已办，申请人登录后就能看到。")
            return redirect("claim_list")
    context = {
        "claim": one,
        "members": members.members(one.enterprise),
        "acts": workflow.available(one, request.user),
        "problems": problems,
        "note": clean(request.POST.get("note", "")),
    }
    return render(request, "declarations/claim_detail.html", context, status=409 if problems else 200)


def _decide(request: HttpRequest, one: Claim) -> list:
    """What stood against it; nothing if it is done."""
    name, note = request.POST.get("act", ""), clean(request.POST.get("note", "")).strip()
    if name not in workflow.transitions(one):
        return [{"message": "请选择同意或不同意"}]
    data = {"replace": "replace" in request.POST}
    try:
        workflow.fire(one, name, actor=request.user, version=version_of(request.POST), note=note, **data)
    except Blocked as error:
        return error.problems
    except (NotAllowed, StaleState):
        return [{"message": "这件认领已经办过，或者不归您办。请看现在的情况"}]
    return []


@require_GET
@roles(Role.OFFICIAL)
def claim_proof(request: HttpRequest, public_id: str) -> HttpResponse:
    one = _claim(request, public_id)
    with transaction.atomic():
        audit.record("claim.proof", actor=request.user, obj=one, tenant=members.tenant(one.enterprise))
    return files.response(one.proof, one.proof_name)
