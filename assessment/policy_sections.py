"""What higher floors add to the page of an edition: quotas, deadlines, forms. They register; this floor only shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessment.models import Edition


@dataclass(frozen=True)
class Section:
    """`context(edition)` gives what `template` shows, or None where the edition has nothing of the kind."""

    key: str
    title: str
    template: str
    context: Callable[[Edition], Mapping[str, object] | None]
    order: int = 50


@dataclass(frozen=True)
class Shown:
    section: Section
    context: Mapping[str, object]


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Add a section to every edition's page; the same key again replaces it."""
    _sections[section.key] = section


def sections(edition: Edition) -> list[Shown]:
    """The sections that have something to say about `edition`, in order."""
    ordered = sorted(_sections.values(), key=lambda one: one.order)
    found = ((one, one.context(edition)) for one in ordered)
    return [Shown(one, context) for one, context in found if context is not None]
