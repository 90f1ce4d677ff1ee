"""The members of an enterprise: who they are, inviting, roles, leaving, and what each of them did."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from declarations.models import Invitation
from declarations.models.team import ROLES
from declarations.team import activity, invitations, members
from declarations.team.members import TeamError
from declarations.views.common import MEMBERS
from smartfactory.access import roles, scope
from smartfactory.models import Enterprise, Role
from smartfactory.text import clean

Act = Callable[[HttpRequest, Enterprise], str]


@require_GET
@roles(*MEMBERS)
def team_index(request: HttpRequest) -> HttpResponse:
    """The one enterprise of most people; a choice for those who belong to several."""
    own = Enterprise.objects.filter(pk__in=scope(request.user).enterprise_ids(*MEMBERS))
    if len(own) == 1:
        return redirect("team", own[0].public_id)
    return render(request, "declarations/team_index.html", {"enterprises": own})


@require_http_methods(["GET", "HEAD", "POST"])
@roles(*MEMBERS)
def team(request: HttpRequest, public_id: str) -> HttpResponse:
    enterprise = _own(request, public_id)
    if request.method != "POST":
        return _page(request, enterprise)
    act, needed = ACTS.get(request.POST.get("act", ""), (None, ""))
    if act is None or (needed and not _signs(request, enterprise)):
        return _page(request, enterprise, "只有企业负责人可以管理成员。请联系他（她）办理", status=403)
    try:
        done = act(request, enterprise)
    except TeamError as error:
        return _page(request, enterprise, str(error), status=409)
    if isinstance(done, HttpResponse):
        return done
    messages.success(request, done)
    still = enterprise.memberships.filter(user=request.user, is_active=True).exists()
    return redirect("team", public_id) if still else redirect("home")


@require_GET
@roles(*MEMBERS)
def team_activity(request: HttpRequest, public_id: str) -> HttpResponse:
    enterprise = _own(request, public_id)
    by = clean(request.GET.get("by", "")).strip()[:80]
    people = list(dict.fromkeys(one.user.display for one in members.members(enterprise)))
    context = {"enterprise": enterprise, "deeds": activity.deeds(enterprise, by=by), "by": by, "people": people}
    return render(request, "declarations/team_activity.html", context)


def _own(request: HttpRequest, public_id: str) -> Enterprise:
    own = scope(request.user).enterprise_ids(*MEMBERS)
    return Enterprise.objects.filter(pk__in=own).get_for(request.user, public_id=public_id)


def _signs(request: HttpRequest, enterprise: Enterprise) -> bool:
    return Role.SIGNATORY in scope(request.user).enterprises.get(enterprise.pk, ())


def _page(
    request: HttpRequest, enterprise: Enterprise, problem: str = "", *, link: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "enterprise": enterprise,
        "members": members.members(enterprise),
        "roles": ROLES,
        "signs": _signs(request, enterprise),
        "invitations": Invitation.objects.visible_to(request.user).filter(enterprise=enterprise).waiting(),
        "problems": [{"message": problem}] if problem else [],
        "link": link,
        "days": invitations.DAYS,
    }
    return render(request, "declarations/team.html", context, status=status)


def _invite(request: HttpRequest, enterprise: Enterprise) -> HttpResponse:
    """The link is in this one answer and nowhere else."""
    role, name = request.POST.get("role", ""), request.POST.get("name", "")
    _, code = invitations.invite(enterprise, role=role, name=name, actor=request.user)
    return _page(request, enterprise, link=request.build_absolute_uri(reverse("team_join", args=[code])))


def _revoke(request: HttpRequest, enterprise: Enterprise) -> str:
    invitations.revoke(enterprise, request.POST.get("invitation", ""), actor=request.user)
    return "邀请已收回，链接不能再用。"


def _role(request: HttpRequest, enterprise: Enterprise) -> str:
    role = request.POST.get("role", "")
    members.change_role(enterprise, _member(request), seen=request.POST.get("seen", ""), role=role, actor=request.user)
    return "角色已改，立即生效。"


def _hand_over(request: HttpRequest, enterprise: Enterprise) -> str:
    members.hand_over(enterprise, _member(request), seen=request.POST.get("seen", ""), actor=request.user)
    return "已移交。接手的人现在是企业负责人，您改为填报人。"


def _end(request: HttpRequest, enterprise: Enterprise) -> str:
    members.end(enterprise, _member(request), seen=request.POST.get("seen", ""), actor=request.user)
    return "成员资格已结束。这个账号不再能看到本企业的内容。"


def _leave(request: HttpRequest, enterprise: Enterprise) -> str:
    members.end(enterprise, request.user.pk, seen=request.POST.get("seen", ""), actor=request.user)
    return f"您已退出{enterprise.name}。"


def _member(request: HttpRequest) -> int:
    given = request.POST.get("member", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0


# What can be done, and whether only whoever signs may do it.
ACTS: dict[str, tuple[Act, bool]] = {
    "invite": (_invite, True),
    "revoke": (_revoke, True),
    "role": (_role, True),
    "hand_over": (_hand_over, True),
    "end": (_end, True),
    "leave": (_leave, False),
}
