"""统一社会信用代码 (GB 32100-2015).

Length, alphabet and area are errors. A failed check digit is only a warning: genuine codes exist that fail it, so an
official confirms it against the licence.
"""

from __future__ import annotations

import re

from smartfactory.problems import WARNING, Problem

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
CLAUSE = "GB 32100-2015"


def check_digit(code: str) -> str:
    """The 18th character for the first 17."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(code, WEIGHTS, strict=False))
    return ALPHABET[(31 - total % 31) % 31]


def check(code: str) -> list[Problem]:
    """What is wrong with `code` (already upper case, without spaces), nothing if it is sound."""
    if len(code) != 18:
        return [_problem(f"统一社会信用代码应为 18 位，现在是 {len(code)} 位。请对照营业执照补齐或删减")]
    if wrong := sorted({char for char in code if char not in ALPHABET}):
        return [
            _problem(f"统一社会信用代码里不会出现“{'、'.join(wrong)}”。请对照营业执照改正（没有字母 I、O、S、V、Z）")
        ]
    if not re.fullmatch(r"[1-9]\d{5}", code[2:8]):
        return [_problem("统一社会信用代码第 3 至 8 位是登记地区码，应为 6 位数字。请对照营业执照改正")]
    if check_digit(code[:17]) != code[17]:
        return [
            _problem(
                "统一社会信用代码的校验位对不上。请对照营业执照逐位核对；确认无误的可以提交，由审核人核对执照", WARNING
            )
        ]
    return []


def _problem(message: str, level: str = "error") -> Problem:
    return Problem(message, level=level, field="credit_code", clause=CLAUSE)
