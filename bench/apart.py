"""One measurement in a fresh process, so that its peak memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def measured(module: str, *arguments: str) -> dict:
    """Run `python -m module arguments` and return the JSON of its last line."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def report(act: Callable[[], bytes]) -> None:
    """In the fresh process: make a PDF and print CPU time, elapsed time, peak memory, pages and size."""
    import django

    django.setup()
    from smartfactory import documents

    clock, started = time.perf_counter(), time.process_time()
    content = act()
    seconds, elapsed = time.process_time() - started, time.perf_counter() - clock
    peak = high_water_mb()
    pages = documents.page_count(content)
    size = len(content) / 2**20
    print(json.dumps({"pages": pages, "seconds": seconds, "elapsed": elapsed, "peak": peak, "size": size}))


def high_water_mb() -> float:
    """This program's own peak. (getrusage would report the parent's, which a child inherits across exec.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
