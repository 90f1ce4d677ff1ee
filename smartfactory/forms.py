"""Forms as the interface shows them: one question per block, its clause and notes in the margin beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from crispy_forms.utils import TEMPLATE_PACK, render_field
from django import forms
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe


@dataclass(frozen=True)
class Note:
    """A margin note: a heading, what it says, the clause word for word, and where that stands."""

    title: str = ""
    text: str = ""
    quote: str = ""
    clause: str = ""
    url: str = ""
    standing: str = "official"


class Question(LayoutObject):
    """One or more fields side by side as one question, with margin notes and, for long texts, a counter.

    `widths` are the Bootstrap columns of the fields when there are several; `template` renders extra margin content.
    """

    def __init__(
        self, *fields: str, notes: Iterable[Note] = (), template: str = "", widths: Iterable[int] = ()
    ) -> None:
        self.fields = list(fields)
        self.notes = [note for note in notes if note]
        self.template = template
        self.widths = list(widths)

    def render(
        self, form: forms.BaseForm, context: Context, template_pack: str = TEMPLATE_PACK, **kwargs: object
    ) -> SafeString:
        parts = [
            {"html": render_field(name, form, context, template_pack=template_pack, **kwargs), "width": width}
            for name, width in zip(self.fields, self._columns(), strict=True)
        ]
        extra = render_to_string(self.template, context.flatten()) if self.template else ""
        return mark_safe(  # noqa: S308  rendered by the template engine
            render_to_string(
                "forms/question.html",
                {"parts": parts, "notes": self.notes, "extra": extra, "counters": self._counters(form)},
            )
        )

    def _columns(self) -> list[int]:
        if len(self.fields) < 2:
            return [0] * len(self.fields)
        return self.widths or [12 // len(self.fields)] * len(self.fields)

    def _counters(self, form: forms.BaseForm) -> list[dict[str, object]]:
        return [
            {"id": form[name].id_for_label, "max": form.fields[name].max_chars}
            for name in self.fields
            if getattr(form.fields.get(name), "max_chars", None)
        ]


class CountedCharField(forms.CharField):
    """A long text whose limit is shown and counted while writing; typing past it is never blocked."""

    def __init__(self, *, max_chars: int | None = None, rows: int = 6, **kwargs: object) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)
        self.max_chars = max_chars
        if max_chars:
            self.widget.attrs["data-max"] = str(max_chars)


class YanForm(forms.Form):
    """A form without its own <form> tag; every field stands in a Question. `notes` maps a field to its margin notes."""

    notes: Mapping[str, Iterable[Note]] = {}
    use_required_attribute = False
    error_css_class = ""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """A browser cuts what is pasted past `maxlength` without a word: no box has it; limits are said in words."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
            words = f"{field.label}最多 %(limit_value)d 个字，现在 %(show_value)d 个。请删减"
            field.error_messages.setdefault("max_length", words)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.include_media = False
        helper.layout = self.layout()
        return helper

    def layout(self) -> Layout:
        """One question per field in order; override for fields side by side or under headings."""
        return Layout(*(Question(name, notes=self.notes.get(name, ())) for name in self.fields))

    def problems(self) -> list[dict[str, str]]:
        """The errors as an error slip shows them, each linked to its field."""
        found = []
        for name, messages in self.errors.items():
            target = f"#{self[name].id_for_label or self[name].auto_id}" if name in self.fields else ""
            found += [{"message": message, "fix_url": target, "field": name} for message in messages]
        return found
