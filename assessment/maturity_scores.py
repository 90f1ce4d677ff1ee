"""Read the contract's scores JSON strictly: unknown nodes, marks off the scale, forbidden cuts are refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assessment.maturity import Scores, ScoresError, Standard

KEYS = ("type", "cut", "scores")
MAX_MARKS = 200


def parse(data: Any, standard: Standard) -> Scores:
    """The scores as a value. Raises ScoresError naming everything it refuses."""
    if not isinstance(data, dict):
        raise ScoresError(["评分应是一个 JSON 对象"])
    problems = [f"不认识的键“{key}”；可用的是 {'、'.join(KEYS)}" for key in data if key not in KEYS]
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in standard.types:
        problems.append(f"“type”应是 {' 或 '.join(standard.types)}，现在是“{kind}”")
        raise ScoresError(problems)
    cut = _cut(data.get("cut", []), standard, kind, problems)
    cells = _cells(data.get("scores"), standard, kind, problems)
    if problems:
        raise ScoresError(problems)
    return Scores(kind, cells, cut)


def _cut(value: Any, standard: Standard, kind: str, problems: list[str]) -> frozenset[str]:
    if not isinstance(value, list):
        problems.append("“cut”应是子域编码的列表")
        return frozenset()
    for code in value:
        leaf = standard.leaves.get(code) if isinstance(code, str) else None
        if leaf is None:
            problems.append(f"“cut”里没有子域“{code}”")
        elif kind not in leaf.weights:
            problems.append(f"{standard.types[kind]}不评“{code} {leaf.name}”，无须裁剪")
        elif not leaf.may_cut:
            problems.append(f"“{code} {leaf.name}”不可裁剪")
    return frozenset(code for code in value if isinstance(code, str))


def _cells(
    value: Any, standard: Standard, kind: str, problems: list[str]
) -> dict[tuple[str, int], tuple[Fraction, ...]]:
    if not isinstance(value, dict) or not value:
        problems.append("“scores”应是子域编码到各级评分的对照，且不能为空")
        return {}
    cells = {}
    for code, levels in value.items():
        leaf = standard.leaves.get(code)
        if leaf is None or kind not in leaf.weights:
            problems.append(f"“scores”里的“{code}”不是{standard.types[kind]}要评的子域")
        elif not isinstance(levels, dict):
            problems.append(f"“{code}”应是级别到评分的对照")
        else:
            cells.update(_levels(code, levels, standard, problems))
    return cells


def _levels(
    code: str, levels: Mapping[str, Any], standard: Standard, problems: list[str]
) -> dict[tuple[str, int], tuple[Fraction, ...]]:
    known = {str(level): level for level in standard.levels}
    found = {}
    for name, marks in levels.items():
        if name not in known:
            problems.append(f"“{code}”没有“{name}”级；可用的是 {'、'.join(known)}")
        elif not isinstance(marks, list) or len(marks) > MAX_MARKS:
            problems.append(f"“{code}”的 {name} 级应是评分的列表")
        else:
            found[code, known[name]] = _marks(f"“{code}”的 {name} 级", marks, standard, problems)
    return found


def _marks(where: str, marks: list[Any], standard: Standard, problems: list[str]) -> tuple[Fraction, ...]:
    found = []
    for position, mark in enumerate(marks, 1):
        value = _fraction(mark)
        if value is None or value not in standard.scale:
            scale = "、".join(str(float(one)).removesuffix(".0") for one in standard.scale)
            problems.append(f"{where}第 {position} 项“{mark}”不在评分档里；可用的是 {scale}")
        else:
            found.append(value)
    return tuple(found)


def _fraction(mark: Any) -> Fraction | None:
    """Numbers as they were written; text and truth values are not marks."""
    if isinstance(mark, bool) or not isinstance(mark, int | float | Decimal):
        return None
    try:
        return Fraction(str(mark))
    except (ValueError, ZeroDivisionError):
        return None
