"""The ranking as a worksheet: handed out, filled in by people, read back whole or not at all.

Only two columns are read, the rank and its reason; the others are there to be looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing

from recommendations.models import Entry, RecommendationList
from smartfactory import documents, text
from smartfactory.files import BadFile
from smartfactory.spreadsheets import Column

NAME = "推荐排序"
RANK, NUMBER, REASON = "名次", "申报编号", "次序说明"
COLUMNS = (
    Column(RANK, 8, True),
    Column(NUMBER, 24),
    Column("申报单位", 34),
    Column("项目名称", 40),
    Column("地区", 12),
    Column("下级名次", 10, True),
    Column("参考分", 10, True),
    Column(REASON, 50),
)
HINT = (
    "只改“名次”和“次序说明”两列：名次从 1 起连续，不重复；不要增减行。改好后在“用 Excel 排序”一页上传，先看改动再确认。"
)
LONGEST = 200
SPARE_ROWS = 20
DAY = 86400


@dataclass(frozen=True)
class CellError:
    place: str
    message: str


@dataclass
class Reading:
    """`ranks` and `reasons` by declaration number; nothing of it holds while there are `errors`."""

    ranks: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    number: int
    cells: dict[str, str]
    places: dict[str, str]


def write(one: RecommendationList, entries: Sequence[Entry]) -> bytes:
    rows = [_row(entry) for entry in entries]
    sheet = documents.Sheet(
        name=NAME,
        columns=COLUMNS,
        rows=rows,
        title=f"{one.authority.short_name}推荐排序（{one.track.title}）",
        above=[HINT],
        properties={"keywords": _mark(one)},
    )
    return documents.write_xlsx([sheet])


def _row(entry: Entry) -> list[str]:
    return [
        str(entry.rank),
        entry.declaration.number,
        entry.declaration.enterprise.name,
        entry.declaration.title,
        entry.declaration.enterprise.receiver.short_name,
        str(entry.source.rank) if entry.source else "直报",
        "" if entry.points is None else str(entry.points),
        entry.order_reason,
    ]


def _mark(one: RecommendationList) -> str:
    return f"sf-ranking {one.public_id}"


def read(body: bytes, one: RecommendationList, entries: Sequence[Entry]) -> Reading:
    """Read the two columns against the entries of now. Raises BadFile for what is no sheet of this list at all."""
    try:
        pages = dict(documents.read_xlsx(body, rows=len(entries) + SPARE_ROWS, columns=2 * len(COLUMNS)))
        mark = documents.xlsx_keywords(body)
    except Exception:
        raise BadFile("这个 Excel 打不开，可能没有保存完整。请在 Excel 里重新保存为 xlsx 后再上传") from None
    if mark.startswith("sf-ranking") and mark != _mark(one):
        raise BadFile("这是另一份名单的排序表。请上传从这份名单下载的文件")
    if NAME not in pages:
        raise BadFile(f"里面没有“{NAME}”工作表。请先下载排序表，在里面改")
    rows = list(_rows(pages[NAME]))
    reading = Reading()
    reading.errors += _strangers(rows, entries)
    for row in rows:
        _take(row, len(entries), reading)
    reading.errors += _repeated(rows, reading)
    return reading


def _rows(lines: list[list[str]]) -> Iterator[Row]:
    """The lines below the one that names the columns. Raises BadFile where there is none."""
    for number, line in enumerate(lines, 1):
        heads = [cell.strip() for cell in line]
        if {RANK, NUMBER, REASON} <= set(heads):
            yield from _below(lines, number, {name: heads.index(name) for name in (RANK, NUMBER, REASON)})
            return
    raise BadFile(f"表头里没有“{RANK}”“{NUMBER}”“{REASON}”三列。请先下载排序表，在里面改")


def _below(lines: list[list[str]], header: int, at: dict[str, int]) -> Iterator[Row]:
    for number, line in enumerate(lines[header:], header + 1):
        cells = {name: text.clean(line[place]).strip() if place < len(line) else "" for name, place in at.items()}
        if any(cells.values()):
            yield Row(number, cells, {name: f"{chr(65 + place)}{number}" for name, place in at.items()})


def _take(row: Row, size: int, reading: Reading) -> None:
    typed, number, reason = row.cells[RANK], row.cells[NUMBER], row.cells[REASON]
    if not typed.isascii() or not typed.isdigit() or len(typed) > 6 or not 1 <= int(typed) <= size:
        words = f"名次要填 1 到 {size} 的整数，填的是“{typed[:20]}”" if typed else f"还没有填名次（1 到 {size}）"
        reading.errors.append(CellError(row.places[RANK], words))
    else:
        reading.ranks[number] = int(typed)
    if len(reason) > LONGEST:
        reading.errors.append(CellError(row.places[REASON], f"最多 {LONGEST} 字，现在 {len(reason)} 字。请删减"))
    reading.reasons[number] = reason


def _strangers(rows: Sequence[Row], entries: Sequence[Entry]) -> Iterator[CellError]:
    """Rows that are not on the list, or twice; entries of the list that have no row."""
    known = {entry.declaration.number: entry for entry in entries}
    counts = Counter(row.cells[NUMBER] for row in rows)
    for row in rows:
        number = row.cells[NUMBER]
        if number not in known:
            yield CellError(row.places[NUMBER], f"名单里现在没有申报编号“{number[:40]}”。请删去这一行，或重新下载")
        elif counts[number] > 1:
            yield CellError(row.places[NUMBER], f"申报编号 {number} 写了 {counts[number]} 行。请只留一行")
    for number, entry in known.items():
        if not counts[number]:
            yield CellError("—", f"少了 {entry.declaration.enterprise.name}（{number}）。请补上这一行，或重新下载")


def _repeated(rows: Sequence[Row], reading: Reading) -> Iterator[CellError]:
    """Two projects at one rank, each place named."""
    counts = Counter(reading.ranks.values())
    for row in rows:
        rank = reading.ranks.get(row.cells[NUMBER])
        if rank and counts[rank] > 1:
            yield CellError(row.places[RANK], f"第 {rank} 名填了 {counts[rank]} 个项目。请改成不重复的名次")


@dataclass(frozen=True)
class Change:
    entry: Entry
    to: int
    reason: str

    @property
    def moved(self) -> bool:
        return self.entry.rank != self.to

    @property
    def reworded(self) -> bool:
        return self.entry.order_reason != self.reason


def changes(reading: Reading, entries: Sequence[Entry]) -> list[Change]:
    """What taking the sheet over would change, in the new order."""
    found = (
        Change(entry, reading.ranks[entry.declaration.number], reading.reasons[entry.declaration.number])
        for entry in entries
    )
    return sorted((one for one in found if one.moved or one.reworded), key=lambda one: one.to)


def pack(one: RecommendationList, reading: Reading, entries: Sequence[Entry]) -> str:
    """What was read, with the version it was read against, sealed so that it can travel through the page."""
    order = [entry.pk for entry in sorted(entries, key=lambda entry: reading.ranks[entry.declaration.number])]
    reasons = {str(entry.pk): reading.reasons[entry.declaration.number] for entry in entries}
    return signing.dumps({"version": one.version, "order": order, "reasons": reasons}, salt=_mark(one), compress=True)


def unpack(one: RecommendationList, packed: str) -> dict[str, Any]:
    """Raises BadFile when it was not packed for this list, or long ago."""
    try:
        return signing.loads(packed, salt=_mark(one), max_age=DAY)
    except signing.BadSignature:
        raise BadFile("这一页放得太久，没有改动名单。请重新上传") from None
