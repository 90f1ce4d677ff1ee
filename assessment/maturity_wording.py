"""What a version of the maturity standard says to people: the words of requirements and marks, and where each rule is from.

A version without wording can be scored but not asked; nothing of it is ever shown as the text of the standard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assessment.chapters.registry import Context
from assessment.chapters.schema import Schema, check_rows, many, one_of, text, whole
from assessment.vocabulary import Standing
from assessment.yaml_nodes import MapNode

ABOUT = ("wording", "weights", "scale", "stop", "bands", "cut")
WORDING: Schema = {"subdomain": text(), "level": whole(), "texts": many()}
NOTE: Schema = {
    "about": one_of(ABOUT),
    "standing": one_of(Standing.values),
    "text": text(max_length=300),
    "source": text(max_length=200),
}
KEYS: Schema = {
    "scale_words": many(required=False),
    "notes": many(required=False),
    "wording": many(required=False),
}


def check(doc: MapNode, ctx: Context) -> None:
    """Words for every mark and every requirement the tree counts, no more and no fewer."""
    if "scale_words" in doc and len(doc["scale_words"]) != len(doc["scale"]):
        ctx.error(
            doc, f"评分档有 {len(doc['scale'])} 档，说法有 {len(doc['scale_words'])} 个，应一一对应", "scale_words"
        )
    if "notes" in doc:
        for row in check_rows(ctx, doc, "notes", NOTE, "说明"):
            ctx.add("note", row, "about")
    if "wording" in doc:
        _check_wording(ctx, doc)


def _check_wording(ctx: Context, doc: MapNode) -> None:
    counts = {row["code"]: list(row.get("requirements") or ()) for row in _leaves(doc["tree"])}
    seen: set[tuple[str, int]] = set()
    for row in check_rows(ctx, doc, "wording", WORDING, "要求"):
        code, level = row["subdomain"], row["level"]
        wanted = counts.get(code, [])[level - 1 : level] if level > 0 else []
        if code not in counts:
            ctx.error(row, f"没有子域“{code}”", "subdomain")
        elif (code, level) in seen:
            ctx.error(row, f"“{code}”{level} 级的要求写了两次", "level")
        elif wanted != [len(row["texts"])]:
            ctx.error(
                row, f"“{code}”{level} 级写了 {len(row['texts'])} 条，requirements 里是 {sum(wanted)} 条", "texts"
            )
        seen.add((code, level))
    missing = {(code, level) for code, found in counts.items() for level, n in enumerate(found, 1) if n} - seen
    if missing:
        names = "、".join(f"{code} 的 {level} 级" for code, level in sorted(missing))
        ctx.error(doc, f"还没有写要求的是 {names}", "wording")


def _leaves(rows: Any) -> Iterator[MapNode]:
    for row in rows:
        if row.get("children"):
            yield from _leaves(row["children"])
        else:
            yield row
