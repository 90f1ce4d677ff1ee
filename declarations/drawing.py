"""Drawing a part's questions without asking the template engine for each of them again.

crispy-forms draws every question once per shape (open or not, with or without an error, which choice is taken) with
marks where the answer goes; after that the answers are filled in. `tests/declarations/test_drawing.py` holds both
ways of drawing to the same text.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import render_crispy_form
from django.utils.safestring import SafeString

from declarations import widgets
from declarations.blocks import ANSWER
from declarations.content import Field, token
from declarations.vocabulary import Kind
from smartfactory.problems import Problem
from smartfactory.stencils import Stencils, hole

if TYPE_CHECKING:
    from declarations.forms import PartForm

QUESTIONS = Stencils()
CHOSEN = frozenset({Kind.BOOL, Kind.CHOICE, Kind.MULTICHOICE, Kind.SEGMENT, Kind.SCENARIO})


class Asked(LayoutObject):
    """One question of a part, filled into its stencil; drawn afresh where officials wrote something into its margin."""

    def __init__(self, key: str) -> None:
        self.key = key

    def render(self, form: PartForm, context: Any, template_pack: str = "", **kwargs: object) -> SafeString:
        field = form.described[self.key]
        if form.returns.get(self.key):
            return render_crispy_form(form.alone(field))
        errors = form.errors.get(self.key, [])
        looks = (form.is_fixed(field), form.is_quiet(field), len(errors), _shape(form, field))
        looks = (*looks, tuple(form.own_notes.get(self.key, ())))
        key = (*form.identity, field.anchor, field.per_instance, *looks)
        stencil = QUESTIONS.get(key, lambda: _draw(form, field, len(errors)))
        filled = {f"error-{place}": message for place, message in enumerate(errors)}
        return stencil.fill({ANSWER: _answer(form, field), **filled})


def _shape(form: PartForm, field: Field) -> Hashable:
    """What of the answer decides more than the text in the hole."""
    value = form.given.get(field.key)
    if field.kind in widgets.BLOCKS:
        return ""
    if field.kind in CHOSEN and not _typed_freely(form, field):
        return _choice(form, field, value)
    return widgets.date_type(field.kind, value), token(value) == ""


def _typed_freely(form: PartForm, field: Field) -> bool:
    return field.kind == Kind.SCENARIO and form.description.custom_scenarios


def _choice(form: PartForm, field: Field, value: Any) -> Hashable:
    """The choices taken; anything else, once stored or typed past the page, is drawn as none of them."""
    known = widgets.choices(field, form.description)
    if isinstance(value, list):
        return tuple(one for one in value if one in known)
    return token(value) if token(value) in known else ""


def _answer(form: PartForm, field: Field) -> str:
    """What goes into the hole: the answer as text, or its control drawn as a whole."""
    value = form.given.get(field.key)
    if field.kind in widgets.BLOCKS:
        return form.block(field).draw(field.key, value, f"id_{field.key}", invalid=field.key in form.errors)
    return token(value)


def _draw(form: PartForm, field: Field, errors: int) -> str:
    """The question as crispy draws it, with marks for the answer and the errors."""
    problems = [Problem(hole(f"error-{place}"), field=field.key) for place in range(errors)]
    return render_crispy_form(form.marked(field, problems))
