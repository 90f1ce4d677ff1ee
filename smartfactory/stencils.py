"""Stencils: what a template draws, cut where the values go, so that drawing it again is a matter of filling it in.

A stencil is drawn once per key with marks instead of values. What differs in anything but these values needs a key of
its own; values are filled in escaped and can never become a mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from html import escape

from django.utils.safestring import SafeString

# Characters of the private use area: no text of a form has them.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([a-z0-9_-]+){_CLOSE}")
# Keys are few (fields × their shapes); this only bounds the memory should somebody make many.
MOST = 4000


def hole(name: str) -> str:
    """The mark a template is given in place of the value `name`."""
    return f"{_OPEN}{name}{_CLOSE}"


class Stencil:
    """Text with named holes."""

    __slots__ = ("_names", "_parts")

    def __init__(self, text: str) -> None:
        self._parts = _MARK.split(text)
        self._names = self._parts[1::2]

    def fill(self, values: Mapping[str, str]) -> SafeString:
        """The text with every hole filled; plain text is escaped. Raises KeyError for a hole without a value."""
        parts = self._parts.copy()
        parts[1::2] = [_escaped(values[name]) for name in self._names]
        return SafeString("".join(parts))


def _escaped(value: str) -> str:
    return value if isinstance(value, SafeString) else escape(value)


class Stencils:
    """Stencils by key, each drawn when first asked for."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Stencil] = {}

    def get(self, key: Hashable, draw: Callable[[], str]) -> Stencil:
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST:
                self._kept.clear()
            found = self._kept[key] = Stencil(draw())
        return found
