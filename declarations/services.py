"""What people of an enterprise do to a declaration, besides changing its status.

Every write looks at the version the person saw and at whether the field may be changed now; a stale one writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from declarations import checks, content, deadlines, offers, returning
from declarations.content.values import is_blank
from declarations.models import (
    Declaration,
    KnownFact,
    LateChangeError,
    Revision,
    ScenarioInstance,
    SectionContent,
    Track,
)
from smartfactory import audit, workflow
from smartfactory.canonical import canonical_json, sha256
from smartfactory.models import Enterprise, IdempotencyKey
from smartfactory.problems import Problem

if TYPE_CHECKING:
    from smartfactory.models import User

LOCKED = "这一项没有退回，不能改。要改请联系推荐单位"


class NotOpen(Exception):
    """The track takes no declarations now, or this enterprise already has one."""


class StaleContent(Exception):
    """Somebody else changed the part since the person saw it; nothing was written."""


@dataclass
class SaveResult:
    """What a save did. `conflicts` has the fields changed by others since; `problems` are informative: it is saved.

    `kept` is what is stored now, by field, for the fields the save spoke of; `refused` are the problems that say why a
    field was left as it is.
    """

    saved: bool
    version: int
    at: datetime | None = None
    by: str = ""
    conflicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    refused: list[Problem] = field(default_factory=list)


def start(*, enterprise: Enterprise, track: Track, actor: User) -> Declaration:
    """Begin the enterprise's declaration on `track`, or return the one it already has.

    Raises NotOpen before the opening, after the deadline, and where the track is not for the enterprise's place.
    """
    present = Declaration.objects.filter(enterprise=enterprise, track=track).exclude(status="rejected").first()
    if present:
        return present
    now = deadlines.server_time()
    if not offers.offered(track, offers.way(track, enterprise)):
        raise NotOpen(track.title)
    if not deadlines.is_open(track, deadlines.for_enterprise(track, enterprise), now):
        raise NotOpen(track.title)
    try:
        return _create(enterprise, track, actor)
    except IntegrityError:
        return Declaration.objects.exclude(status="rejected").get(enterprise=enterprise, track=track)


@transaction.atomic
def _create(enterprise: Enterprise, track: Track, actor: User) -> Declaration:
    declaration = Declaration.objects.create(enterprise=enterprise, track=track, status="draft", created_by=actor)
    declaration.number = f"{track.number_prefix}-{declaration.pk:04d}"
    declaration.save(update_fields=["number"])
    known = {"applicant": _begins_with(enterprise)}
    for section in content.describe(track).sections:
        SectionContent.objects.create(declaration=declaration, key=section.key, data=known.get(section.key, {}))
    audit.record("declaration.start", actor=actor, obj=declaration, body={"track": track.code})
    return declaration


def _begins_with(enterprise: Enterprise) -> dict[str, Any]:
    """The address stands in a new form from the start: as the enterprise said it last, else as it is registered."""
    said = KnownFact.objects.filter(enterprise=enterprise, key="applicant.address", withdrawn=False).first()
    address = said.value if said else enterprise.address
    return {"address": address} if address else {}


def save_section(
    declaration: Declaration, key: str, values: Mapping[str, Any], *, version: int, actor: User, page: str = ""
) -> SaveResult:
    """Store the typed `values` (field → what was typed) of one part, if it is still at `version`.

    `page` names the open page that saves: what it wrote itself, its answer lost on the way, is no conflict for it.
    Raises LateChangeError once the declaration is no longer the enterprise's to change, KeyError for an unknown part.
    """
    section = content.describe(declaration.track).section(key)
    with transaction.atomic():
        row = (
            SectionContent.objects.select_for_update()
            .select_related("declaration")
            .get(declaration=declaration, key=key)
        )
        result = _write(row, section.by_key, values, version=version, actor=actor, page=page, prefix=key)
        _mirror_title(row, result)
    if result.saved:
        result.problems += _quick(
            declaration, {key: {name: row.data.get(name) for name in _known(section.by_key, values)}}
        )
    return result


def save_instance(
    declaration: Declaration, uid: str, values: Mapping[str, Any], *, version: int, actor: User, page: str = ""
) -> SaveResult:
    """As save_section, for one scenario instance. Raises ScenarioInstance.DoesNotExist when it is gone."""
    section = content.describe(declaration.track).instance_section
    with transaction.atomic():
        rows = ScenarioInstance.objects.select_for_update().select_related("declaration")
        row = rows.get(declaration=declaration, uid=uid)
        fields = section.instance_by_key
        prefix = f"{section.key}.{uid}"
        result = _write(row, fields, values, version=version, actor=actor, page=page, prefix=prefix)
    if result.saved:
        part = {name: row.data.get(name) for name in _known(fields, values)} | {"uid": uid}
        holder = next(one.key for one in section.fields if one.kind == "instances")
        result.problems += _quick(declaration, {section.key: {holder: [part]}})
    return result


def _known(fields: Mapping[str, content.Field], values: Mapping[str, Any]) -> list[str]:
    return [name for name in values if name in fields and fields[name].stored and not fields[name].fixed]


def _quick(declaration: Declaration, sections: dict[str, dict]) -> list[Problem]:
    return checks.quick({"sections": sections}, content.describe(declaration.track))


def _write(
    row: SectionContent | ScenarioInstance,
    fields: Mapping[str, content.Field],
    values: Mapping[str, Any],
    *,
    version: int,
    actor: User,
    page: str,
    prefix: str,
) -> SaveResult:
    """The one writer of typed content: version, openness of each field, and the log of who changed what."""
    if not row.declaration.editable:
        raise LateChangeError(row.declaration.status_word)
    if row.version != version:
        return SaveResult(False, row.version, row.updated_at, conflicts=changed_since(row, fields, version, page))
    cleaned = {name: content.clean(fields[name], values[name]) for name in _known(fields, values)}
    fresh = {name: value for name, value in cleaned.items() if not _same(value, row.data.get(name))}
    locked = [name for name in fresh if not returning.is_open(row.declaration, f"{prefix}.{name}")]
    changes = {name: value for name, value in fresh.items() if name not in locked}
    if changes:
        _store(row, changes, actor, page)
    problems = [Problem(f"{fields[name].label}：{LOCKED}", section=prefix.split(".")[0], field=name) for name in locked]
    by = row.updated_by.display if row.updated_by else ""
    kept = {name: row.data.get(name) for name in cleaned}
    return SaveResult(
        True, row.version, row.updated_at or timezone.now(), by, problems=[*problems], kept=kept, refused=problems
    )


def _same(new: Any, old: Any) -> bool:
    return new == old or (is_blank(new) and is_blank(old) and new is not False and old is not False)


def _store(row: SectionContent | ScenarioInstance, changes: Mapping[str, Any], actor: User, page: str) -> None:
    now, version = timezone.now(), row.version + 1
    marks = {name: [version, actor.display, now.isoformat(timespec="seconds"), page[:16]] for name in changes}
    row.data, row.changed = {**row.data, **changes}, {**row.changed, **marks}
    written = (
        type(row)
        .objects.filter(pk=row.pk, version=row.version)
        .write(data=row.data, changed=row.changed, version=version, updated_by=actor, updated_at=now)
    )
    if not written:
        raise LateChangeError(row.declaration.status_word)
    row.version, row.updated_by, row.updated_at = version, actor, now


def changed_since(
    row: SectionContent | ScenarioInstance, fields: Mapping[str, content.Field], version: int, page: str = ""
) -> dict[str, dict[str, Any]]:
    """Field → {theirs, at, by} for everything changed after `version`, except what `page` itself wrote last."""
    return {
        name: {"theirs": row.data.get(name), "at": at, "by": by}
        for name, (changed, by, at, *source) in row.changed.items()
        if changed > version and name in fields and not (page and source == [page[:16]])
    }


def _mirror_title(row: SectionContent, result: SaveResult) -> None:
    """The project's name heads every list; it is kept on the declaration as well."""
    title = str(row.data.get("project_name") or "")[:120]
    if result.saved and row.key == "factory" and title != row.declaration.title:
        Declaration.objects.filter(pk=row.declaration_id).update(title=title)


def submit(
    declaration: Declaration,
    *,
    actor: User,
    version: int,
    promises: Iterable[str],
    key: str,
    received_at: datetime,
    seen: str = "",
) -> Revision:
    """File the declaration as it stands and return the revision; the same key again returns the same one.

    Raises NotAllowed, Blocked (with problems) or StaleState as workflow.fire() does.
    """
    request = sha256(canonical_json({"declaration": declaration.pk, "seen": seen}))
    if kept := _answered(declaration, actor, key):
        return kept
    data = {"received_at": received_at, "promises": list(promises), "key": key, "seen": seen, "request": request}
    try:
        filed = workflow.fire(declaration, "submit", actor=actor, version=version, **data)
    except IntegrityError:
        if kept := _answered(declaration, actor, key):
            return kept
        raise
    return filed.latest_revision


def _answered(declaration: Declaration, actor: User, key: str) -> Revision | None:
    """The revision this key was answered with. Raises Blocked where the key belongs to another declaration."""
    kept = IdempotencyKey.objects.filter(user=actor, key=key[:64]).first() if key else None
    if kept is None:
        return None
    revision = Revision.objects.filter(pk=kept.answer.get("revision"), declaration=declaration).first()
    if revision is None:
        raise workflow.Blocked([Problem("这一页的提交编号已经用于另一份申报书，没有提交。请重新打开提交页")])
    return revision
