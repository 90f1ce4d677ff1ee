"""The web form of one part of a declaration, made from its description; and reading back what it sends.

Nothing is validated here: what was typed goes to services.py, and checks.py says what is wrong with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.forms.utils import ErrorDict, ErrorList
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from declarations import widgets
from declarations.blocks import ANSWER
from declarations.content import Description, Field, clean, token
from declarations.content.values import MOST_ROWS
from declarations.drawing import Asked
from declarations.vocabulary import Kind
from smartfactory.canonical import sha256
from smartfactory.forms import Note, Question, YanForm
from smartfactory.problems import ERROR
from smartfactory.stencils import hole

if TYPE_CHECKING:
    from django.http import QueryDict

    from declarations.models import ReturnItem
    from smartfactory.problems import Problem


_ORDERED = json.JSONEncoder(sort_keys=True)


class Heading(LayoutObject):
    """A group of questions begins."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render(self, form: forms.BaseForm, context: Any, template_pack: str = "", **kwargs: object) -> SafeString:
        return format_html('<h2 class="yan-group">{}</h2>', self.text)


class PartForm(YanForm):
    """One part (or one instance) as typed so far. `problems` stand on their fields; `locked` fields are shown only."""

    def __init__(
        self,
        fields: Iterable[Field],
        values: Mapping[str, Any],
        description: Description,
        *,
        problems: Iterable[Problem] = (),
        returns: Mapping[str, list[ReturnItem]] | None = None,
        is_open: Mapping[str, bool] | None = None,
        context: Mapping[str, Any] | None = None,
        own_notes: Mapping[str, tuple[Note, ...]] | None = None,
    ) -> None:
        super().__init__()
        self.description = description
        self.described = {one.key: one for one in fields}
        self.given, self.found = values, list(problems)
        self.returns, self.is_open, self.context = returns or {}, is_open or {}, context or {}
        # What the margin says to this enterprise alone, by field.
        self.own_notes = own_notes or {}
        del self.fields  # made below when somebody asks for one; pages are drawn without

    @cached_property
    def fields(self) -> dict[str, forms.Field]:
        return {key: self._field(field, self.given.get(key)) for key, field in self.described.items()}

    def __getitem__(self, name: str) -> forms.BoundField:
        """Templates look for attributes here first: what is no field need not make them all."""
        if name not in self.described:
            raise KeyError(name)
        return super().__getitem__(name)

    @cached_property
    def errors(self) -> ErrorDict:
        """Problems by field: this form is never bound, its problems come from the checks."""
        found = ErrorDict()
        for problem in self.found:
            key = problem.field.rpartition(".")[2]
            if key in self.described:
                found.setdefault(key, ErrorList(field_id=f"id_{key}")).append(_words(problem))
        return found

    @cached_property
    def wrong(self) -> frozenset[str]:
        """The cells something is wrong with; a warning leaves a cell as it is."""
        return frozenset(one.cell for one in self.found if one.cell and one.level == ERROR)

    @property
    def identity(self) -> tuple[str, str]:
        """Which form of which edition this is part of."""
        return self.description.track, self.description.edition_digest

    def is_fixed(self, field: Field) -> bool:
        """Whether the field is shown only."""
        return bool(field.fixed) or not self.is_open.get(field.key, True)

    def _field(self, field: Field, value: Any) -> forms.Field:
        if field.kind in widgets.BLOCKS:
            widget, initial = self.block(field), value
        else:
            widget = widgets.scalar(field, value, self.description)
            initial = value if isinstance(value, list) else token(value)
        made = forms.Field(
            widget=widget, initial=initial, label=self._label(field), help_text=field.help, required=field.required
        )
        made.max_chars = field.max_chars if field.kind == Kind.TEXTAREA else None
        if self.is_fixed(field):
            made.widget.attrs[
                "disabled" if field.kind in (Kind.CHOICE, Kind.BOOL, Kind.MULTICHOICE, Kind.SEGMENT) else "readonly"
            ] = True
        return made

    def block(self, field: Field) -> widgets.Block:
        """The control of a field that a plain input cannot hold."""
        shared = {"field": field, "description": self.description, "open": self.is_open.get(field.key, True)}
        shared["wrong"] = self.wrong
        if field.kind == Kind.FILES:
            shared["files"] = self.context.get("files", {}).get(field.key, [])
        if field.kind == Kind.TABLE and self.context.get("more") == field.key:
            shared["spare"] = widgets.MORE_ROWS
        return widgets.BLOCKS[field.kind](shared | self.context.get("blocks", {}).get(field.key, {}))

    def _label(self, field: Field) -> str:
        return f"{field.label}（{field.unit}）" if field.unit else field.label

    def layout(self) -> Layout:
        parts: list[object] = []
        group = ""
        for key, field in self.described.items():
            if field.group != group and field.group:
                parts.append(Heading(field.group))
            group = field.group
            parts.append(Asked(key))
        return Layout(*parts)

    @property
    def html(self) -> SafeString:
        """The questions one after another, as the crispy tag would draw them."""
        context = Context()
        return SafeString("".join(part.render(self, context) for part in self.layout().fields))

    def alone(self, field: Field) -> OneQuestion:
        """A form of this one question."""
        return OneQuestion(
            [field],
            self.given,
            self.description,
            problems=self.found,
            is_open=self.is_open,
            returns=self.returns,
            context=self.context,
            own_notes=self.own_notes,
        )

    def marked(self, field: Field, problems: Iterable[Problem]) -> MarkedForm:
        """A form of this one question, with a mark where its answer goes."""
        return MarkedForm(
            [field],
            self.given,
            self.description,
            problems=problems,
            is_open=self.is_open,
            returns=self.returns,
            own_notes=self.own_notes,
        )

    def is_quiet(self, field: Field) -> bool:
        """While a return is open, the margin of what may not be changed says nothing."""
        return bool(self.returns) and not self.is_open.get(field.key, True)

    def notes_of(self, field: Field) -> list[Note]:
        """The margin: what was returned about this field, its note with the clause, where its limit comes from."""
        notes = [
            Note(f"退回意见 {item.number}", item.message, clause=item.clause)
            for item in self.returns.get(field.key, [])
        ]
        if self.is_quiet(field):
            return notes
        own = self.own_notes.get(field.key, ())
        notes.extend(own)
        said = field.clause in {"平台要求", *(one.clause for one in own)}
        if field.note or not said:
            notes.append(Note(field.note_title, field.note, clause=field.clause, standing=field.standing))
        if field.max_chars and field.kind == Kind.TEXTAREA and field.limit_clause:
            notes.append(
                Note(text=f"不超过 {field.max_chars} 字", clause=field.limit_clause, standing=field.limit_standing)
            )
        return notes

    @property
    def base(self) -> str:
        """What each field was when the page was drawn, so that only what the person changed is sent on."""
        stored = {key: field for key, field in self.described.items() if field.stored and not field.fixed}
        return json.dumps({key: mark(clean(field, self.given.get(key))) for key, field in stored.items()})

    @property
    def multiple(self) -> str:
        """Fields whose absence from what is sent means: nothing ticked."""
        return ",".join(
            key for key, one in self.described.items() if one.kind == Kind.MULTICHOICE and self.is_open.get(key, True)
        )


def _words(problem: Problem) -> str:
    """What is wrong, leading to the cell where there is one."""
    if not problem.cell:
        return problem.message
    return format_html('<a href="#id_{}">{}</a>', problem.cell, problem.message)


class OneQuestion(PartForm):
    """Questions drawn by crispy-forms itself."""

    def layout(self) -> Layout:
        return Layout(*(Question(key, notes=self.notes_of(field)) for key, field in self.described.items()))


class MarkedForm(OneQuestion):
    """One question as a stencil is drawn from it: what is not decided by its shape is a mark."""

    def _field(self, field: Field, value: Any) -> forms.Field:
        made = super()._field(field, value)
        if isinstance(made.initial, str) and made.initial and not hasattr(made.widget, "choices"):
            made.initial = hole(ANSWER)
        return made

    def block(self, field: Field) -> widgets.Block:
        return widgets.MarkedBlock({})


def mark(value: Any) -> str:
    """A short name for a value, compared only with marks of the same answer."""
    return sha256(_ORDERED.encode(value))[:8]


def typed(fields: Mapping[str, Field], sent: QueryDict) -> dict[str, Any]:
    """What was typed, by field; only fields the request speaks of."""
    multiple = set(sent.get("multiple", "").split(","))
    found: dict[str, Any] = {}
    for key, field in fields.items():
        if not field.stored or field.fixed:
            continue
        if field.kind == Kind.TABLE:
            if f"{key}-rows" in sent:
                found[key] = _rows(field, sent)
        elif field.kind == Kind.INDICATORS:
            if f"{key}-shown" in sent:
                found[key] = _indicators(key, sent)
        elif field.kind == Kind.MULTICHOICE:
            if key in multiple:
                found[key] = sent.getlist(key)
        elif key in sent:
            found[key] = sent[key]
    return found


def _rows(field: Field, sent: QueryDict) -> list[dict[str, str]]:
    count = min(_integer(sent.get(f"{field.key}-rows")), MOST_ROWS)
    return [
        {column.key: sent.get(f"{field.key}-{place}-{column.key}", "") for column in field.columns}
        for place in range(count)
        if f"{field.key}-{place}-gone" not in sent
    ]


def _indicators(key: str, sent: QueryDict) -> dict[str, dict[str, str]]:
    pattern = re.compile(re.escape(key) + r"-([0-9]{1,3})-(before|after|value|na|note)\Z")
    found: dict[str, dict[str, str]] = {}
    for name in sent:
        if match := pattern.match(name):
            found.setdefault(match[1], {})[match[2]] = sent[name]
    return found


def dirty(fields: Mapping[str, Field], sent: QueryDict) -> dict[str, Any]:
    """What was typed and differs from what the page showed when it was drawn."""
    base = _base(sent.get("base", ""))
    return {key: raw for key, raw in typed(fields, sent).items() if base.get(key) != mark(clean(fields[key], raw))}


def _base(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _integer(text: str | None) -> int:
    """A whole number as a page sends it; anything else counts as 0, which no version ever is."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text) else 0


def version_of(sent: QueryDict) -> int:
    return _integer(sent.get("version"))
