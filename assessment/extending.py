"""An edition of a place says only what its own notice says; the rest it takes over from the edition it extends.

The result is whole: once read, nothing of it depends on the other edition any more. Nodes keep the file and line they
were written at, so that an error is named where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import methodcaller
from typing import Any

from assessment.yaml_nodes import ListNode, MapNode, rows

Documents = dict[str, Any]
# What names a row in the lists that belong to the whole edition.
_OWN_NAMES = {
    "documents": "id",
    "tiers": "tier",
    "areas": "code",
    "segments": "code",
    "scenarios": "number",
    "conditions": "code",
    "indicators": "number",
}
# What, beside the track, makes rows of a track replace those of the track it is like; the others go as a whole list.
_PARTS = {
    "deadlines": "stage",
    "quotas": "kind",
    "commitments": "key",
    "checks": "key",
    "departments": "key",
    "seal_conditions": "key",
}


def extended(own: Documents, base: Documents) -> Documents:
    """The chapters of `own` on top of those of `base`."""
    likes = _likes(own)
    made = {}
    for name in {**base, **own}:
        lower, upper = base.get(name), own.get(name)
        if name == "edition":
            made[name] = _head(upper, lower)
        elif name == "form":
            made[name] = _form(upper, lower, likes)
        else:
            made[name] = _chapter(upper, lower, likes)
    return made


def _likes(own: Documents) -> dict[str, list[str]]:
    """Track of the base → the tracks here that are like it."""
    found: dict[str, list[str]] = {}
    for row in rows((own.get("campaign") or {}).get("tracks")):
        if row.get("like"):
            found.setdefault(row["like"], []).append(row.get("code", ""))
    return found


def _head(upper: MapNode, lower: MapNode) -> MapNode:
    made = copied(upper)
    made["documents"] = _by_name(upper.get("documents"), lower.get("documents"), methodcaller("get", "id"))
    if lower.get("places"):
        made["places"] = _by_name(upper.get("places"), lower["places"], methodcaller("get", "key"))
    return made


def _chapter(upper: MapNode | None, lower: MapNode | None, likes: dict[str, list[str]]) -> MapNode:
    made = copied(lower if upper is None else upper)
    for key in {**(lower or {}), **(upper or {})}:
        mine, theirs = (upper or {}).get(key), (lower or {}).get(key)
        if key == "tracks":
            made[key] = _tracks(mine, theirs)
        elif key in _OWN_NAMES:
            made[key] = _by_name(mine, theirs, methodcaller("get", _OWN_NAMES[key]))
        elif _about_tracks(mine) or _about_tracks(theirs):
            made[key] = _for_tracks(mine, theirs, likes, _PARTS.get(key))
        else:
            _put(made, key, theirs if mine is None else mine, upper if mine is not None else lower)
    return made


def _about_tracks(value: Any) -> bool:
    return any("track" in row for row in rows(value))


def _by_name(mine: Any, theirs: Any, name: Callable[[MapNode], Any]) -> ListNode:
    """All rows of both; a row of the same name is replaced where it stood."""
    own = {name(row): row for row in rows(mine)}
    known = {name(row) for row in rows(theirs)}
    kept = [own.get(name(row), row) for row in rows(theirs)]
    return _list(mine if mine is not None else theirs, [*kept, *(row for key, row in own.items() if key not in known)])


def _tracks(mine: Any, theirs: Any) -> ListNode:
    """Only the tracks named here, each on top of the one it is like."""
    base = {row.get("code"): row for row in rows(theirs)}
    return _list(mine, [_over(row, base.get(row.get("like"))) for row in rows(mine)])


def _over(row: MapNode, base: MapNode | None) -> MapNode:
    made = copied(row)
    for key, value in (base or {}).items():
        if key not in made:
            _put(made, key, value, base)
    return made


def _for_tracks(mine: Any, theirs: Any, likes: dict[str, list[str]], part: str | None) -> ListNode:
    """Rows of the tracks here; where a track says nothing of its own, the rows of the one it is like."""

    def place(row: MapNode, track: str) -> tuple[str, Any]:
        return track, row.get(part) if part else ""

    own = list(rows(mine))
    said = {place(row, row.get("track", "")) for row in own}
    taken = [
        _renamed(row, track)
        for row in rows(theirs)
        for track in likes.get(row.get("track"), ())
        if place(row, track) not in said
    ]
    return _list(mine if mine is not None else theirs, [*own, *taken])


def _renamed(row: MapNode, track: str) -> MapNode:
    made = copied(row)
    made["track"] = track
    return made


def _form(upper: MapNode | None, lower: MapNode | None, likes: dict[str, list[str]]) -> MapNode:
    """Each form for the tracks here; sections and fields written here are put into it by their keys."""
    made = copied(lower if upper is None else upper)
    forms = []
    for form in rows((lower or {}).get("forms")):
        for code in (track for base in form.get("tracks") or () for track in likes.get(base, ())):
            own = [one for one in rows((upper or {}).get("forms")) if code in (one.get("tracks") or ())]
            forms.append(_one_form(form, code, own, likes))
    whole = [one for one in rows((upper or {}).get("forms")) if not _taken(one, likes)]
    made["forms"] = _list((lower or upper)["forms"], [*forms, *whole])
    return made


def _taken(form: MapNode, likes: dict[str, list[str]]) -> bool:
    return any(code in (form.get("tracks") or ()) for codes in likes.values() for code in codes)


def _one_form(form: MapNode, code: str, own: list[MapNode], likes: dict[str, list[str]]) -> MapNode:
    made = copied(form)
    made["tracks"] = _list(form["tracks"], [code])
    sections = {row.get("key"): copied(row) for row in rows(form.get("sections"))}
    like = next(base for base, codes in likes.items() if code in codes)
    for section in sections.values():
        section["fields"] = _list(section["fields"], list(_chosen(section, like)))
    for section in (row for one in own for row in rows(one.get("sections"))):
        sections[section.get("key")] = _section(section, sections.get(section.get("key")))
    made["sections"] = _list(form["sections"], list(sections.values()))
    return made


def _chosen(section: MapNode, like: str) -> Iterator[MapNode]:
    """The fields meant for the track this one is like; whom they were meant for `only` need not be said again."""
    for field in rows(section.get("fields")):
        if "only" not in field:
            yield field
        elif like in field["only"]:
            made = copied(field)
            del made["only"]
            yield made


def _section(own: MapNode, base: MapNode | None) -> MapNode:
    if base is None:
        return own
    made = _over(own, base)
    made["fields"] = _by_name(
        own.get("fields"), base.get("fields"), lambda row: (bool(row.get("per_instance")), row.get("key"))
    )
    return made


def copied(node: MapNode) -> MapNode:
    """A mapping of its own with the same entries, file and lines."""
    made = MapNode()
    made.update(node)
    made.file, made.line, made.lines = node.file, node.line, dict(node.lines)
    return made


def _put(made: MapNode, key: str, value: Any, origin: MapNode) -> None:
    made[key], made.lines[key] = value, origin.lines.get(key, origin.line)


def _list(origin: Any, items: list[Any]) -> ListNode:
    made = ListNode()
    made.extend(items)
    made.file, made.line = getattr(origin, "file", ""), getattr(origin, "line", 0)
    made.lines = [getattr(one, "line", 0) for one in items]
    return made
