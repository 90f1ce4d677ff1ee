"""推荐名额: every unit's figure, where it comes from, what it would be otherwise, and the figures set by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from declarations.models import Track
from recommendations import explaining, overrides, policy_page
from recommendations.forms import FactForm, OverrideForm
from recommendations.models import QuotaOverride
from recommendations.views.common import DESK, whole
from smartfactory.access import roles, scope
from smartfactory.models import Authority, AuthorityKind, Role
from smartfactory.problems import Problem
from smartfactory.views.keeping import keeping_text
from smartfactory.workflow import Blocked, NotAllowed, StaleState, fire

READERS = (*DESK, Role.POLICY)
KINDS = (*policy_page.RECOMMENDING, AuthorityKind.CENTRAL_SOE)
# What a supposition takes: a criterion's value, and so many places more or fewer.
MORE, COUNT, CHANGE = "more", re.compile(r"[0-9]{1,5}"), re.compile(r"[+-]?[0-9]{1,4}")
STALE = "在您打开之后有人改过，这次没有办。请看过现在的内容再办。"
STRANGER = "须由上级单位的政策管理员来办；提出的人不能自己复核。"


def _tracks(request: HttpRequest) -> list[Track]:
    return list(Track.objects.filter(campaign__edition__status="published").select_related("campaign__edition"))


def _track(code: str) -> Track:
    found = Track.objects.filter(code=code, campaign__edition__status="published").select_related("campaign__edition")
    return found.first() or _missing()


def _missing():
    raise Http404


@require_GET
@roles(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """All units of the chosen track; the person's own and those below it first."""
    tracks = _tracks(request)
    chosen = next((one for one in tracks if one.code == request.GET.get("track")), tracks[0] if tracks else None)
    mine, others = _units(request, chosen) if chosen else ([], [])
    context = {
        "tracks": tracks,
        "track": chosen,
        "mine": explaining.rows(chosen, mine) if mine else [],
        "others": explaining.rows(chosen, others) if others else [],
        "waiting": QuotaOverride.objects.visible_to(request.user).filter(status="proposed").select_related(
            "authority", "track", "proposed_by"
        ),
    }  # fmt: skip
    return render(request, "recommendations/quotas.html", context)


def _units(request: HttpRequest, track: Track) -> tuple[list[Authority], list[Authority]]:
    own = scope(request.user).authority_ids(*READERS)
    near = Authority.objects.filter(pk__in=own) | Authority.objects.filter(parent__in=own, is_demo=True)
    below = Authority.objects.filter(parent__in=own, is_demo=False).exclude(parent__kind=AuthorityKind.MINISTRY)
    mine = [one for one in (near | below).distinct() if one.kind != AuthorityKind.MINISTRY]
    known = {one.pk for one in mine}
    return mine, [one for one in policy_page.units(track.edition, KINDS) if one.pk not in known]


@require_GET
@roles(*READERS)
def unit(request: HttpRequest, track: str, code: str) -> HttpResponse:
    return _page(request, _explained(track, code))


def _explained(track: str, code: str) -> explaining.Explanation:
    found = Authority.objects.filter(code=code).select_related("parent__parent").first() or _missing()
    return explaining.Explanation(_track(track), found)


def _page(request: HttpRequest, one: explaining.Explanation, status: int = 200, **forms: object) -> HttpResponse:
    typed = {key: request.GET.get(key, "").strip()[:40] for key in (*dict(one.criteria), MORE)}
    faults = list(_unclear(typed, dict(one.criteria)))
    wish = explaining.Wish({}) if faults else _wish(typed)
    context = {
        "one": one,
        "problems": faults,
        "typed_more": typed[MORE],
        "supposed": explaining.suppose(one, wish, request.user) if wish.active else None,
        "may_set": overrides.may_set(request.user, one.authority),
        "own": one.override is not None and one.override.proposed_by_id == request.user.pk,
        "facts": [_fact(one, key, name) | {"wished": typed[key]} for key, name in one.criteria],
        "refusal": "收回这个提议" if one.override and one.override.proposed_by_id == request.user.pk else "不同意",
        "form": OverrideForm(),
    }
    return render(request, "recommendations/quota.html", context | forms, status=status)


def _fact(one: explaining.Explanation, key: str, name: str) -> dict[str, object]:
    fact = one.facts.get(key)
    start = {name: getattr(fact, name) for name in ("low", "high", "source", "standing")} if fact else {}
    form = FactForm(initial=start | {"key": key}, auto_id=f"id_{key}_%s")
    return {"key": key, "name": name, "fact": fact, "form": form, "version": fact.version if fact else 0}


def _unclear(typed: dict[str, str], names: dict[str, str]) -> Iterator[Problem]:
    """What was typed into the supposition and is no number to suppose."""
    for key, text in typed.items():
        if key != MORE and text and not COUNT.fullmatch(text):
            yield Problem(f"{names[key]}要填 0 到 99999 的整数，填的是“{text}”", field=key, fix_url=f"#if-{key}")
    if typed[MORE] and not CHANGE.fullmatch(typed[MORE]):
        yield Problem(f"再多几个要填 -9999 到 9999 的整数，填的是“{typed[MORE]}”", field=MORE, fix_url="#if-more")


def _wish(typed: dict[str, str]) -> explaining.Wish:
    facts = {key: int(text) for key, text in typed.items() if key != MORE and text}
    return explaining.Wish(facts, int(typed[MORE] or 0))


@require_POST
@keeping_text
@roles(Role.POLICY)
def propose(request: HttpRequest, track: str, code: str) -> HttpResponse:
    one = _explained(track, code)
    form = OverrideForm(request.POST)
    if not overrides.may_set(request.user, one.authority):
        raise Http404
    if form.is_valid():
        try:
            overrides.propose(one.track, one.authority, request.user, form.cleaned_data)
            messages.success(request, "已提出，等另一位政策管理员复核")
            return redirect("quota_unit", track, code)
        except Blocked as blocked:
            form.add_error(None, str(blocked))
    return _page(request, one, 422, form=form, problems=form.problems())


@require_POST
@keeping_text
@roles(Role.POLICY)
def record(request: HttpRequest, track: str, code: str) -> HttpResponse:
    one = _explained(track, code)
    form = FactForm(request.POST)
    if not overrides.may_set(request.user, one.authority) or request.POST.get("key") not in dict(one.criteria):
        raise Http404
    if not form.is_valid():
        return _page(request, one, 422, problems=form.problems())
    values = {name: form.cleaned_data[name] for name in ("low", "high", "source", "standing")}
    try:
        version = whole(request.POST.get("version"), -1)
        overrides.record_fact(one.authority, form.cleaned_data["key"], request.user, values, version=version)
    except StaleState:
        messages.warning(request, STALE)
        return _page(request, _explained(track, code), 409)
    messages.success(request, "判据已录入，名额按它重新算过")
    return redirect("quota_unit", track, code)


@require_POST
@roles(Role.POLICY)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """The second person's word, or a withdrawal."""
    one = QuotaOverride.objects.select_related("track", "authority__parent").get_for(request.user, public_id=public_id)
    name = request.POST.get("act", "")
    if name not in ("confirm", "refuse", "withdraw"):
        raise Http404
    status = 403
    try:
        done = fire(one, name, actor=request.user, version=whole(request.POST.get("version"), -1))
        messages.success(request, f"{one.authority.short_name}的手工名额：{done.status_label}")
        return redirect("quota_unit", one.track.code, one.authority.code)
    except NotAllowed:
        messages.error(request, STRANGER)
    except StaleState:
        messages.warning(request, STALE)
        status = 409
    return _page(request, _explained(one.track.code, one.authority.code), status)
