"""The pages of the guide. Public: what is asked of everybody is told to everybody."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from assessment.knowledge import asks, awards, citing, library, picture, search, ways, who
from assessment.models import Edition
from smartfactory.access import public
from smartfactory.text import clean

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _editions() -> dict[str, Edition]:
    """Published editions, newest first, the nation's before those of places."""
    found = Edition.objects.published().defer("source").order_by("-year", "region", "code")
    return {one.code: one for one in found}


def _chosen(code: str) -> tuple[dict[str, Edition], Edition]:
    editions = _editions()
    found = Edition.objects.published().filter(code=code).first()
    if found is None:
        raise Http404
    return editions, found


def _frame(editions: dict[str, Edition], edition: Edition | None, here: str, **more: Any) -> dict[str, Any]:
    """What every page needs: the edition it is about (the newest where it is about none) and the others."""
    newest = next((one for one in editions.values() if not one.region), None)
    return {"editions": list(editions.values()), "edition": edition or newest, "here": here, **more}


@public
def index(request: HttpRequest) -> HttpResponse:
    editions, books = _editions(), library.current()
    frame = _frame(editions, None, "index", books=books, questions=len(list(books.questions)))
    tiers = list(frame["edition"].tiers.all()) if frame["edition"] else []
    return render(request, "knowledge/index.html", {**frame, "tiers": tiers})


@public
def tiers(request: HttpRequest, code: str) -> HttpResponse:
    editions, edition = _chosen(code)
    rules = asks.Rules.read(edition)
    context = _frame(editions, edition, "tiers", rules=rules, lines=asks.side_by_side(rules), tiers=rules.tiers)
    return render(request, "knowledge/tiers.html", {**context, "common": rules.groups("COMMON")})


@public
def tier(request: HttpRequest, code: str, tier: str) -> HttpResponse:
    editions, edition = _chosen(code)
    rules, books = asks.Rules.read(edition), library.current()
    found = rules.tier(tier)
    if found is None:
        raise Http404
    asked = {condition: one for one in books.questions for condition in one.conditions}
    page = asks.tier_page(rules, found)
    context = _frame(editions, edition, tier, page=page, tiers=rules.tiers, asked=asked)
    return render(request, "knowledge/tier.html", context)


@public
def subjects(request: HttpRequest, code: str) -> HttpResponse:
    editions, edition = _chosen(code)
    rules = asks.Rules.read(edition)
    page = who.page(rules, library.current())
    return render(request, "knowledge/who.html", _frame(editions, edition, "who", page=page, tiers=rules.tiers))


@public
def steps(request: HttpRequest, code: str) -> HttpResponse:
    editions, edition = _chosen(code)
    found = [(one, picture.drawn(one)) for one in ways.ways(edition, library.current())]
    # A step is told on every way it belongs to; a link to the step leads to the first.
    firsts = {step.step.key: way.key for way, _ in reversed(found) for step in way.steps}
    context = _frame(editions, edition, "steps", ways=found, firsts=firsts, tiers=list(edition.tiers.all()))
    return render(request, "knowledge/steps.html", context)


@public
def questions(request: HttpRequest) -> HttpResponse:
    editions, books = _editions(), library.current()
    told = [
        (topic, [(one, basis) for one in topic.questions if (basis := citing.of_basis(one.basis, editions, books))])
        for topic in books.topics
    ]
    return render(request, "knowledge/questions.html", _frame(editions, None, "questions", topics=told))


@public
def terms(request: HttpRequest) -> HttpResponse:
    editions, books = _editions(), library.current()
    told = [(one, basis) for one in books.terms if (basis := citing.of_basis(one.basis, editions, books))]
    return render(request, "knowledge/terms.html", _frame(editions, None, "terms", terms=told))


@public
def places(request: HttpRequest) -> HttpResponse:
    table = awards.table(library.current())
    return render(request, "knowledge/awards.html", _frame(_editions(), None, "awards", table=table))


@public
def places_file(request: HttpRequest) -> HttpResponse:
    name = "smart-factory-lists.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(awards.workbook(library.current()), content_type=XLSX, headers=headers)


@public
def find(request: HttpRequest) -> HttpResponse:
    asked, only = clean(request.GET.get("q", ""))[: search.LONGEST].strip(), request.GET.get("in", "")
    editions, wanted = _editions(), search.words(asked)
    groups = search.find(wanted, editions, library.current(), only=only, page=request.GET.get("page", "1"))
    alone = groups[0] if len(groups) == 1 and groups[0].key == only else None
    context = _frame(editions, None, "search", q=asked, groups=groups, alone=alone)
    return render(request, "knowledge/search.html", context)
