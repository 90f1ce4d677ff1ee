"""Values an enterprise stated once: kept when a declaration is filed, mended by hand, offered where a form is blank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from declarations import content, services
from declarations.content.values import is_blank
from declarations.models import Declaration, FormerFact, KnownFact, Track
from declarations.reuse.fitting import fit
from declarations.vocabulary import Kind
from smartfactory import audit
from smartfactory.models import Enterprise, StoredFile, User

# About the enterprise itself, whatever it declares; of the other parts only what is a list of things it has.
ABOUT = "applicant"
# A value that was not spoken of, as against one that was cleared.
UNSAID: Any = object()


WRITTEN = [
    "value", "source", "period", "updated_by", "updated_at", "evidence", "evidence_name", "version", "withdrawn",
    "by_hand",
]  # fmt: skip


class StaleFact(Exception):
    """Somebody changed the fact since the person saw it."""


@dataclass(frozen=True)
class Offer:
    """A fact that would fill a blank answer of a form."""

    field: content.Field
    fact: KnownFact
    value: Any
    words: str
    table: content.Table | None = None
    # What of the fact this form cannot take, and what it asks for besides.
    fits: str = ""


def is_fact(field: content.Field) -> bool:
    """Whether an answer is worth keeping for later forms."""
    lasting = field.section == ABOUT or field.kind == Kind.TABLE
    return lasting and field.stored and not field.fixed and not field.per_instance and field.kind != Kind.INDICATORS


@dataclass(frozen=True)
class Filing:
    """Where values come from: who says so, when, and for which time."""

    source: str
    period: str
    by: User
    at: datetime


@transaction.atomic
def keep(declaration: Declaration, payload: Mapping[str, Any], number: int, actor: User) -> int:
    """Keep what a filed declaration says, inside the transaction that files it. Returns how many facts changed.

    A fact that was mended by hand stays what is offered; what the declaration says instead is kept beside it.
    """
    rows = KnownFact.objects.select_for_update().filter(enterprise=declaration.enterprise)
    known = {one.key: one for one in rows.order_by("pk")}
    year = declaration.track.campaign.edition.year
    filing = Filing(f"申报书 {declaration.number} 第 {number} 版", f"{year} 年申报", actor, timezone.now())
    _stand_by(declaration, payload, known, filing)
    last, fresh, changed, former = _last_said(known.values()), [], [], []
    for field, value in _stated(declaration, payload):
        fact = known.get(field.anchor)
        if fact is None:
            fresh.append(_new(declaration.enterprise, field, value, filing))
        elif fact.by_hand and not fact.withdrawn:
            if value != last[fact.pk]:
                former.append(_beside(fact, value, filing))
                changed.append(fact)
        elif fact.value != value or fact.withdrawn:
            former.append(FormerFact.of(fact))
            _replace(fact, value, filing)
            changed.append(fact)
    KnownFact.objects.bulk_create(fresh)
    FormerFact.objects.bulk_create(former)
    KnownFact.objects.bulk_update(changed, WRITTEN)
    return len(fresh) + len(changed)


def _stand_by(
    declaration: Declaration, payload: Mapping[str, Any], known: Mapping[str, KnownFact], filing: Filing
) -> None:
    """What an earlier version of the declaration said and this one says again is from this one; two queries at most.

    The version that stood before may have been withdrawn: a value must not cite what no longer stands.
    """
    said, earlier = {field.anchor: value for field, value in _stated(declaration, payload)}, {}
    earlier["source__startswith"] = f"申报书 {declaration.number} 第 "
    same = [one.pk for key, one in known.items() if not one.by_hand and key in said and one.value == said[key]]
    KnownFact.objects.filter(pk__in=same, withdrawn=False, **earlier).update(
        source=filing.source, period=filing.period, updated_by=filing.by, updated_at=filing.at
    )
    beside = FormerFact.objects.filter(fact__in=[one.pk for one in known.values() if one.by_hand], **earlier)
    rows = beside.filter(beside=True, version=F("fact__version") - 1).select_related("fact")
    again = [one.pk for one in rows if one.value == said.get(one.fact.key)]
    FormerFact.objects.filter(pk__in=again).update(source=filing.source, stated_by=filing.by, stated_at=filing.at)


def _last_said(known: Iterable[KnownFact]) -> dict[int, Any]:
    """By fact, what was said of it last: its value, or what a declaration filed since that value was given; one query.

    The same thing filed again and again is told once.
    """
    by_pk = {one.pk: one for one in known}
    said = {pk: one.value for pk, one in by_pk.items()}
    for row in FormerFact.objects.filter(fact__in=list(by_pk)).order_by("version"):
        fact = by_pk[row.fact_id]
        if row.beside:
            said[fact.pk] = row.value
        elif row.value != fact.value:
            said[fact.pk] = fact.value
    return said


def _beside(fact: KnownFact, value: Any, filing: Filing) -> FormerFact:
    """What was filed about a fact that a person vouches for; the fact counts on, so that nobody changes it unaware."""
    found = FormerFact(
        fact=fact, version=fact.version, value=value, source=filing.source, period=filing.period, beside=True,
        stated_by=filing.by, stated_at=filing.at,
    )  # fmt: skip
    fact.version += 1
    return found


def _replace(fact: KnownFact, value: Any, filing: Filing) -> None:
    fact.value, fact.source, fact.period, fact.updated_by = value, filing.source, filing.period, filing.by
    fact.evidence, fact.evidence_name, fact.version, fact.withdrawn = None, "", fact.version + 1, False
    fact.by_hand, fact.updated_at = False, filing.at


def _stated(declaration: Declaration, payload: Mapping[str, Any]) -> Iterator[tuple[content.Field, Any]]:
    for field in content.describe(declaration.track).fields():
        value = payload["sections"].get(field.section, {}).get(field.key)
        if is_fact(field) and not is_blank(value):
            yield field, value


def _new(enterprise: Enterprise, field: content.Field, value: Any, filing: Filing) -> KnownFact:
    return KnownFact(
        enterprise=enterprise, key=field.anchor, label=field.label[:120], kind=field.kind, value=value,
        source=filing.source, period=filing.period, updated_by=filing.by,
    )  # fmt: skip


def disputed(known: Iterable[KnownFact]) -> dict[int, FormerFact]:
    """By fact, what the newest declaration says otherwise while nobody has decided since; one query."""
    standing = {one.pk: one for one in known if one.by_hand and not one.withdrawn}
    rows = FormerFact.objects.filter(fact__in=list(standing), beside=True, version=F("fact__version") - 1)
    return {one.fact_id: one for one in rows if one.value != standing[one.fact_id].value}


def unsettled(enterprise: int) -> list[str]:
    """The names of the enterprise's facts of which a declaration says otherwise and nobody has decided yet."""
    known = list(KnownFact.objects.filter(enterprise=enterprise, by_hand=True))
    found = disputed(known)
    return [one.label for one in known if one.pk in found]


@transaction.atomic
def adopt(fact: KnownFact, *, version: int, actor: User) -> None:
    """Take what a declaration said instead of the value given by hand. Raises StaleFact, also when nothing is there."""
    said = disputed([fact]).get(fact.pk)
    if said is None:
        raise StaleFact
    values = {"value": said.value, "period": said.period, "source": said.source, "by_hand": False}
    _change(fact, version, actor, values | {"evidence": None, "evidence_name": ""})
    audit.record("fact.adopt", actor=actor, obj=fact, body={"field": fact.key}, tenant=_owner(fact))


@transaction.atomic
def state(
    enterprise: Enterprise,
    field: content.Field,
    value: Any,
    *,
    actor: User,
    period: str,
    source: str,
    evidence: tuple[StoredFile, str] | None = None,
) -> KnownFact:
    """Keep a value that no declaration stated yet; a person vouches for it. Raises StaleFact where one is kept."""
    filing = Filing(source[:160], period[:40], actor, timezone.now())
    fact = _new(enterprise, field, value, filing)
    fact.by_hand = True
    if evidence:
        fact.evidence, fact.evidence_name = evidence[0], evidence[1][:160]
    try:
        with transaction.atomic():
            fact.save(force_insert=True)
    except IntegrityError as error:
        raise StaleFact from error
    audit.record("fact.state", actor=actor, obj=fact, body={"field": fact.key}, tenant=_owner(fact))
    return fact


@transaction.atomic
def mend(
    fact: KnownFact,
    *,
    version: int,
    actor: User,
    period: str,
    source: str,
    evidence: tuple[StoredFile, str] | None = None,
    value: Any = UNSAID,
) -> None:
    """Say where a fact comes from and, if `value` is given, what it is now. Raises StaleFact.

    From then on a person vouches for it, and no declaration replaces it by itself. A new value without a new proof has none: the old proof showed the old value.
    """
    values: dict[str, Any] = {"period": period[:40], "source": source[:160], "by_hand": True}
    body = {}
    if value is not UNSAID and value != fact.value:
        values |= {"value": value, "evidence": None, "evidence_name": ""}
        body = {"field": fact.key}
    if evidence:
        values |= {"evidence": evidence[0], "evidence_name": evidence[1][:160]}
    _change(fact, version, actor, values)
    name = "fact.value" if body else "fact.mend"
    audit.record(name, actor=actor, obj=fact, body=body, tenant=_owner(fact))


@transaction.atomic
def withdraw(fact: KnownFact, *, version: int, actor: User, withdrawn: bool = True) -> None:
    """Offer the fact to no form any more, or again. What was filed with it stays filed. Raises StaleFact."""
    _change(fact, version, actor, {"withdrawn": withdrawn})
    name = "fact.withdraw" if withdrawn else "fact.restore"
    audit.record(name, actor=actor, obj=fact, body={"field": fact.key}, tenant=_owner(fact))


def _owner(fact: KnownFact) -> str:
    return f"enterprise:{fact.enterprise_id}"


def _change(fact: KnownFact, version: int, actor: User, values: Mapping[str, Any]) -> None:
    """Write the values at the version the person saw, and keep what stood there before."""
    rows = KnownFact.objects.filter(pk=fact.pk, version=version)
    before = rows.first()
    if before is None or not rows.update(
        version=F("version") + 1, updated_by=actor, updated_at=timezone.now(), **values
    ):
        raise StaleFact
    FormerFact.of(before).save()


def questions() -> dict[tuple[str, str], tuple[content.Description, content.Field]]:
    """By address and kind of a fact, the question of the newest form that asks for it; one query."""
    tracks = Track.objects.filter(campaign__edition__status="published").select_related("campaign__edition")
    found: dict[tuple[str, str], tuple[content.Description, content.Field]] = {}
    for track in tracks.defer("campaign__edition__source").order_by("-campaign__edition__year", "order"):
        description = content.describe(track)
        for field in filter(is_fact, description.fields()):
            found.setdefault((field.anchor, field.kind), (description, field))
    order = list(parts(found.values()))
    return dict(sorted(found.items(), key=lambda one: order.index(one[1][1].section)))


def parts(asked: Iterable[tuple[content.Description, content.Field]]) -> dict[str, str]:
    """The parts that these questions stand in, as the newest form orders and names them."""
    found: dict[str, str] = {}
    for description, field in asked:
        found.setdefault(field.section, description.section(field.section).title)
    return found


def unstated(enterprise: Enterprise) -> list[tuple[content.Description, content.Field]]:
    """The questions whose answers would be kept and of which nothing is kept yet, in the order of the form."""
    stated = set(KnownFact.objects.filter(enterprise=enterprise).values_list("key", flat=True))
    found: dict[str, tuple[content.Description, content.Field]] = {}
    for (key, _), asked in questions().items():
        if key not in stated:
            found.setdefault(key, asked)
    return list(found.values())


def asked_as(fact: KnownFact) -> tuple[content.Description, content.Field] | None:
    """The question of the newest form that asks for the fact; None where no form does any more."""
    return questions().get((fact.key, fact.kind))


def offers(declaration: Declaration, payload: Mapping[str, Any]) -> list[Offer]:
    """The known facts for which the declaration has a blank answer of the same kind; one query."""
    known = {one.key: one for one in KnownFact.objects.filter(enterprise=declaration.enterprise, withdrawn=False)}
    found = []
    for field in content.describe(declaration.track).fields():
        fact = known.get(field.anchor)
        blank = is_blank(payload["sections"].get(field.section, {}).get(field.key))
        if fact and blank and fact.kind == field.kind and is_fact(field):
            fitted = fit(field, fact.value)
            if not is_blank(fitted.value):
                told = said(field, fitted.value), table(field, fitted.value), fitted.words
                found.append(Offer(field, fact, fitted.value, *told))
    return found


def said(field: content.Field, value: Any) -> str:
    """A value as people read it; of a table how many rows it has."""
    cleaned = content.clean(field, value)
    return f"{len(cleaned)} 行" if field.kind == Kind.TABLE else content.shown(field, cleaned)


def table(field: content.Field, value: Any) -> content.Table | None:
    """The rows of a table below the titles of its columns; None for any other value."""
    return content.table_of(field, content.clean(field, value)) if field.kind == Kind.TABLE else None


def fill(declaration: Declaration, wanted: Collection[str], *, actor: User) -> int:
    """Write the chosen facts into the answers that are still blank. Returns how many.

    Raises StaleContent when a colleague wrote into a part meanwhile, LateChangeError once it is closed.
    """
    with transaction.atomic():
        payload = content.payload(declaration)
        by_part: dict[str, dict[str, Any]] = {}
        for one in offers(declaration, payload):
            if one.field.anchor in wanted:
                by_part.setdefault(one.field.section, {})[one.field.key] = one.value
        write_parts(declaration, by_part, actor)
        filled = sorted(f"{part}.{key}" for part, values in by_part.items() for key in values)
        if filled:
            audit.record("declaration.fill", actor=actor, obj=declaration, body={"fields": filled})
    return len(filled)


def write_parts(declaration: Declaration, by_part: Mapping[str, Mapping[str, Any]], actor: User) -> None:
    """Save values part by part at the version each part has now."""
    versions = dict(declaration.contents.values_list("key", "version"))
    for part, values in by_part.items():
        result = services.save_section(declaration, part, values, version=versions[part], actor=actor)
        if not result.saved:
            raise services.StaleContent
