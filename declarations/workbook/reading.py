"""Reading a workbook back: values by field, or every cell that cannot be read, by sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from declarations import content
from declarations.checks.fields import unreadable
from declarations.checks.plausible import findings
from declarations.checks.tables import too_long
from declarations.content import Column, Description
from declarations.content.values import MOST_ROWS, is_blank
from declarations.vocabulary import Kind
from declarations.workbook.plans import UID, Plan, plans
from smartfactory import documents, text
from smartfactory.files import BadFile
from smartfactory.problems import ERROR

MOST_COLUMNS = 60
# The header stands below the hint; somebody may have put a line above it.
HEADER_WITHIN = 10
ERRORS = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")


@dataclass(frozen=True)
class CellError:
    """What is wrong in one place; `place` is as the spreadsheet program names it."""

    sheet: str
    place: str
    message: str


@dataclass
class Reading:
    """`values`: section → field → what was typed. `instances`: (uid or nothing, values). Nothing is half read."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    instances: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    sheets: int = 0


def read(body: bytes, description: Description, uids: set[str]) -> Reading:
    """Read the sheets whose names the form knows; others are left alone. Raises BadFile if it is no workbook."""
    try:
        pages = dict(documents.read_xlsx(body, rows=MOST_ROWS + HEADER_WITHIN, columns=MOST_COLUMNS))
    except Exception:
        raise BadFile("这个 Excel 打不开，可能没有保存完整。请在 Excel 里重新保存为 xlsx 后再上传") from None
    reading = Reading()
    for plan in plans(description):
        if plan.name in pages:
            reading.sheets += 1
            _Sheet(plan, pages[plan.name], reading, description, uids).read()
    if not reading.sheets:
        raise BadFile("里面没有本系统的工作表。请下载模板，在模板里填写后再上传")
    return reading


class _Sheet:
    """One sheet being read."""

    def __init__(
        self, plan: Plan, rows: list[list[str]], reading: Reading, description: Description, uids: set[str]
    ) -> None:
        self.plan, self.rows, self.reading, self.description, self.uids = plan, rows, reading, description, uids

    def read(self) -> None:
        header = self._header()
        if header is None:
            return
        found = [(number, row) for number, row in self._typed(*header)]
        most = self.plan.field.params.get("max_rows")
        if most and len(found) > most:
            self._error(
                found[most][0], None, f"{self.plan.field.label}最多 {most} 行，这里有 {len(found)} 行。请删去多余的"
            )
        store = {Kind.TABLE: self._table, Kind.INDICATORS: self._indicators, Kind.INSTANCES: self._instances}
        store[self.plan.kind](found)

    def _error(self, number: int, column: int | None, message: str) -> None:
        place = f"第 {number} 行" if column is None else f"{_letter(column)}{number}"
        self.reading.errors.append(CellError(self.plan.name, place, message))

    def _header(self) -> tuple[int, dict[int, Column]] | None:
        """(row number, place → column): the first row that names all columns; or an error that names the missing."""
        wanted = {_bare(one.label): one for one in self.plan.columns}
        best: set[str] = set()
        for number, row in enumerate(self.rows[:HEADER_WITHIN], 1):
            named = {place: _bare(cell) for place, cell in enumerate(row, 1) if _bare(cell) in wanted}
            if set(named.values()) == set(wanted):
                return number, {place: wanted[label] for place, label in named.items()}
            best = max(best, set(named.values()), key=len)
        missing = "、".join(one.label for one in self.plan.columns if _bare(one.label) not in best)
        self._error(1, None, f"表头缺少 {missing}。请从模板里复制表头")
        return None

    def _typed(self, header: int, places: dict[int, Column]) -> Iterator[tuple[int, dict[str, Any]]]:
        """(row number, key → value) of every row in which anything was written."""
        for number, row in enumerate(self.rows[header:], header + 1):
            cells = {
                place: _written(row[place - 1], column) if place <= len(row) else "" for place, column in places.items()
            }
            written = [place for place, cell in cells.items() if cell and places[place].key not in self.plan.fixed]
            if written or (self.plan.kind == Kind.INSTANCES and any(cells.values())):
                yield number, {one.key: self._value(number, place, one, cells[place]) for place, one in places.items()}

    def _value(self, number: int, place: int, column: Column, cell: str) -> Any:
        if not cell or column.key in self.plan.fixed:
            return cell
        if ERRORS.search(cell):
            self._error(number, place, f"{column.label}是公式的错误值 {cell}。请改成文字或数字")
            return ""
        if column.kind == Kind.MULTICHOICE:
            parts = [part.strip() for part in re.split(r"[；;、,，\n]", cell) if part.strip()]
            return [self._chosen(number, place, column, part) for part in parts]
        if column.options:
            return self._chosen(number, place, column, cell)
        value = content.clean(column, cell)
        if message := (
            unreadable(column.kind, value, column.params)
            or (too_long(column, value) if self.plan.kind == Kind.TABLE else "")
            or self._impossible(column, value)
        ):
            self._error(number, place, f"{column.label}{message}")
        return cell

    def _impossible(self, column: Column, value: Any) -> str:
        found = findings(column.kind, value, column.params, timezone.localdate())
        return next((message for message, level, _ in found if level == ERROR), "")

    def _chosen(self, number: int, place: int, column: Column, cell: str) -> str:
        for option in column.options:
            if cell in (option.label, option.value):
                return option.value
        offered = "、".join(one.label for one in column.options[:6])
        more = " 等" if len(column.options) > 6 else ""
        self._error(number, place, f"{column.label}没有“{cell[:30]}”这一项。可选：{offered}{more}")
        return ""

    def _table(self, found: list[tuple[int, dict[str, Any]]]) -> None:
        self.reading.values.setdefault(self.plan.section, {})[self.plan.field.key] = [row for _, row in found]

    def _indicators(self, found: list[tuple[int, dict[str, Any]]]) -> None:
        asked = {one.number for one in self.description.indicators if not one.computed}
        values: dict[str, dict[str, Any]] = {}
        for number, row in found:
            key = row["number"].strip()
            if key not in asked or key in values:
                words = "重复了" if key in values else "不在要填的指标里"
                self._error(number, None, f"序号 {key or '（空）'}{words}。请用模板里的行")
            values[key] = {name: row[name] for name in ("before", "after", "value", "na", "note")}
        self.reading.values.setdefault(self.plan.section, {})[self.plan.field.key] = values

    def _instances(self, found: list[tuple[int, dict[str, Any]]]) -> None:
        seen: set[str] = set()
        for number, row in found:
            uid = row.pop(UID.key).strip()
            if uid and (uid not in self.uids or uid in seen):
                words = "在前面已经有了" if uid in seen else "不是这份申报书的场景"
                self._error(number, None, f"系统编号 {uid[:20]} {words}。新增的场景请把系统编号留空")
            seen.add(uid)
            if uid or any(not is_blank(value) for value in row.values()):
                self.reading.instances.append((uid, row))


def _written(cell: str, column: Column) -> str:
    """What was written in a cell. A long text keeps the indentation it begins with, as on the page."""
    cleaned = text.clean(cell)
    return cleaned.rstrip() if column.kind == Kind.TEXTAREA else cleaned.strip()


def _bare(label: str) -> str:
    return re.sub(r"[\s*＊]", "", label)


def _letter(place: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
