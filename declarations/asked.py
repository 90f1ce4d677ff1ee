"""Two revisions beside what officials asked for in between: changed as asked, asked but unchanged, changed unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from declarations import content
from declarations.models import ReturnItem, Revision
from declarations.vocabulary import Kind

if TYPE_CHECKING:
    from declarations.content import Change, Description, Row
    from declarations.models import Declaration

# Why an answer nobody named could differ.
OPENED, COMPUTED, REGISTERED, CLEANED, UNKNOWN = "opened", "computed", "registered", "cleaned", ""
WHY = {
    OPENED: "这一部分整体退回，所以可以改；意见没有点到这一项，请核对。",
    COMPUTED: "由系统从别的答案算出，别的答案改了，它跟着变。",
    REGISTERED: "取自登记资料或排列次序，不是这一项答案自己改的，请核对。",
    CLEANED: "附件换了或清理过隐藏信息；意见没有点到，请核对。",
    UNKNOWN: "退回时没有要求改这一项，请核对。",
}


@dataclass(frozen=True)
class Compared:
    """One answer that differs, with the items that named it; without any, `why` says how it could."""

    change: Change
    items: tuple[ReturnItem, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Untouched:
    """An item whose answer is as it was; `text` is what it still says."""

    item: ReturnItem
    text: str


@dataclass(frozen=True)
class Comparison:
    """`before` was returned with `items`; without items nothing was asked, and nothing can be unasked."""

    before: Revision
    after: Revision
    items: list[ReturnItem]
    asked: list[Compared]
    unasked: list[Compared]
    untouched: list[Untouched]
    same: int

    @property
    def opened(self) -> list[ReturnItem]:
        """Items about a whole list in which something did change, though no single answer was named."""
        settled = {item.pk for one in self.asked for item in one.items} | {one.item.pk for one in self.untouched}
        return [one for one in self.items if one.pk not in settled]

    @property
    def changes(self) -> list[Compared]:
        return [*self.asked, *self.unasked]


def returned_before(declaration: Declaration, number: int) -> Revision | None:
    """The revision that revision `number` answers: the last one returned before it, else the one before it.

    What was handed in and withdrawn again in between was never judged.
    """
    earlier = declaration.revisions.filter(number__lt=number).order_by("-number")
    return earlier.filter(return_items__isnull=False).distinct().first() or earlier.first()


def compare(before: Revision, after: Revision, description: Description, *, masked: bool) -> Comparison:
    """Everything that differs between the two, told apart by what the items of `before` named. One query."""
    items = list(before.return_items.select_related("by").order_by("number"))
    changes = content.diff(before.content, after.content, description, masked=masked)
    judged = [_judge(one, items, description) for one in changes]
    met = met_by({one.change.key for one in judged}, items, description)
    rows = content.rows(after.content, description, masked=masked)
    texts = {row.key: row for row in rows}
    return Comparison(
        before,
        after,
        items,
        [one for one in judged if one.items],
        [one for one in judged if not one.items],
        [Untouched(one, _text(texts.get(one.anchor))) for one in items if one.pk not in met],
        len(rows) - sum(one.key in texts for one in changes),
    )


def met_by(changed: Iterable[str], items: Iterable[ReturnItem], description: Description) -> set[int]:
    """The keys of items whose answer, or anything of the list they name, is among the changed ones."""
    keys = set(changed)
    lists = _lists(description)
    # What belongs to a scenario, or to their order, has a longer address than the other answers of the part.
    parts = {key.partition(".")[0] for key in keys if key.count(".") > 1}
    return {one.pk for one in items if one.anchor in keys or (one.anchor in lists and one.section in parts)}


def unanswered(
    items: Iterable[ReturnItem], before: Mapping[str, Any], after: Mapping[str, Any], description: Description
) -> list[ReturnItem]:
    """The items whose answer says in payload `after` what it said in `before`, which they returned."""
    found = list(items)
    if not found:
        return []
    met = met_by({one.key for one in content.diff(before, after, description)}, found, description)
    return [one for one in found if one.pk not in met]


def _text(row: Row | None) -> str:
    return row.text if row else ""


def _judge(change: Change, items: list[ReturnItem], description: Description) -> Compared:
    named = tuple(one for one in items if one.anchor == change.key)
    return Compared(change, named) if named else Compared(change, why=WHY[_cause(change, items, description)])


def _cause(change: Change, items: list[ReturnItem], description: Description) -> str:
    if change.section == "":
        return REGISTERED
    field, named = change.row.field, {one.anchor for one in items}
    if change.row.instance and any(
        one.section == change.section and one.anchor in _lists(description) for one in items
    ):
        return OPENED
    if field.fixed:
        return REGISTERED
    if field.kind == Kind.INDICATORS and field.anchor not in named:
        return COMPUTED
    return CLEANED if field.kind == Kind.FILES else UNKNOWN


def _lists(description: Description) -> Mapping[str, str]:
    """Addresses that stand for a whole list of scenarios."""
    return {one.anchor: one.section for one in description.fields() if one.kind == Kind.INSTANCES}
