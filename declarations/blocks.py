"""Controls for what a plain input cannot hold: files and the list of scenario instances; grids.py has those of cells.

Each works as a plain form; `typed` in forms.py reads back what they send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from declarations.content import Field
from smartfactory.files import SUFFIXES
from smartfactory.stencils import Stencils, hole

# The hole a question's answer goes into.
ANSWER = "answer"
EMPTY = Stencils()


class Block(forms.Widget):
    """A control drawn by a template of its own, under a legend."""

    use_fieldset = True
    template = ""

    def __init__(self, context: Mapping[str, Any]) -> None:
        super().__init__()
        self.context = context

    def id_for_label(self, id_: str) -> str:
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attrs = attrs or {}
        invalid = "is-invalid" in attrs.get("class", "")
        return self.draw(name, value, attrs.get("id", f"id_{name}"), invalid=invalid)

    @property
    def identity(self) -> tuple[object, ...]:
        """What a stencil of this control depends on whatever its value."""
        field, description = self.context["field"], self.context["description"]
        form = (description.track, description.edition_digest)
        return (*form, field.anchor, field.per_instance, self.context["open"])

    @property
    def wrong(self) -> frozenset[str]:
        """The names of the cells something is wrong with."""
        return self.context.get("wrong", frozenset())

    def draw(self, name: str, value: Any, id_: str, *, invalid: bool) -> SafeString:
        """The control with its value; `invalid` where something is wrong with it."""
        shown = {"name": name, "id": id_, "invalid": invalid}
        return render_to_string(self.template, {**self.context, **shown, **self.more(name, value)})

    def more(self, name: str, value: Any) -> dict[str, Any]:
        return {}


class MarkedBlock(Block):
    """The place of a control in a stencil."""

    def draw(self, name: str, value: Any, id_: str, *, invalid: bool) -> SafeString:
        return SafeString(hole(ANSWER))


class FilesBlock(Block):
    """Files kept so far, each with its button to take it out, and the control to add one."""

    template = "declarations/controls/files.html"

    def draw(self, name: str, value: Any, id_: str, *, invalid: bool) -> SafeString:
        if self.context["files"]:
            return super().draw(name, value, id_, invalid=invalid)
        return EMPTY.get(
            (*self.identity, invalid), lambda: super(FilesBlock, self).draw(name, value, id_, invalid=invalid)
        ).fill({})

    def more(self, name: str, value: Any) -> dict[str, Any]:
        field: Field = self.context["field"]
        kinds = field.params.get("accept", ["pdf", "jpeg", "png"])
        accept = ",".join(f".{suffix}" for one in kinds for suffix, kind in SUFFIXES.items() if kind == one)
        files: Sequence = self.context["files"]
        return {"accept": accept, "full": len(files) >= int(field.params.get("max_files", 10))}


class InstancesBlock(Block):
    template = "declarations/controls/instances.html"
