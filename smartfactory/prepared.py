"""Queries that the busiest pages ask every time: their statement is composed once, not at every request.

Composing a statement costs the ORM several times what the database needs to answer it; on a page of eight small queries
it was the largest single cost. Only the composing is left out: the statement, the conversion of what comes back and the
model instances are Django's own. `tests/smartfactory/test_prepared.py` holds each to the plain query.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.db.models.sql.compiler import SQLCompiler

Value = int | str
# Stand-ins a statement is composed with: nothing else in a query looks like them.
_NUMBER, _TEXT = 1_000_000_007, "\ue000stand-in-"


@dataclass(frozen=True)
class Composed:
    """A statement with its parameters; `places` are those of the values, None for what is always the same.

    `converters` are those of the columns; they know the engine, not the connection, which is handed to them.
    """

    model: type[Model]
    db: str
    iterable: type
    compiler: SQLCompiler
    statement: str
    parameters: tuple[Any, ...]
    places: tuple[int | None, ...]
    converters: dict[int, Any]

    def asked(self, values: Sequence[Value]) -> list[Any]:
        """Run it with `values` and return what the queryset would."""
        compiler = copy(self.compiler)
        compiler.connection = connections[self.db]
        filled = tuple(
            fixed if place is None else values[place] for fixed, place in zip(self.parameters, self.places, strict=True)
        )
        compiler.as_sql = lambda: (self.statement, filled)
        compiler.get_converters = lambda expressions: self.converters
        return list(self.iterable(_Asking(self.model, self.db, compiler)))


class _Asking:
    """As much of a queryset as its rows are read by."""

    _known_related_objects: dict[str, Any] = {}
    _fields = None

    def __init__(self, model: type[Model], db: str, compiler: SQLCompiler) -> None:
        self.model, self.db, self.compiler = model, db, compiler
        self.query = self

    def get_compiler(self, using: str) -> SQLCompiler:
        return self.compiler


class Prepared:
    """Call it with values to get the rows of `make(*values)` as a list.

    Values are whole numbers and texts that the query compares with “=” or “IN”, in any number; nothing else about the
    query may depend on them. None equals nothing, so nothing is found. Raises LookupError if a value does not reach the
    statement.
    """

    def __init__(self, make: Callable[..., QuerySet]) -> None:
        self.make = make
        self._composed: dict[tuple[Value, ...], Composed] = {}

    def __call__(self, *values: Value | None) -> list[Any]:
        if None in values:
            return []
        stand_ins = tuple(_stand_in(place, value) for place, value in enumerate(values))
        found = self._composed.get(stand_ins)
        if found is None:
            found = self._composed[stand_ins] = _compose(self.make(*stand_ins), stand_ins)
        return found.asked(values)


def _stand_in(place: int, value: Value) -> Value:
    return _NUMBER + place if isinstance(value, int) else f"{_TEXT}{place}"


def _compose(queryset: QuerySet, stand_ins: tuple[Value, ...]) -> Composed:
    compiler = queryset.query.get_compiler(using=queryset.db)
    statement, parameters = compiler.as_sql()
    known = {value: place for place, value in enumerate(stand_ins)}
    places = tuple(known.get(one) if isinstance(one, Value) else None for one in parameters)
    if lost := set(known.values()).difference(places):
        raise LookupError(f"values {sorted(lost)} do not stand in the statement: {statement}")
    converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
    iterable = queryset._iterable_class
    return Composed(queryset.model, queryset.db, iterable, compiler, statement, tuple(parameters), places, converters)
