"""Last year's declaration carried into this year's form, with a report of what fits, what has no place and what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from declarations import content, instances, services
from declarations.content.values import is_blank
from declarations.models import Declaration, Evidence
from declarations.reuse import differences
from declarations.reuse.facts import write_parts
from declarations.reuse.fitting import fit
from declarations.reuse.scenarios import Carried, carried
from declarations.vocabulary import Kind
from smartfactory import audit
from smartfactory.models import User


@dataclass
class Report:
    """What carrying over does, in the words of the forms; `parts` and `scenarios` are the values to write."""

    carried: list[content.Field] = field(default_factory=list)
    reset: list[content.Field] = field(default_factory=list)
    kept: list[content.Field] = field(default_factory=list)
    lost: list[content.Field] = field(default_factory=list)
    asked: list[content.Field] = field(default_factory=list)
    mended: list[content.Field] = field(default_factory=list)
    # What does not fit as it was, with the reason, and what the form asks for besides.
    partly: list[tuple[content.Field, str]] = field(default_factory=list)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    scenarios: list[Carried] = field(default_factory=list)
    files: list[Evidence] = field(default_factory=list)

    @property
    def fields(self) -> int:
        """How many answers it fills."""
        return sum(map(len, self.parts.values()))

    @property
    def unfinished(self) -> list[Carried]:
        """The scenarios of which something has to be chosen again or does not come along."""
        return [one for one in self.scenarios if one.words]

    @property
    def empty(self) -> bool:
        return not (self.parts or self.scenarios or self.files)


def sources(declaration: Declaration) -> list[Declaration]:
    """Other declarations of the same enterprise, the newest first."""
    rows = Declaration.objects.filter(enterprise=declaration.enterprise).exclude(pk=declaration.pk)
    return list(rows.select_related("track", "latest_revision"))


def report(source: Declaration, target: Declaration) -> Report:
    """What of `source` (as last filed, else as it stands) fits into `target`, without writing anything."""
    old, new = content.describe(source.track), content.describe(target.track)
    said = source.latest_revision.content if source.latest_revision else content.payload(source)
    there = content.payload(target)
    found = Report()
    before, mended = {one.anchor: one for one in old.fields()}, differences.mended(target)
    for one in new.fields():
        former, fact = before.get(one.anchor), mended.get(one.anchor)
        value, present = _said(said, one), _said(there, one)
        if fact and fact.kind == one.kind and fact.value != value and is_blank(present):
            _take(found, found.mended, one, fact.value)
        else:
            _sort(found, one, former, value, present)
    answered = {one.anchor for one in new.fields()}
    found.lost = [
        one for one in old.fields()
        if one.anchor not in answered and not is_blank(_said(said, one))
    ]  # fmt: skip
    if new.instance_section and old.instance_section and not _instances(there, new):
        found.scenarios = list(carried(_instances(said, old), old, new))
    found.files = list(_files(source, target, new))
    return found


def _said(payload: Mapping[str, Any], one: content.Field) -> Any:
    return payload["sections"].get(one.section, {}).get(one.key)


def _sort(found: Report, one: content.Field, former: content.Field | None, value: Any, present: Any) -> None:
    """Into the report with one answer of the new form."""
    if one.fixed or one.kind in (Kind.FILES, Kind.INSTANCES):
        return
    if not is_blank(present):
        found.kept.append(one)
    elif former is None or former.kind != one.kind:
        found.asked.append(one)
    elif not is_blank(value):
        if one.kind == Kind.INDICATORS:
            _take(found, found.reset, one, _indicators(value))
        else:
            _take(found, found.carried, one, value)


def _take(found: Report, group: list[content.Field], one: content.Field, value: Any) -> None:
    """Into `group` with what of the value fits; where nothing does, the question is asked again."""
    fitted = fit(one, value)
    if fitted.words:
        found.partly.append((one, fitted.words))
    if is_blank(fitted.value):
        found.asked.append(one)
    else:
        group.append(one)
        found.parts.setdefault(one.section, {})[one.key] = fitted.value


def _indicators(value: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What last year came out at is what this year starts from."""
    return {number: {"before": row["after"]} for number, row in value.items() if not row.get("na") and row.get("after")}


def _instances(payload: Mapping[str, Any], description: content.Description) -> list[dict[str, Any]]:
    section = description.instance_section
    holder = next(one.key for one in section.fields if one.kind == Kind.INSTANCES)
    return payload["sections"].get(section.key, {}).get(holder) or []


def _files(source: Declaration, target: Declaration, new: content.Description) -> Iterator[Evidence]:
    """Files of whole parts whose place the new form has and that hold none there yet."""
    places = {(one.section, one.key) for one in new.fields() if one.kind == Kind.FILES}
    taken = set(target.evidence.filter(instance=None).values_list("section", "field"))
    for one in source.evidence.filter(instance=None).select_related("file"):
        if (one.section, one.field) in places - taken:
            yield one


def carry(source: Declaration, target: Declaration, *, actor: User) -> Report:
    """Write what fits into blank answers, all or nothing. Raises StaleContent or LateChangeError."""
    with transaction.atomic():
        found = report(source, target)
        write_parts(target, found.parts, actor)
        if found.scenarios:
            _add_scenarios(target, found.scenarios, actor)
        for one in found.files:
            Evidence.objects.create(
                declaration=target, section=one.section, field=one.field, name=one.name, file=one.file,
                pages=one.pages, added_by=actor,
            )  # fmt: skip
        body = {"declaration": source.number, "fields": found.fields, "scenarios": len(found.scenarios)}
        audit.record("declaration.clone", actor=actor, obj=target, body=body)
    return found


def _add_scenarios(target: Declaration, scenarios: Iterable[Carried], actor: User) -> None:
    part = content.describe(target.track).instance_section.key
    version = target.contents.get(key=part).version
    for one in scenarios:
        made = instances.add(target, version=version, actor=actor)
        version += 1
        if not services.save_instance(target, made.uid, one.values, version=made.version, actor=actor).saved:
            raise services.StaleContent
