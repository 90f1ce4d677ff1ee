"""What a return opens: the items officials ask to have corrected, and only those fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from declarations import deadlines, itemised
from declarations.content import describe, rows
from declarations.itemised import LONGEST_MESSAGE
from declarations.models import Declaration, ReturnItem
from declarations.models.return_item import ReturnReason
from declarations.vocabulary import Kind, Status
from smartfactory.problems import Problem
from smartfactory.text import clean
from smartfactory.workflow import Blocked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartfactory.workflow import Act


def open_fields(declaration: Declaration, act: Act) -> dict[str, Any]:
    """Effect of `return_`: write the items of `act.data["items"]` and unlock their fields.

    Each item is {section, field, message, reason_code?, clause?, due?, row?}; `field` is a key of content.rows() after
    its section, `row` says where it stands on the page that was sent. Raises Blocked, naming item and control, when
    there is none, one has no words, names a field the form does not have, or asks for a day that cannot be kept.
    """
    sent = list(act.data.get("items") or [])
    known = labels(declaration)
    problems = [] if sent else [Problem("还没有写退回意见。请至少选一项，写清改哪里、改成什么", field="items")]
    deadline = deadlines.after_return(declaration) if any(one.get("due") for one in sent) else None
    for place, one in enumerate(sent, 1):
        problems += itemised.problems(one, int(one.get("row") or place), known, deadline)
    items = [_cleaned(one) for one in sent]
    if problems:
        raise Blocked(problems)
    _write(declaration, items, known, act)
    moved = deadlines.moved_by_return(declaration)
    body = {
        "items": [f"{one['section']}.{one['field']}" for one in items],
        "revision": declaration.latest_revision.number,
    }
    return body | {"deadline": moved.as_json()} if moved else body


def _cleaned(item: Mapping[str, Any]) -> dict[str, Any]:
    known = ("section", "field", "message", "reason_code", "clause", "due")
    found = {key: item.get(key) or "" for key in known}
    found["message"] = clean(str(found["message"])).strip()
    found["due"] = itemised.day(item.get("due"))
    found["reason_code"] = found["reason_code"] if found["reason_code"] in ReturnReason.values else ReturnReason.OTHER
    return found


def labels(declaration: Declaration) -> dict[str, str]:
    """Every address an item may name, with its label: the answers of the revision, and whole parts of the form."""
    description = describe(declaration.track)
    found = {}
    for row in rows(declaration.latest_revision.content, description):
        found[row.key] = f"{row.group} · {row.label}" if row.instance else row.label
    for field in description.fields():
        found.setdefault(field.anchor, field.label)
    return found


def _write(declaration: Declaration, items: list[dict[str, Any]], labels: Mapping[str, str], act: Act) -> None:
    ReturnItem.objects.bulk_create(
        ReturnItem(
            declaration=declaration,
            revision=declaration.latest_revision,
            number=number,
            label=labels[f"{one['section']}.{one['field']}"][:120],
            by=act.actor,
            **one,
        )
        for number, one in enumerate(items, 1)
    )
    opened = sorted({f"{one['section']}.{one['field']}" for one in items})
    Declaration.objects.filter(pk=declaration.pk).update(unlocked=opened)


def is_open(declaration: Declaration, anchor: str) -> bool:
    """Whether the enterprise may change the answer at `anchor` (section.field or section.instance.field) now."""
    if declaration.status == Status.DRAFT:
        return True
    if declaration.status != Status.RETURNED:
        return False
    return anchor in declaration.unlocked or _whole_instances(declaration, anchor)


def _whole_instances(declaration: Declaration, anchor: str) -> bool:
    """A return about the list of instances opens every instance."""
    section, _, rest = anchor.partition(".")
    holders = [
        one.anchor
        for one in describe(declaration.track).fields()
        if one.kind == Kind.INSTANCES and one.section == section
    ]
    return "." in rest and any(holder in declaration.unlocked for holder in holders)


def open_items(declaration: Declaration) -> Iterable[ReturnItem]:
    """The items of the latest return, in order; none before the first."""
    if declaration.status not in (Status.RETURNED, Status.SUBMITTED, Status.IN_REVIEW):
        return []
    items = list(declaration.return_items.select_related("by", "revision"))
    last = max((one.revision.number for one in items), default=0)
    return [one for one in items if one.revision.number == last]


__all__ = ["LONGEST_MESSAGE", "is_open", "labels", "open_fields", "open_items"]
