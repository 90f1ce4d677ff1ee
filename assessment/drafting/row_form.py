"""The form of one row, made from the shape its chapter declares: what may stand there is said once, for file and desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from assessment.chapters.schema import Rule
from assessment.drafting import words
from assessment.yaml_nodes import UnreadableError, read_text
from assessment.yaml_writer import write_rows
from smartfactory.forms import Note, YanForm
from smartfactory.text import clean

if TYPE_CHECKING:
    from assessment.chapters.registry import Shape

YES_NO = [("", "没有写"), ("true", "是"), ("false", "否")]
ROWS, LONG_FROM = 3, 201
NOT_A_NUMBER = "应是整数。请只写数字"


class RowForm(YanForm):
    """`rules` are the keys of the row that are edited here; rows within the row have pages of their own."""

    def __init__(
        self, shape: Shape, row: Mapping[str, Any], offers: Mapping[str, list[tuple[str, str]]], data: Any = None
    ) -> None:
        self.rules = dict(asked(shape))
        initial = {name: as_text(name, rule, row.get(name)) for name, rule in self.rules.items()}
        super().__init__(data, initial=initial)
        self.offers = offers
        for name, rule in self.rules.items():
            self.fields[name] = _field(name, rule, initial[name], offers.get(name))
            self.fields[name].label = words.key(name, self.rules)

    @property
    def notes(self) -> dict[str, list[Note]]:  # type: ignore[override]
        found = {
            "source": [
                Note("已登记的文件", "；".join(f"{key}（{title}）" for key, title in self.offers.get("paper", [])))
            ]
        }
        return found | ({"params": [Note("判定参数", _operators())]} if "operator" in self.rules else {})

    def values(self) -> dict[str, Any]:
        """What the row shall hold: a key left empty is not there, unless the row must have it."""
        found = {name: self.cleaned_data[name] for name in self.rules}
        null = {name for name, rule in self.rules.items() if rule.required and rule.nullable}
        return {name: value for name, value in found.items() if value is not None or name in null}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name, rule in self.rules.items():
            if name in data:
                try:
                    data[name] = parsed(name, rule, data[name])
                except ValidationError as error:
                    self.add_error(name, error)
        return data


def asked(shape: Shape) -> Iterator[tuple[str, Rule]]:
    for name, rule in shape.schema.items():
        if name not in shape.inner and name not in shape.fixed:
            yield name, rule


def _operators() -> str:
    from assessment.operators import OPERATORS

    lines = (f"{words.choice('operator', name)}：{'、'.join(one.params) or '不写'}" for name, one in OPERATORS.items())
    return "；".join(lines)


def _field(name: str, rule: Rule, initial: str, offered: list[tuple[str, str]] | None) -> forms.Field:
    common = {"label": words.key(name), "required": False, "help_text": words.HELP.get(name, "")}
    if rule.choices:
        return forms.ChoiceField(choices=_options(name, rule, initial), **common)
    if rule.kind is bool:
        return forms.ChoiceField(choices=YES_NO, **common)
    if offered:
        odd = [] if initial in {"", *dict(offered)} else [(initial, initial)]
        return forms.ChoiceField(choices=[("", "没有写"), *offered, *odd], **common)
    field = forms.CharField(strip=False, **common)
    if rule.kind is int:
        field.widget.attrs["inputmode"] = "numeric"
    elif rule.kind in (list, dict) or name in words.LONG or rule.max_length >= LONG_FROM:
        field.widget = forms.Textarea(attrs={"rows": max(ROWS, min(12, initial.count("\n") + 2))})
    return field


def _options(name: str, rule: Rule, initial: str) -> list[tuple[str, str]]:
    known = words.choices(name, rule.choices)
    odd = [(initial, initial)] if initial and initial not in rule.choices else []
    return [("", "没有写"), *known, *odd]


def as_text(name: str, rule: Rule, value: Any) -> str:
    """A value as it is typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and name in words.LINES and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if isinstance(value, list | dict):
        return write_rows(value)
    return str(value)


def parsed(name: str, rule: Rule, text: str) -> Any:
    """What was typed as a value of the row. Raises ValidationError where it cannot be read as one at all."""
    text = clean(text).strip()
    if rule.kind is str:
        return text or ("" if rule.required and not rule.nullable else None)
    if not text:
        return rule.kind() if rule.required and rule.kind in (list, dict) else None
    if rule.kind is bool:
        return text == "true"
    if rule.kind is int:
        return _number(text)
    if rule.kind is list and name in words.LINES:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return _node(text)


def _number(text: str) -> int:
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 9:
        raise ValidationError(NOT_A_NUMBER)
    return int(text)


def _node(text: str) -> Any:
    try:
        return read_text(text, "")
    except UnreadableError as error:
        raise ValidationError(str(error)) from error
