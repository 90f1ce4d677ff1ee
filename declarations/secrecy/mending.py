"""What can be mended at once: numbers hidden in an answer, metadata taken out of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from declarations import returning, services
from declarations.models import Declaration, Evidence, LateChangeError, ScenarioInstance, SectionContent
from declarations.secrecy.patterns import Rule, rules
from smartfactory import audit, files, metadata

if TYPE_CHECKING:
    from smartfactory.models import User


class NotThere(Exception):
    """What was to be mended is not there any more, or not open for change."""


def cover(declaration: Declaration, key: str, code: str, *, actor: User) -> None:
    """Hide everything the rule `code` finds in the answer `key`. Raises NotThere, or LateChangeError when too late."""
    section, _, rest = key.partition(".")
    uid, _, name = rest.rpartition(".")
    row = _row(declaration, section, uid)
    rule = next((one for one in rules().texts if one.code == code and one.mask), None)
    if row is None or rule is None or name not in row.data:
        raise NotThere
    if not returning.is_open(declaration, key):
        raise LateChangeError(declaration.status_word)
    values = {name: _covered(rule, row.data[name])}
    save, where = (services.save_instance, uid) if uid else (services.save_section, section)
    if not save(declaration, where, values, version=row.version, actor=actor).saved:
        raise NotThere


def _row(declaration: Declaration, section: str, uid: str) -> SectionContent | ScenarioInstance | None:
    if uid:
        return ScenarioInstance.objects.filter(declaration=declaration, uid=uid).first()
    return SectionContent.objects.filter(declaration=declaration, key=section).first()


def _covered(rule: Rule, value: Any) -> Any:
    if isinstance(value, str):
        return rule.cover(value)
    if isinstance(value, list):
        return [_covered(rule, one) for one in value]
    if isinstance(value, dict):
        return {name: _covered(rule, one) for name, one in value.items()}
    return value


def strip(declaration: Declaration, public_id: str, *, actor: User) -> Evidence:
    """Put the file in its place without its metadata. Raises NotThere, files.BadFile, or LateChangeError."""
    rows = Evidence.objects.filter(declaration=declaration).select_related("file", "instance")
    evidence = rows.filter(public_id=public_id).first()
    if evidence is None:
        raise NotThere
    clean = files.put(metadata.stripped(evidence.file.read(), evidence.file.mime), evidence.file.mime)
    with transaction.atomic():
        locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
        if not returning.is_open(locked, evidence.address):
            raise LateChangeError(locked.status_word)
        body = {"field": evidence.address, "was": evidence.file_id, "sha256": clean.digest}
        if not rows.filter(pk=evidence.pk, file_id=evidence.file_id).write(file=clean):
            raise NotThere
        audit.record("evidence.strip", actor=actor, obj=locked, body=body)
    evidence.file = clean
    return evidence
