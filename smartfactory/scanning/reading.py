"""Reading a scan in a child process: what each page says, and whether it looks like the one that was issued."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

STOPPED = "stopped"
# After so many pages that ended the child the rest is given up.
MOST_DEATHS = 5


@dataclass(frozen=True)
class Source:
    """One uploaded file: where it lies, pdf, jpeg or png, and how many pages it has."""

    path: Path
    kind: str
    pages: int


@dataclass(frozen=True)
class PageRead:
    """What the child said of one page, and the marked picture where it differs from the issued one."""

    file: int
    at: int
    said: Mapping[str, Any]
    picture: bytes = b""


def read(sources: Sequence[Source], known: Mapping[str, Path], on_page: Callable[[int, int], None]) -> list[PageRead]:
    """Every page in order; a page that ends the child is named as such and the rest goes on without it.

    `known` are the issued renderings by `CODE/document`. Whatever `on_page` raises ends the child at once.
    """
    places = [(number, at) for number, one in enumerate(sources) for at in range(1, one.pages + 1)]
    found: list[PageRead] = []
    deaths = 0
    with tempfile.TemporaryDirectory() as folder:
        while len(found) < len(places) and deaths <= MOST_DEATHS:
            for line in _child(sources, known, len(found), Path(folder)):
                found.append(_page(line, Path(folder)))
                on_page(len(found), len(places))
            if len(found) < len(places):
                found.append(PageRead(*places[len(found)], {"trouble": STOPPED}))
                deaths += 1
    return found + [PageRead(*place, {"trouble": STOPPED}) for place in places[len(found) :]]


def _page(line: dict[str, Any], folder: Path) -> PageRead:
    marked = folder / f"{line['place']}.jpg"
    return PageRead(line["file"], line["at"], line, marked.read_bytes() if marked.exists() else b"")


def _child(sources: Sequence[Source], known: Mapping[str, Path], skip: int, folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of one child, until it ends, dies, or is silent too long."""
    request = folder / "request.json"
    content = {
        "files": [{"path": str(one.path), "kind": one.kind} for one in sources],
        "known": {name: str(path) for name, path in known.items()},
        "folder": str(folder), "skip": skip, "memory": settings.SCAN_MEMORY_MB << 20, "cpu": settings.SCAN_CPU_SECONDS,
    }  # fmt: skip
    request.write_text(json.dumps(content), encoding="utf-8")
    command = [sys.executable, "-m", "smartfactory.scanning.child", str(request)]
    child = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env={"PATH": ""}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    watch = threading.Timer(settings.SCAN_PAGE_SECONDS, child.kill)
    try:
        watch.start()
        for line in child.stdout:
            watch.cancel()
            yield json.loads(line)
            watch = threading.Timer(settings.SCAN_PAGE_SECONDS, child.kill)
            watch.start()
    finally:
        watch.cancel()
        child.kill()
        child.stdout.close()
        child.wait()
