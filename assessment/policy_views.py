"""What the policy says, rule by rule. Public: the rules are everybody's."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from assessment import changes, policy_page, policy_sections, unverified
from assessment.models import DraftStatus, Edition, EditionDraft
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
def compare(request: HttpRequest) -> HttpResponse:
    """What one edition says differently from another, rule by rule."""
    editions = list(_readable(request).defer("source"))
    codes = [request.GET.get(name, "") for name in ("from", "to")]
    known = {one.code: one for one in editions}
    chosen = [known.get(code) for code in codes]
    report = None
    if all(chosen):
        sources = dict(Edition.objects.filter(code__in=codes).values_list("code", "source"))
        report = changes.compare(*(sources[code] for code in codes))
    elif any(codes):
        raise Http404
    context = {"editions": editions, "chosen": chosen, "report": report}
    return render(request, "assessment/policy_compare.html", context)


@public
def amendment(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """One dated correction of a published edition: since when, why, by whom, and what it changed."""
    edition = Edition.objects.published().filter(code=code).first()
    rows = EditionDraft.objects.filter(amends=edition, status=DraftStatus.PUBLISHED, public_id=public_id)
    found = rows.select_related("proposed_by", "status_by", "authority").first() if edition else None
    if found is None:
        raise Http404
    context = {"edition": edition, "amendment": found, "report": policy_page.amendment_report(edition, found)}
    return render(request, "assessment/policy_amendment.html", context)


@public
def doubts(request: HttpRequest, code: str) -> HttpResponse:
    """The rules not seen in the original, and what is missing."""
    found = _readable(request).filter(code=code).first()
    if found is None:
        raise Http404
    return render(
        request, "assessment/policy_doubts.html", {"edition": found, "doubts": unverified.listed(found.source)}
    )


@public
def edition(request: HttpRequest, code: str) -> HttpResponse:
    found = _readable(request).filter(code=code).first()
    if found is None:
        raise Http404
    search = policy_page.Search.read(request.GET)
    context = {
        "edition": found,
        "page": policy_page.build(found, search),
        "extra": policy_sections.sections(found),
        "amendments": policy_page.amendments(found),
    }
    return render(request, "assessment/policy_edition.html", context)
