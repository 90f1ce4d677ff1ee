"""The tree of authorities and the recorded criteria, from fixtures/authorities/: loaded again at any time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from recommendations.models import AuthorityFact
from smartfactory.models import Authority

# Parents first; the files of the places come between the nation's and the invented ones.
FIRST, LAST = ("national.yaml", "central-enterprises.yaml"), ("demo.yaml",)


def folder() -> Path:
    return settings.BASE_DIR / "fixtures" / "authorities"


def files() -> list[Path]:
    places = sorted(path for path in folder().glob("*.yaml") if path.name not in FIRST + LAST)
    return [folder() / name for name in FIRST] + places + [folder() / name for name in LAST]


def criteria() -> dict[str, str]:
    """The names of the recorded criteria."""
    return yaml.safe_load((folder() / FIRST[0]).read_text(encoding="utf-8")).get("criteria", {})


def codes() -> set[str]:
    """The codes of all units in the files."""
    return {row["code"] for path in files() for row in _read(path)}


@transaction.atomic
def load() -> int:
    """Create what is missing and bring the rest up to date; parents stand before their children. Returns the count."""
    rows = [row for path in files() for row in _read(path)]
    known = {one.code: one for one in Authority.objects.all()}
    for order, row in enumerate(rows):
        known[row["code"]] = _upsert(row, order, known)
    _load_facts(rows, known)
    return len(rows)


def _read(path: Path) -> Iterable[dict[str, Any]]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["authorities"]


def _upsert(row: dict[str, Any], order: int, known: dict[str, Authority]) -> Authority:
    values = {key: row[key] for key in ("name", "short_name", "kind", "is_demo", "note") if key in row}
    values |= {"order": order, "parent": known[row["parent"]] if row.get("parent") else None}
    present = known.get(row["code"])
    if present and all(getattr(present, key) == value for key, value in values.items()):
        return present
    return Authority.objects.update_or_create(code=row["code"], defaults=values)[0]


def _load_facts(rows: list[dict[str, Any]], known: dict[str, Authority]) -> None:
    stored = {(one.authority_id, one.key): one for one in AuthorityFact.objects.all()}
    for row in rows:
        for key, fact in row.get("facts", {}).items():
            present = stored.get((known[row["code"]].pk, key))
            if present and present.recorded_by_id:
                continue
            if present and all(getattr(present, name) == value for name, value in fact.items()):
                continue
            AuthorityFact.objects.update_or_create(authority=known[row["code"]], key=key, defaults=fact)
