"""Exact numbers as text."""

from __future__ import annotations

from fractions import Fraction


def decimal(value: Fraction, places: int = 12) -> str:
    """The exact decimal where it ends, else rounded to `places`; the fraction is always given beside it."""
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0:
            rest, count = rest // prime, count + 1
        digits = max(digits, count)
    if rest != 1:
        digits = places
    scaled = round(value * 10**digits)
    whole, part = divmod(abs(scaled), 10**digits)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"
