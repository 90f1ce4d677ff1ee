"""What a rule looks at: the payload with its description, and the answers one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.utils import timezone

from declarations.content.description import Column, Description, Field
from declarations.content.values import is_blank
from declarations.vocabulary import Kind
from smartfactory.problems import ERROR, Problem


class Answer(NamedTuple):
    """One field with its value, the other values beside it, and its address within the section."""

    field: Field
    value: Any
    beside: Mapping[str, Any]
    key: str
    where: str = ""

    @property
    def label(self) -> str:
        return f"{self.where}{self.field.label}"

    def problem(self, message: str, *, level: str = ERROR, clause: str | None = None, standing: str = "") -> Problem:
        """A problem at this answer, citing the field's own clause unless told otherwise."""
        cited = self.field.clause if clause is None else clause
        return Problem(
            message,
            level=level,
            section=self.field.section,
            field=self.key,
            clause=cited,
            standing=standing or (self.field.standing if clause is None else "official"),
        )


class Cell(NamedTuple):
    """One cell of a table: the answer it belongs to, the number of its row, its column and its value."""

    answer: Answer
    number: int
    column: Column
    value: object

    def problem(self, message: str, *, named: bool = True, level: str = ERROR, clause: str | None = None) -> Problem:
        """A problem at this cell. `named`: the message goes on after the name of the column."""
        place = f"{self.answer.label}第 {self.number} 行{f'的{self.column.label}' if named else ''}"
        found = self.answer.problem(f"{place}{message}", level=level, clause=clause)
        return replace(found, cell=f"{self.answer.field.key}-{self.number - 1}-{self.column.key}")


class Case:
    def __init__(self, payload: Mapping[str, Any], description: Description, today: date | None = None) -> None:
        self.payload = payload
        self.description = description
        self.today = today or timezone.localdate()

    def values(self, section: str) -> Mapping[str, Any]:
        return self.payload["sections"].get(section, {})

    @cached_property
    def answers(self) -> list[Answer]:
        """Every answer present in the payload, those of the instances in their place."""
        return list(self._answers())

    def _answers(self) -> Iterator[Answer]:
        for section in self.description.sections:
            values = self.values(section.key)
            for field in section.fields:
                if field.key in values:
                    yield Answer(field, values[field.key], values, field.key)
                    if field.kind == Kind.INSTANCES:
                        yield from self._instance_answers(section.instance_fields, values[field.key] or [])

    def _instance_answers(self, fields: tuple[Field, ...], instances: list[dict]) -> Iterator[Answer]:
        for number, values in enumerate(instances, 1):
            for field in fields:
                if field.key in values:
                    yield Answer(field, values[field.key], values, f"{values['uid']}.{field.key}", f"场景 {number} 的")

    @cached_property
    def instances(self) -> list[dict[str, Any]]:
        return next((one.value or [] for one in self.answers if one.field.kind == Kind.INSTANCES), [])

    def of_kind(self, *kinds: str) -> Iterator[Answer]:
        if len(kinds) == 1:
            return iter(self._by_kind.get(kinds[0], ()))
        return (one for one in self.answers if one.field.kind in kinds)

    @cached_property
    def _by_kind(self) -> dict[str, list[Answer]]:
        found: dict[str, list[Answer]] = {}
        for one in self.answers:
            found.setdefault(one.field.kind, []).append(one)
        return found

    def with_rule(self, name: str) -> Iterator[tuple[Answer, Any]]:
        """Answers whose field has the rule `name`, with the rule's parameter."""
        return ((one, one.field.params[name]) for one in self._by_rule.get(name, ()))

    @cached_property
    def _by_rule(self) -> dict[str, list[Answer]]:
        found: dict[str, list[Answer]] = {}
        for one in self.answers:
            for name in one.field.params:
                found.setdefault(name, []).append(one)
        return found

    @cached_property
    def written(self) -> list[Answer]:
        """The answers that say something."""
        return [one for one in self.answers if not is_blank(one.value)]

    @cached_property
    def cells(self) -> list[Cell]:
        """Every cell of every table, row by row."""
        return [
            Cell(one, number, column, row.get(column.key))
            for one in self.of_kind(Kind.TABLE)
            for number, row in enumerate(one.value or [], 1)
            for column in one.field.columns
        ]

    @cached_property
    def _order(self) -> dict[tuple[str, str], int]:
        return {(one.field.section, one.key): place for place, one in enumerate(self.answers)}

    def place(self, problem: Problem) -> int:
        """Where a problem stands in the order of the form."""
        return self._order.get((problem.section, problem.field), len(self._order))
