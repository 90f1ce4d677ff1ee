"""Taking a workbook over: rehearsed first to show what would change, then all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction

from declarations import content, instances, services
from declarations.models import Declaration, LateChangeError, ScenarioInstance, SectionContent
from declarations.workbook import since
from declarations.workbook.reading import Reading
from smartfactory import audit

if TYPE_CHECKING:
    from smartfactory.models import User

DAY = 86400


class Refused(Exception):
    """Nothing was taken over; the text says why and what to do."""


def pack(declaration: Declaration, reading: Reading, known: since.Versions | None = None) -> str:
    """What was read, with the versions it was read against, sealed so that it can travel through the page.

    `known`: the versions the workbook was made from; what was changed online after them is taken over only if chosen.
    """
    held = dict(SectionContent.objects.filter(declaration=declaration).values_list("key", "version"))
    versions = dict(ScenarioInstance.objects.filter(declaration=declaration).values_list("uid", "version"))
    late = since.changed(declaration, reading, known)
    return _seal(
        declaration,
        {"sections": reading.values, "instances": reading.instances, "held": held, "versions": versions, "late": late},
    )


def _seal(declaration: Declaration, change: Mapping[str, Any]) -> str:
    return signing.dumps(change, salt=_salt(declaration), compress=True)


def asking(declaration: Declaration, packed: str, changes: Iterable[content.Change]) -> str:
    """The same, asking only about answers that taking it over would really change. Raises Refused."""
    change, keys = _unpack(declaration, packed), {one.key for one in changes}
    return _seal(declaration, change | {"late": {key: mark for key, mark in change["late"].items() if key in keys}})


def late(declaration: Declaration, packed: str) -> dict[str, since.Late]:
    """By address, what was changed online after the workbook was handed out. Raises Refused."""
    marks = _unpack(declaration, packed)["late"]
    return {key: since.Late(by, datetime.fromisoformat(at)) for key, (by, at) in marks.items()}


def rehearse(declaration: Declaration, packed: str, *, actor: User) -> list[content.Change]:
    """What taking it over would change; nothing is kept. Raises Refused."""
    description = content.describe(declaration.track)
    before = content.payload(declaration)
    with transaction.atomic():
        try:
            _write(declaration, _unpack(declaration, packed), actor)
            after = content.payload(Declaration.objects.get(pk=declaration.pk))
        finally:
            transaction.set_rollback(True)
    return content.diff(before, after, description)


def take_over(declaration: Declaration, packed: str, *, actor: User, chosen: Collection[str] = ()) -> int:
    """Write everything in one transaction and return how many fields were named. Raises Refused and writes nothing.

    Of what was changed online since the workbook was handed out, only the `chosen` addresses.
    """
    change = _unpack(declaration, packed)
    _leave_out(declaration, change, change["late"].keys() - set(chosen))
    with transaction.atomic():
        named = _write(declaration, change, actor)
        audit.record("declaration.import", actor=actor, obj=declaration, body={"fields": named})
    return len(named)


def _leave_out(declaration: Declaration, change: dict[str, Any], left: Collection[str]) -> None:
    """Take these addresses out of what is written."""
    section = content.describe(declaration.track).instance_section
    parts = {key: _without(key, values, left) for key, values in change["sections"].items()}
    change["sections"] = {key: values for key, values in parts.items() if values}
    if section:
        change["instances"] = [
            (uid, _without(f"{section.key}.{uid}", values, left)) for uid, values in change["instances"]
        ]


def _without(where: str, values: Mapping[str, Any], left: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"{where}.{name}" not in left}


def _salt(declaration: Declaration) -> str:
    return f"workbook:{declaration.public_id}"


def _unpack(declaration: Declaration, packed: str) -> dict[str, Any]:
    try:
        return signing.loads(packed, salt=_salt(declaration), max_age=DAY)
    except signing.BadSignature:
        raise Refused("这一页放得太久，没有导入。请重新上传") from None


def _write(declaration: Declaration, change: dict[str, Any], actor: User) -> list[str]:
    """Raises Refused on the first thing that cannot be written; the caller's transaction undoes the rest."""
    held, named = change["held"], []
    try:
        for key, values in change["sections"].items():
            result = services.save_section(declaration, key, values, version=held[key], actor=actor)
            held[key] = _checked(result)
            named += [f"{key}.{name}" for name in values]
        for uid, values in change["instances"]:
            named.append(_instance(declaration, uid, values, change, actor))
    except LateChangeError as error:
        raise Refused(f"申报书现在是“{error}”，不能改，没有导入") from error
    except (services.StaleContent, ScenarioInstance.DoesNotExist):
        raise Refused("您上传之后，同事改过这些内容，没有导入。请重新下载、合并后再上传") from None
    except instances.TooMany:
        raise Refused(f"场景最多 {instances.MOST} 个，没有导入。请删去不用的") from None
    return named


def _instance(declaration: Declaration, uid: str, values: dict[str, Any], change: dict[str, Any], actor: User) -> str:
    section = content.describe(declaration.track).instance_section.key
    version = change["versions"].get(uid)
    if not uid:
        made = instances.add(declaration, version=change["held"][section], actor=actor)
        change["held"][section] += 1
        uid, version = made.uid, made.version
    _checked(services.save_instance(declaration, uid, values, version=version, actor=actor))
    return f"{section}.{uid}"


def _checked(result: services.SaveResult) -> int:
    if not result.saved:
        raise services.StaleContent
    locked = [one for one in result.problems if one.message.endswith(services.LOCKED)]
    if locked:
        raise Refused(f"{locked[0].message}。没有导入")
    return result.version
