"""The audit trail for auditors: search, pages, and a fresh check of the chain on request."""

from __future__ import annotations

import json

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date, parse_datetime

from smartfactory import acts, audit
from smartfactory.access import roles
from smartfactory.models import AuditCheckpoint, AuditEntry, AuditHead, Role
from smartfactory.text import clean

PER_PAGE = 50
FINDINGS_SHOWN = 50


@roles(Role.AUDITOR)
def trail(request: HttpRequest) -> HttpResponse:
    query = {name: clean(request.GET.get(name, "")).strip()[:80] for name in ("q", "act", "outcome", "since", "until")}
    page = Paginator(_search(query), PER_PAGE).get_page(request.GET.get("page"))
    things = acts.subjects(entry.subject for entry in page)
    for entry in page:
        entry.said, entry.when = _said(entry), parse_datetime(entry.at)
        entry.word, entry.thing = acts.word(entry.act), things[entry.subject]
    checkpoint = AuditCheckpoint.objects.order_by("-size").first()
    context = {
        "page": page,
        "query": query,
        "acts": acts.choices(),
        "searching": any(query.values()),
        "head": AuditHead.objects.filter(pk=1).first(),
        "checkpoint": checkpoint,
        "checked_at": parse_datetime(checkpoint.at) if checkpoint else None,
        **_check(request),
    }
    return render(request, "smartfactory/audit.html", context)


def _search(query: dict[str, str]) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.order_by("-seq")
    if words := query["q"]:
        found = found.filter(
            Q(actor_label__contains=words) | Q(subject__contains=words) | Q(request_id=words) | Q(body__contains=words)
        )
    if query["act"]:
        found = found.filter(act__contains=query["act"])
    if query["outcome"]:
        found = found.filter(outcome=query["outcome"])
    return _between(found, query)


def _between(found: QuerySet[AuditEntry], query: dict[str, str]) -> QuerySet[AuditEntry]:
    """Days as written in the trail (UTC texts sort as times do)."""
    if since := _day(query["since"]):
        found = found.filter(at__gte=since)
    if until := _day(query["until"]):
        found = found.filter(at__lte=until + "T~")
    return found


def _day(text: str) -> str:
    try:
        day = parse_date(text)
    except ValueError:
        return ""
    return day.isoformat() if day else ""


def _said(entry: AuditEntry) -> list[tuple[str, str]]:
    try:
        return acts.said(entry.subject, json.loads(entry.body))
    except (ValueError, AttributeError):
        return [("body", entry.body)]


def _check(request: HttpRequest) -> dict[str, object]:
    if "check" not in request.GET:
        return {"checked": False}
    findings = audit.verify()
    return {"checked": True, "findings": findings[:FINDINGS_SHOWN], "more": max(0, len(findings) - FINDINGS_SHOWN)}
