"""Every row of every model of this project as lines of text, and back: the same on both engines.

New models are covered without being named here. References may point forwards: both engines check them at the end of
the transaction. Rows are put back as they were, without default values, time stamps or guards of the models' own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Collate

from smartfactory.archive import dumps

BATCH = 500


def all_models() -> list[type[models.Model]]:
    """The project's tables floor by floor, link tables included; those that lead out of the project are left out."""
    here = [config for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)]
    found = [model for config in here for model in config.get_models(include_auto_created=True)]
    known = {model for model in found if not model._meta.proxy and model._meta.managed}
    return [model for model in found if model in known and _targets(model) <= known]


def _targets(model: type[models.Model]) -> set[type[models.Model]]:
    return {one.related_model for one in model._meta.concrete_fields if one.is_relation}


def lines(model: type[models.Model]) -> Iterator[bytes]:
    """The rows in the order of their primary keys, one JSON object a line."""
    fields = model._meta.concrete_fields
    rows = model._base_manager.order_by(_key(model)).values_list(*(one.attname for one in fields))
    for row in rows.iterator(chunk_size=BATCH):
        values = {one.attname: _plain(one, value) for one, value in zip(fields, row, strict=True)}
        yield dumps(values).encode("utf-8") + b"\n"


def _key(model: type[models.Model]) -> Any:
    """Texts are ordered by their bytes: the engines' own orders differ."""
    if isinstance(model._meta.pk, models.CharField):
        return Collate(F("pk"), "C" if connection.vendor == "postgresql" else "BINARY")
    return F("pk").asc()


def _plain(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{field} holds a {type(value).__name__}, which the archive has no form for")


def put_back(model: type[models.Model], texts: Iterable[bytes]) -> int:
    """Insert the rows exactly as they stood; returns how many."""
    fields = {one.attname: one for one in model._meta.concrete_fields}
    count = 0
    for text in texts:
        values = {name: _value(fields[name], value) for name, value in json.loads(text).items()}
        # The base method, told that the values are raw: time stamps stay, and no model's own save() has a say.
        models.Model.save_base(model(**values), raw=True, force_insert=True)
        count += 1
    return count


def _value(field: models.Field, value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    return (field.target_field if field.is_relation else field).to_python(value)


def remove_all() -> None:
    """Empty every table. For replacing an installation by an archive, inside one transaction, and nothing else."""
    for model in reversed(all_models()):
        model._base_manager.all()._raw_delete(connection.alias)


def settle(found: list[type[models.Model]]) -> None:
    """After the last row: numbering goes on where it stood, and every reference is checked."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)
    connection.check_constraints()
