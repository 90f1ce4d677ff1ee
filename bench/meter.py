"""CPU time and memory of a process and all its descendants, from /proc."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """The process and its descendants."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree so far; of processes that have ended only what their parent has collected."""
    return sum(sum(map(int, fields[11:15])) for pid in tree(root) if (fields := _stat(pid))) / TICK


def memory_mb(root: int) -> float:
    """Memory the tree really occupies: shared pages are counted once (proportional set size)."""
    return sum(_rollup(pid, "Pss") for pid in tree(root))


def largest_mb(root: int) -> float:
    """Resident size of the largest single process of the tree."""
    return max((_rollup(pid, "Rss") for pid in tree(root)), default=0.0)


@contextmanager
def peak(root: int, *, every: float = 0.05) -> Iterator[dict[str, float]]:
    """Watch the tree from a thread; the dict holds the highest `total` and `largest` seen."""
    seen, stop = {"total": 0.0, "largest": 0.0}, threading.Event()

    def watch() -> None:
        while not stop.wait(every):
            seen["total"] = max(seen["total"], memory_mb(root))
            seen["largest"] = max(seen["largest"], largest_mb(root))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _stat(pid: int) -> list[str]:
    """The fields after the command's name; empty if the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _rollup(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
