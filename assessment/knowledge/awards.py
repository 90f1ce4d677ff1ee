"""What is known of the lists, place by place. What nobody published stays empty: nothing is worked out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessment.knowledge.library import Award, Library
from assessment.knowledge.shapes import NATION
from assessment.vocabulary import TARGETS, Standing
from smartfactory.documents import Column, Sheet, write_xlsx
from smartfactory.models import Authority, AuthorityKind

KINDS = (AuthorityKind.PROVINCE, AuthorityKind.XPCC, AuthorityKind.PLANNED_CITY)
OUTCOMES = {
    "recognised": "获评",
    "announced": "公示",
    "cultivating": "培育对象",
    "batch": "其中一批",
    "running_total": "累计",
}
UNKNOWN = "未收录"
NAMES = dict(TARGETS)


@dataclass(frozen=True)
class Figure:
    """A figure with its words; `number` leads from the table to the list of sources."""

    number: int
    award: Award
    place: str

    @property
    def tier(self) -> str:
        return NAMES[self.award.tier]

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.award.what]


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    cells: tuple[tuple[str, tuple[Figure, ...]], ...]

    @property
    def known(self) -> bool:
        return any(found for _, found in self.cells)


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    nation: tuple[Figure, ...]
    rows: tuple[Row, ...]
    figures: tuple[Figure, ...]

    @property
    def known(self) -> int:
        return sum(row.known for row in self.rows)


def table(library: Library) -> Table:
    """Every province, the corps and the planned cities; a place without a figure says so."""
    units = list(Authority.objects.filter(kind__in=KINDS, is_demo=False).order_by("order", "code"))
    names = {NATION: "全国", **{one.code: one.short_name for one in units}}
    figures = tuple(Figure(at, one, names.get(one.place, one.place)) for at, one in enumerate(library.awards, start=1))
    placed = [one for one in figures if one.award.place != NATION]
    columns = tuple(dict.fromkeys((one.award.year, one.award.tier) for one in sorted(placed, key=_order)))
    return Table(
        tuple(_title(*one) for one in columns),
        tuple(one for one in figures if one.award.place == NATION),
        tuple(Row(code, names[code], _cells(code, columns, placed)) for code in names if code != NATION),
        figures,
    )


def _order(one: Figure) -> tuple[int, int]:
    return one.award.year, list(NAMES).index(one.award.tier)


def _title(year: int, tier: str) -> str:
    return f"{year} 年{NAMES[tier]}"


def _cells(
    code: str, columns: Iterable[tuple[int, str]], figures: list[Figure]
) -> tuple[tuple[str, tuple[Figure, ...]], ...]:
    return tuple(
        (
            _title(*column),
            tuple(one for one in figures if (one.award.place, one.award.year, one.award.tier) == (code, *column)),
        )
        for column in columns
    )


def workbook(library: Library) -> bytes:
    """The same as a workbook: the table by place, then every figure with its source."""
    found = table(library)
    by_place = Sheet(
        "各地",
        [Column("地方", 16), *(Column(one, 20) for one in found.columns)],
        [[row.name, *(_words(figures) for _, figures in row.cells)] for row in found.rows],
        title="各地智能工厂名单个数",
        below=[f"没有见到公开数字的写“{UNKNOWN}”，不是零。"],
    )
    return write_xlsx([by_place, _sources(found)])


def _words(figures: tuple[Figure, ...]) -> str:
    return "；".join(f"{one.award.count}（{one.outcome}）" for one in figures) or UNKNOWN


def _sources(found: Table) -> Sheet:
    titles = (("年度", 8), ("地方", 12), ("层级", 12), ("口径", 12), ("个数", 10), ("核实程度", 12), ("日期", 16), ("说明", 40), ("出处", 60))  # fmt: skip
    words = dict(Standing.choices)
    lines = [
        [str(one.award.year), one.place, one.tier, one.outcome, str(one.award.count), words[one.award.standing],
         one.award.date or "未公布", one.award.note, one.award.source]
        for one in found.figures
    ]  # fmt: skip
    return Sheet("出处", [Column(*one) for one in titles], lines, title="每个数字的出处")
