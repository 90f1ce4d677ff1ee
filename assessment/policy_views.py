"""What the policy says, rule by rule. Public: the rules are everybody's."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from assessment import policy_page, policy_sections
from assessment.models import Edition
from smartfactory.access import public, scope
from smartfactory.models import Role


def _readable(request: HttpRequest):
    """Published editions; people who keep the policy also see drafts."""
    editions = Edition.objects.all()
    return editions if scope(request.user).has_any([Role.POLICY]) else editions.published()


@public
def index(request: HttpRequest) -> HttpResponse:
    counts = {
        "rules": Count("conditions", distinct=True),
        "doubtful": Count("conditions", filter=~Q(conditions__standing="official"), distinct=True),
    }
    editions = _readable(request).annotate(**counts).order_by("-year", "code")
    return render(request, "assessment/policy_index.html", {"editions": editions})


@public
def edition(request: HttpRequest, code: str) -> HttpResponse:
    found = _readable(request).filter(code=code).first()
    if found is None:
        raise Http404
    search = policy_page.Search.read(request.GET)
    context = {"edition": found, "page": policy_page.build(found, search), "extra": policy_sections.sections(found)}
    return render(request, "assessment/policy_edition.html", context)
