"""The scenarios of a declaration in the fields of another form, and for each what of it does not come along."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declarations import content
from declarations.content.values import is_blank
from declarations.reuse.fitting import fit
from declarations.vocabulary import Kind

PLACED = ("segment", "scenario")


@dataclass(frozen=True)
class Carried:
    """One scenario as the new form takes it. `place`: where it will stand; `again`: the questions to be answered
    again; `words`: for each of them, and for all that has no place, what was there and why it stays behind."""

    place: int
    name: str
    values: dict[str, Any]
    again: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def carried(
    former: Iterable[Mapping[str, Any]], old: content.Description, new: content.Description
) -> Iterator[Carried]:
    """The scenarios in order; a segment or scenario the new catalogue does not know is left to choose."""
    for place, values in enumerate(former, 1):
        yield _one(place, values, old, new)


def _one(place: int, said: Mapping[str, Any], old: content.Description, new: content.Description) -> Carried:
    known = {one.key: one for one in new.instance_section.instance_fields}
    given = [one for one in old.instance_section.instance_fields if not one.fixed and not is_blank(said.get(one.key))]
    values, again, words = {}, [], []
    for field in given:
        asked = known.get(field.key)
        if asked is None or asked.kind != field.kind or asked.fixed:
            words.append(f"{field.label}在这里没有位置，不带入")
        elif not field.stored:
            again.append(field.label)
            words.append(f"{field.label}有 {len(said[field.key])} 个文件，不带入，请重新上传")
        else:
            fitted = fit(asked, said[field.key])
            values[field.key] = fitted.value
            again += [field.label] if fitted.words else []
            words += [f"{field.label}：{fitted.words}"] if fitted.words else []
    if values.get("segment") not in new.segments:
        gone = [known[key] for key in PLACED if key in values]
        again = [one.label for one in gone] + again
        words = [_gone(one, values.pop(one.key), old) for one in gone] + words
    return Carried(place, str(said.get("name") or ""), values, tuple(again), tuple(words))


def _gone(field: content.Field, value: Any, old: content.Description) -> str:
    former = old.segments[value].name if field.kind == Kind.SEGMENT and value in old.segments else value
    return f"{field.label}要重新选，原来选的是“{former}”"
