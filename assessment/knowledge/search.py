"""One box for everything the guide says. Plain substrings, as Chinese is searched; every word must be found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assessment.knowledge import awards
from assessment.knowledge.library import Entry, Library, Question, Step
from assessment.models import Condition, Edition
from assessment.vocabulary import COMMON
from smartfactory.text import clean

LONGEST, WORDS, SHOWN, PER_PAGE, AROUND = 60, 6, 5, 20, 48


@dataclass(frozen=True)
class Hit:
    title: SafeString
    text: SafeString
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """What was found in one kind: the hits of a page, and how many there are in all."""

    key: str
    title: str
    page: Page
    hits: tuple[Hit, ...]

    @property
    def count(self) -> int:
        return self.page.paginator.count


@dataclass(frozen=True)
class Kind:
    key: str
    title: str
    items: Sequence[Any] | QuerySet
    hit: Callable[[Any], Hit]


def words(asked: str) -> list[str]:
    """The words looked for: a few, short, without characters a database cannot take."""
    return clean(asked)[:LONGEST].split()[:WORDS]


def find(
    wanted: list[str], editions: Mapping[str, Edition], library: Library, *, only: str = "", page: str = ""
) -> list[Group]:
    """The groups with something in them; one group alone, page by page, where `only` names it."""
    if not wanted:
        return []
    kinds = _kinds(wanted, editions, library)
    if only in kinds:
        return [one for one in [_group(kinds[only], PER_PAGE, page)] if one.count]
    return [one for one in (_group(kind, SHOWN, "1") for kind in kinds.values()) if one.count]


def _group(kind: Kind, size: int, number: str) -> Group:
    page = Paginator(kind.items, size).get_page(number)
    return Group(kind.key, kind.title, page, tuple(kind.hit(one) for one in page.object_list))


def _kinds(wanted: list[str], editions: Mapping[str, Edition], library: Library) -> dict[str, Kind]:
    def entries(listed: Iterable[Entry]) -> list[Entry]:
        readable = [one for one in listed if one.holds_for(*editions)]
        return [one for one in readable if _has(wanted, one.title, one.text, *(b.clause for b in one.basis))]

    made = (
        Kind("questions", "问答", entries(library.questions), lambda one: _question(wanted, one)),
        Kind("conditions", "要素条件", _conditions(wanted), lambda one: _condition(wanted, one)),
        Kind("steps", "申报步骤", entries(library.steps), lambda one: _step(wanted, one, editions)),
        Kind("subjects", "谁能申报", entries(library.subjects), lambda one: _subject(wanted, one, editions)),
        Kind("terms", "词语", entries(library.terms), lambda one: _term(wanted, one)),
        Kind("places", "各地名单", _places(wanted, library), lambda one: _place(wanted, one)),
    )
    return {one.key: one for one in made}


def _has(wanted: list[str], *texts: str) -> bool:
    whole = "\n".join(texts).casefold()
    return all(one.casefold() in whole for one in wanted)


def _conditions(wanted: list[str]) -> QuerySet:
    """Conditions of published editions, newest first; what a place takes over is found at its origin only."""
    own = Q(edition__region="") | Q(code__startswith=F("edition__code"))
    said = reduce(and_, (_says(one) for one in wanted))
    found = Condition.objects.filter(own, said, edition__in=Edition.objects.published())
    return found.select_related("edition").defer("edition__source").order_by("-edition__year", "edition__code", "order")


def _says(word: str) -> Q:
    names = ("text", "clause", "code", "evidence_note", "note")
    return reduce(lambda found, name: found | Q(**{f"{name}__icontains": word}), names, Q())


def _places(wanted: list[str], library: Library) -> list[awards.Row]:
    return [one for one in awards.table(library).rows if _has(wanted, one.name)]


def _question(wanted: list[str], one: Question) -> Hit:
    return _hit(wanted, one, f"{reverse('guide_questions')}#q-{one.key}", one.topic)


def _step(wanted: list[str], one: Step, editions: Mapping[str, Edition]) -> Hit:
    newest = _newest(one, editions)
    return _hit(wanted, one, f"{reverse('guide_steps', args=[newest.code])}#s-{one.key}", newest.title)


def _subject(wanted: list[str], one: Entry, editions: Mapping[str, Edition]) -> Hit:
    newest = _newest(one, editions)
    return _hit(wanted, one, f"{reverse('guide_who', args=[newest.code])}#w-{one.key}", newest.title)


def _term(wanted: list[str], one: Entry) -> Hit:
    return _hit(wanted, one, f"{reverse('guide_terms')}#t-{one.key}")


def _condition(wanted: list[str], one: Condition) -> Hit:
    # A condition that binds all tiers is on each of their pages; the table of tiers stands for all.
    args = [one.edition.code] if one.tier == COMMON else [one.edition.code, one.tier]
    url = reverse("guide_tiers" if one.tier == COMMON else "guide_tier", args=args)
    said = SafeString(format_html("{} {}", marked(one.clause, wanted), marked(one.evidence_note, wanted)))
    return Hit(marked(one.text, wanted), said, f"{url}#c-{one.code}", f"{one.edition.title} {one.get_tier_display()}")


def _place(wanted: list[str], one: awards.Row) -> Hit:
    known = "；".join(f"{title} {figure.award.count}" for title, found in one.cells for figure in found)
    return Hit(marked(one.name, wanted), SafeString(format_html("{}", known or awards.UNKNOWN)),
               f"{reverse('guide_awards')}#p-{one.code}")  # fmt: skip


def _newest(one: Entry, editions: Mapping[str, Edition]) -> Edition:
    """The first of the readable editions it holds for; they come newest first."""
    return next(edition for code, edition in editions.items() if one.holds_for(code))


def _hit(wanted: list[str], one: Entry, url: str, note: str = "") -> Hit:
    return Hit(marked(one.title, wanted), marked(excerpt(one.text, wanted), wanted), url, note)


def excerpt(text: str, wanted: list[str]) -> str:
    """The text around the first word found."""
    folded = text.casefold()
    at = min((folded.find(one.casefold()) for one in wanted if one.casefold() in folded), default=0)
    start, end = max(0, at - AROUND), at + AROUND * 2
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def marked(text: str, wanted: list[str]) -> SafeString:
    """The text with the words looked for marked; everything in it is escaped."""
    pieces = re.split(f"({'|'.join(map(re.escape, wanted))})", text, flags=re.IGNORECASE)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", one) if at % 2 else one,) for at, one in enumerate(pieces))
    )
