"""What officials send back most often: a warning to those who still write, and a table for those who send back.

Enterprises learn which answers are returned and why, never whose: an answer counts once several enterprises share it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache

from declarations.content import describe
from declarations.models import ReturnItem
from declarations.models.return_item import ReturnReason

if TYPE_CHECKING:
    from declarations.content import Description, Field
    from declarations.models import Track

# Fewer enterprises than these could be guessed; older counts than these seconds are read again.
LEAST, KEPT = 3, 300
SHOWN = 3


@dataclass(frozen=True)
class Often:
    """One answer of the form; `reasons` are (words, how many), the most frequent first."""

    section: str
    field: str
    label: str
    count: int
    enterprises: int
    reasons: tuple[tuple[str, int], ...]
    per_instance: bool = False

    @property
    def mostly(self) -> str:
        return self.reasons[0][0]


Row = tuple[str, str, str, int]


def tally(rows: Iterable[Row], description: Description) -> list[Often]:
    """(section, field, reason code, enterprise) of every returned item → answers, the most often returned first."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    for section, field, reason, enterprise in rows:
        # An answer of an instance is the same question whichever instance it stands in.
        found[section, field.rpartition(".")[2]].append((reason, enterprise))
    known = {
        (one.section, one.key): one for part in description.sections for one in (*part.fields, *part.instance_fields)
    }
    made = [_often(known[key], said) for key, said in found.items() if key in known]
    return sorted(made, key=lambda one: (-one.count, one.section, one.field))


def _often(field: Field, said: list[tuple[str, int]]) -> Often:
    reasons = tuple(Counter(str(ReturnReason(code).label) for code, _ in said).most_common())
    enterprises = len({who for _, who in said})
    return Often(field.section, field.key, field.label, len(said), enterprises, reasons, field.per_instance)


def rows_of(items: object) -> Iterable[Row]:
    return items.order_by("pk").values_list("section", "field", "reason_code", "declaration__enterprise_id")


def on_track(track: Track) -> list[Often]:
    """What is returned often on this track, over all enterprises; counted anew every few minutes."""
    return cache.get_or_set(f"often-returned:{track.pk}", lambda: _count(track), KEPT)


def _count(track: Track) -> list[Often]:
    # Across all enterprises on purpose: only counts leave this function, and only where several share them.
    items = ReturnItem.objects.filter(declaration__track=track)
    return [one for one in tally(rows_of(items), describe(track)) if one.enterprises >= LEAST]


def in_section(track: Track, section: str) -> list[Often]:
    return [one for one in on_track(track) if one.section == section][:SHOWN]
