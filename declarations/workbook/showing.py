"""What taking a workbook over would change, table by table: only the rows that differ, and how many stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from declarations.content import Change, Description
from declarations.content.walk import INDICATOR_NAMES
from declarations.vocabulary import Kind
from declarations.workbook.plans import plans

CHANGED, ADDED, REMOVED = "改", "加", "删"
Cells = tuple[str, ...]


class Cell(NamedTuple):
    """One cell as it was and as it would be; equal where it stays."""

    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """A row that differs; `number` is its place in the new table, of a removed row that in the old one."""

    act: str
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class TableChange:
    """A table with its rows that differ; `same` rows stay as they are and are only counted."""

    change: Change
    head: tuple[tuple[str, int], ...]
    rows: tuple[RowChange, ...]
    same: int

    @property
    def told(self) -> Iterator[tuple[RowChange, list[tuple[str, Cell]]]]:
        """Each row with its cells under the titles of their columns."""
        titles = [title for title, _ in self.head]
        return ((row, list(zip(titles, row.cells, strict=True))) for row in self.rows)

    @property
    def words(self) -> str:
        counts = {act: sum(one.act == act for one in self.rows) for act in (CHANGED, ADDED, REMOVED)}
        said = [f"{act} {count} 行" for act, count in counts.items() if count]
        return "，".join([*said, f"没变 {self.same} 行"])


@dataclass(frozen=True)
class Shown:
    """`tables` row by row, `others` answer by answer; `same` says what was sent and stays as it is."""

    tables: list[TableChange]
    others: list[Change]
    same: list[str]


def show(changes: Iterable[Change], payload: Mapping[str, Any], description: Description) -> Shown:
    """The changes as people look them through; `payload` is what the declaration says now."""
    changes = list(changes)
    tables = [_table(one) for one in changes if one.row and one.row.table is not None]
    others = [one for one in changes if not one.row or one.row.table is None]
    return Shown(tables, others, list(_same(changes, payload, description)))


def _same(changes: list[Change], payload: Mapping[str, Any], description: Description) -> Iterator[str]:
    """The tables that stay as they are, and how many scenarios do."""
    touched = {one.key for one in changes}
    scenarios = {one.row.instance for one in changes if one.row and one.row.instance}
    for plan in plans(description):
        value = payload["sections"].get(plan.section, {}).get(plan.field.key) or ()
        if plan.kind == Kind.INSTANCES:
            stay = sum(one["uid"] not in scenarios for one in value)
            if stay:
                yield f"{plan.name} {stay} 个"
        elif plan.field.anchor not in touched and value:
            yield f"{plan.name} {len(value)} 行"


def _table(change: Change) -> TableChange:
    before, after = (one.table.rows if one and one.table else () for one in (change.before, change.after))
    if change.row.field.kind == Kind.INDICATORS:
        rows = list(_by_place(before, after))
    else:
        rows = list(_by_content(before, after))
    changed = sum(one.act == CHANGED for one in rows)
    added = sum(one.act == ADDED for one in rows)
    return TableChange(change, change.row.table.head, tuple(rows), len(after) - changed - added)


def _by_place(before: Sequence[Cells], after: Sequence[Cells]) -> Iterator[RowChange]:
    """Indicators stand in one order always; where nothing was answered yet, the columns that name them are as now."""
    blank = [(*row[:INDICATOR_NAMES], *("" for _ in row[INDICATOR_NAMES:])) for row in before or after]
    for number, (old, new) in enumerate(zip(before or blank, after or blank, strict=True), 1):
        if old != new:
            yield _changed(number, old, new)


def _by_content(before: Sequence[Cells], after: Sequence[Cells]) -> Iterator[RowChange]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for op, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if op != "equal":
            yield from _block(list(enumerate(before, 1))[a_from:a_to], list(enumerate(after, 1))[b_from:b_to])


def _block(old: list[tuple[int, Cells]], new: list[tuple[int, Cells]]) -> Iterator[RowChange]:
    """Rows in place of others: those of one name belong together, the rest came or went."""
    left = list(old)
    for number, cells in new:
        mate = _mate(cells, left)
        if mate is None:
            yield RowChange(ADDED, number, tuple(Cell("", cell) for cell in cells))
        else:
            left.remove(mate)
            yield _changed(number, mate[1], cells)
    yield from (RowChange(REMOVED, number, tuple(Cell(cell, "") for cell in cells)) for number, cells in left)


def _mate(cells: Cells, left: list[tuple[int, Cells]]) -> tuple[int, Cells] | None:
    """The row that was this one: of the same name, else one that reads the same in most of its cells."""
    named = next((one for one in left if one[1][0] and one[1][0] == cells[0]), None)
    return named or next((one for one in left if 2 * _alike(one[1], cells) > len(cells)), None)


def _alike(old: Cells, new: Cells) -> int:
    return sum(a == b for a, b in zip(old, new, strict=True))


def _changed(number: int, old: Cells, new: Cells) -> RowChange:
    return RowChange(CHANGED, number, tuple(map(Cell, old, new)))
