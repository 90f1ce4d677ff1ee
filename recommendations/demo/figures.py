"""Figures that differ from enterprise to enterprise and yet are the same on every run."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal

Number = int | float | str
HUNDRED = Decimal(100)


class Dice:
    """Varies the figures of a template for one enterprise; the flagship keeps them as written."""

    def __init__(self, seed: str, *, still: bool = False) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._still = still

    def factor(self, spread: float) -> Decimal:
        """About one, by at most `spread` either way."""
        drawn = self._random.uniform(1 - spread, 1 + spread)
        return Decimal(1) if self._still else Decimal(str(round(drawn, 4)))

    def pick(self, choices: list) -> object:
        return self._random.choice(choices)

    def number(self, value: Number, spread: float = 0.12) -> Decimal:
        return like(value, Decimal(str(value)) * self.factor(spread))

    def pair(self, before: Number, after: Number, *, percent: bool = False) -> tuple[Decimal, Decimal]:
        """Before and after, moved together so that the improvement stays plausible."""
        common, own = self.factor(0.15 if not percent else 0.04), self.factor(0.05 if not percent else 0.012)
        first, last = Decimal(str(before)) * common, Decimal(str(after)) * common * own
        if percent:
            first, last = (min(one, Decimal("99.6")) for one in (first, last))
        first, last = like(before, first), like(after, last)
        return (first, last) if first != last else (Decimal(str(before)), Decimal(str(after)))


def like(model: Number, value: Decimal) -> Decimal:
    """`value` with as many decimals as `model` is written with."""
    return value.quantize(Decimal(1).scaleb(Decimal(str(model)).as_tuple().exponent), ROUND_HALF_UP)


def change(before: Decimal, after: Decimal) -> str:
    """The change in percent to one place, without its sign."""
    return str((abs(after - before) / before * HUNDRED).quantize(Decimal("0.1"), ROUND_HALF_UP)) if before else ""
