"""What changed about a declaration without any answer of its form being edited: registration, place, order, edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from declarations.content.description import Description
from declarations.vocabulary import Kind

# (label, text before, text after, key)
Difference = tuple[str, str, str, str]
ENTERPRISE = (("name", "单位名称（登记资料）"), ("credit_code", "统一社会信用代码（登记资料）"))


def surroundings(a: Mapping[str, Any], b: Mapping[str, Any], description: Description) -> Iterator[Difference]:
    """Differences of the payloads that no answer shows; an answer taken from the registration shows its own."""
    shown = {one.fixed for one in description.fields() if one.fixed}
    for key, label in ENTERPRISE:
        old, new = (str(one["enterprise"].get(key) or "") for one in (a, b))
        if key not in shown and old != new:
            yield label, old, new, f"enterprise.{key}"
    old, new = ("/".join(one["enterprise"].get("places") or ()) for one in (a, b))
    if old != new:
        yield "所在地区（登记资料）", old, new, "enterprise.places"
    if str(a["edition"]) != str(b["edition"]):
        yield "政策版次", str(a["edition"]), str(b["edition"]), "edition"
    yield from _order(a, b, description)


def _order(a: Mapping[str, Any], b: Mapping[str, Any], description: Description) -> Iterator[Difference]:
    """Another order of the scenarios both revisions have."""
    for field in description.fields():
        if field.kind != Kind.INSTANCES:
            continue
        old, new = ({one["uid"]: one for one in _instances(payload, field)} for payload in (a, b))
        before, after = [uid for uid in old if uid in new], [uid for uid in new if uid in old]
        if before != after:
            names = {uid: str(one.get("name") or "（未命名）") for uid, one in new.items()}
            yield f"{field.label}的次序", _lines(before, names), _lines(after, names), f"{field.anchor}.order"


def _instances(payload: Mapping[str, Any], field: Any) -> list[dict[str, Any]]:
    return payload["sections"].get(field.section, {}).get(field.key) or []


def _lines(uids: list[str], names: Mapping[str, str]) -> str:
    return "\n".join(f"{number}. {names[uid]}" for number, uid in enumerate(uids, 1))
