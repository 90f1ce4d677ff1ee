"""What the secrecy check looks for: rows of fixtures/secrecy.yaml, read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from smartfactory.canonical import sha256
from smartfactory.metadata import KINDS

PLACE = "secrecy.yaml"
# How far around a hit words that take it back are looked for.
NEAR = 8


@dataclass(frozen=True)
class Rule:
    """One thing to look for; `code` is that of a text rule or the kind of what a file hides."""

    code: str
    title: str
    serious: bool
    advice: str
    clause: str
    standing: str
    find: tuple[re.Pattern[str], ...] = ()
    but: tuple[re.Pattern[str], ...] = ()
    check: Callable[[str], bool] | None = None
    mask: str = ""
    masked: str = ""

    def hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the text holds what the rule looks for, each place once, from the left."""
        last = -1
        for start, end in sorted(match.span() for pattern in self.find for match in pattern.finditer(text)):
            if start >= last and self._meant(text, start, end):
                last = end
                yield start, end

    def _meant(self, text: str, start: int, end: int) -> bool:
        before = text[max(0, start - NEAR) : start].rpartition("\n")[2]
        if any(re.search(f"(?:{one.pattern})[^，。；]*$", before) for one in self.but):
            return False
        return self.check is None or self.check(text[start:end])

    def hide(self, hit: str) -> str:
        """The hit without what should not be known; as it is where the rule has no mask."""
        if self.mask == "ends":
            return f"{hit[:3]}{'*' * max(4, len(hit) - 5)}{hit[-2:]}"
        return self.masked if self.mask else hit

    def cover(self, text: str) -> str:
        """The text with every hit hidden."""
        parts, place = [], 0
        for start, end in self.hits(text):
            parts += [text[place:start], self.hide(text[start:end])]
            place = end
        return "".join([*parts, text[place:]])


@dataclass(frozen=True)
class Rules:
    texts: tuple[Rule, ...]
    files: Mapping[str, Rule]
    digest: str

    def safe(self, text: str) -> str:
        """The text as it may be shown again: numbers of persons keep their ends only, and every place its position."""
        for rule in self.texts:
            text = rule.cover(text) if rule.mask == "ends" else text
        return text

    def text(self, code: str) -> Rule:
        """Raises KeyError for a code no rule has."""
        return {one.code: one for one in self.texts}[code]


def id_card(hit: str) -> bool:
    """GB 11643: the last sign follows from the seventeen digits before it."""
    weighed = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(hit[:17]))
    return "10X98765432"[weighed % 11] == hit[-1].upper()


CHECKS = {"id_card": id_card}


@lru_cache(maxsize=1)
def rules() -> Rules:
    """Raises ValueError naming the row that cannot be read."""
    return read(settings.BASE_DIR / "fixtures" / PLACE)


def read(path: Path) -> Rules:
    source = path.read_text(encoding="utf-8")
    rows = yaml.safe_load(source)
    texts = tuple(_rule(row, row.get("code")) for row in rows["texts"])
    kinds = {row.get("kind"): _rule(row, row.get("kind")) for row in rows["files"]}
    if set(kinds) != set(KINDS):
        raise ValueError(f"{path.name}: files 要写全并且只写 {'、'.join(KINDS)}")
    return Rules(texts, kinds, sha256(source))


def _rule(row: dict[str, Any], code: str | None) -> Rule:
    plain = ("title", "serious", "advice", "clause", "standing")
    if missing := [name for name in plain if name not in row]:
        raise ValueError(f"{PLACE}: {code} 缺少 {'、'.join(missing)}")
    try:
        find, but = (tuple(re.compile(one) for one in row.get(name, ())) for name in ("find", "but"))
        check = CHECKS[row["check"]] if "check" in row else None
    except (re.error, KeyError) as error:
        raise ValueError(f"{PLACE}: {code}：{error}") from error
    values = {name: row[name] for name in plain}
    return Rule(
        str(code), **values, find=find, but=but, check=check, mask=row.get("mask", ""), masked=row.get("masked", "")
    )
