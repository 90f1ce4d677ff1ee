"""Drawing a sample that anybody can draw again: no chance but the recorded seed.

Within each stratum the declarations are put in the order of the SHA-256 of `seed:number`, and the first are taken. A
line of shell repeats it: `printf %s "SEED:NUMBER" | sha256sum`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from smartfactory.canonical import sha256

Population = Iterable[tuple[str, str]]


def draw(population: Population, rule: Mapping[str, Any], seed: str) -> list[str]:
    """The numbers drawn from (number, stratum), in the order of the numbers. Equal arguments give the equal sample."""
    strata: dict[str, list[str]] = defaultdict(list)
    for number, stratum in population:
        strata[stratum].append(number)
    drawn = [one for numbers in strata.values() for one in _first(numbers, rule, seed)]
    return sorted(drawn)


def _first(numbers: list[str], rule: Mapping[str, Any], seed: str) -> list[str]:
    ordered = sorted(numbers, key=lambda one: (sha256(f"{seed}:{one}"), one))
    return ordered[: size(len(numbers), rule)]


def size(count: int, rule: Mapping[str, Any]) -> int:
    """How many of `count` are drawn: the share rounded up, or the number; at least `least`, at most all."""
    percent, number = rule.get("percent"), rule.get("number") or 0
    wanted = -(-count * percent // 100) if percent is not None else number
    return min(count, max(wanted, rule.get("least", 0)))
