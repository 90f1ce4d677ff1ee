"""fixtures/desk.yaml: the desk's own figures, which no notice sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings

PLACE = "desk.yaml"


@dataclass(frozen=True)
class Rules:
    """`stages`: for each status the stages whose deadline it is measured by, the nearest first."""

    page: int
    bulk: int
    times: int
    least: int
    clause: str
    standing: str
    stages: dict[str, tuple[str, ...]]


@cache
def rules() -> Rules:
    found: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "fixtures" / PLACE).read_text(encoding="utf-8"))
    stuck = found["stuck"]
    stages = {status: tuple(names) for status, names in found["deadlines"].items()}
    return Rules(
        found["page"], found["bulk"], stuck["times"], stuck["least"], stuck["clause"], stuck["standing"], stages
    )
