"""The key performance indicators of one enterprise, in step with what its scenarios, finances and lists say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from recommendations.demo.figures import like

if TYPE_CHECKING:
    from recommendations.demo.writing import Writer

HIGHEST_RATE = Decimal("99.5")


def of(writer: Writer) -> dict[str, dict[str, Any]]:
    """Number → what is typed. Those that follow from other answers are taken from there."""
    found = {str(key): _typed(writer, value) for key, value in writer.template["indicators"].items()}
    follows = writer.common["following_indicators"]
    found[follows["numeric_share"]] = {"value": _numeric_share(writer)}
    found[follows["models"]] = {"value": str(sum(one.get("models", 0) for one in writer.scenes))}
    found[follows["growth"]] = {"before": str(writer.revenues[1]), "after": str(writer.revenues[2])}
    found[follows["replicated"]] = {"value": str(len(writer.template["replicated"]))}
    return found


def _typed(writer: Writer, value: Any) -> dict[str, Any]:
    """A sentence says why it does not apply, a pair is before and after, a number is the present rate."""
    if isinstance(value, str):
        return {"na": True, "note": value}
    if isinstance(value, list):
        percent = max(value) <= 100 and min(value) > 30
        first, last = _said(writer, value) or writer.dice.pair(*value, percent=percent)
        return {"before": str(first), "after": str(last)}
    return {"value": str(min(writer.dice.number(value, 0.03), HIGHEST_RATE))}


def _said(writer: Writer, pair: list) -> tuple[Decimal, Decimal] | None:
    """What a scenario already says about the same figures: the template writes them alike in both places."""
    for one in writer.all_scenes:
        for place, (_, _, *figures) in enumerate(one["results"], 1):
            if figures == pair:
                return one["figures"][f"b{place}"], one["figures"][f"a{place}"]
    return None


def _numeric_share(writer: Writer) -> str:
    """The share of numerically controlled machines among the key equipment of the list."""
    columns = writer.common["columns"]["equipment"]
    rows = [dict(zip(columns, row, strict=True)) for row in writer.template["equipment"]]
    key = [one for one in rows if one["key_equipment"] == "yes"]
    done = sum(one["count"] for one in key if one["numeric"] == "yes")
    return str(like(0.1, Decimal(done * 100) / sum(one["count"] for one in key)))
