"""Each condition of the target tier beside what answers it: the paragraph, the indicator and the evidence.

The same walk over the payload that the check-answers page and the PDF use, so enterprise and reviewer see one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assessment.edition_rules import from_edition
from assessment.models import Edition
from assessment.rules import EditionRules, Result, evaluate_tier
from assessment.vocabulary import Status
from declarations import content
from declarations.content.description import Description, Field
from declarations.content.facts import facts
from declarations.content.walk import Anchor, FileLine, Row
from declarations.vocabulary import Kind

COMMON = "通用条件"
# How many scenarios a condition about an area names before it only counts the rest.
NAMED = 3


@dataclass(frozen=True)
class Line:
    """One condition with its answers as the form shows them and the files that stand beside these."""

    result: Result
    group: str
    answers: tuple[Row, ...]
    files: tuple[FileLine, ...]
    more: int = 0
    # Files said to answer this very condition, with the pages.
    cited: tuple[tuple[FileLine, Anchor], ...] = ()

    @property
    def tone(self) -> str:
        """met, unmet, judge (a person decides on what is written), open (nothing is written), or none."""
        if self.result.status == Status.NOT_APPLICABLE:
            return "none"
        if self.result.status == Status.UNPROVABLE:
            return "judge" if self.answers or self.files or self.cited else "open"
        return str(self.result.status)


def lines(payload: Mapping[str, Any], description: Description, *, masked: bool = False) -> list[Line]:
    """Every condition that binds the declaration's tier, in the order of the notice; none where no tier is declared."""
    rules = from_edition(Edition(pk=description.edition_pk, digest=description.edition_digest))
    if description.tier not in rules.tiers:
        return []
    rows = [row for row in content.rows(payload, description, masked=masked) if not row.blank]
    answering = _answering(description)
    verdict = evaluate_tier(rules, facts(payload, description), description.tier)
    return [_cited(_line(one, rules, rows, answering.get(one.rule.code, ()), payload), rows) for one in verdict.results]


def _cited(line: Line, rows: Iterable[Row]) -> Line:
    """The line with the pages people pointed at; a file that is pointed at is not listed a second time."""
    code = line.result.rule.code
    cited = tuple((one, at) for row in rows for one in row.files for at in one.answers if at.condition == code)
    named = {one.digest for one, _ in cited}
    return replace(line, cited=cited, files=tuple(one for one in line.files if one.digest not in named))


def _answering(description: Description) -> dict[str, list[str]]:
    """By condition, the addresses of the answers that speak of it besides the one that mends it."""
    found: dict[str, list[str]] = {}
    for field in description.fields():
        for code in _codes(field):
            found.setdefault(code, []).append(field.anchor)
    return found


def _codes(field: Field) -> Iterator[str]:
    yield from field.params.get("answers", ())
    yield from field.params.get("explains", ())
    yield from (option.answers for option in field.options if option.answers)


def _line(
    result: Result, rules: EditionRules, rows: Iterable[Row], anchors: Iterable[str], payload: Mapping[str, Any]
) -> Line:
    rule = result.rule
    wanted = list(dict.fromkeys([*([rule.fix] if "." in rule.fix else []), *anchors]))
    group = rules.areas.get(rule.area_group, COMMON)
    if rule.area_group in rules.areas and "." not in rule.fix:
        return _of_area(result, group, rows, payload)
    found = [row for row in rows if row.key in wanted]
    beside = {(row.section, row.group) for row in found}
    answers = tuple(row for row in found if row.field.kind != Kind.FILES)
    files = tuple(one for row in rows if (row.section, row.group) in beside for one in row.files)
    return Line(result, group, answers, files)


def _of_area(result: Result, group: str, rows: Iterable[Row], payload: Mapping[str, Any]) -> Line:
    """A condition about an area is answered by the scenarios of that area."""
    uids = {
        one["uid"]
        for section in payload["sections"].values() for value in section.values() if isinstance(value, list)
        for one in value if isinstance(one, dict) and one.get("area") == result.rule.area_group and "uid" in one
    }  # fmt: skip
    own = [row for row in rows if row.instance in uids]
    texts = [row for row in own if row.field.key == "description"]
    files = tuple(one for row in own for one in row.files)
    return Line(result, group, tuple(texts[:NAMED]), files, more=max(0, len(texts) - NAMED))


def counts(found: Iterable[Line]) -> dict[str, int]:
    """How many conditions stand how."""
    table: dict[str, int] = {}
    for one in found:
        table[one.tone] = table.get(one.tone, 0) + 1
    return table
