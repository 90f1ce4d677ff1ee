"""One measurement in a fresh process, so that its peak memory is its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable


def measured(module: str, *arguments: str) -> dict:
    """Run `python -m module arguments` and return the JSON of its last line."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def report(act: Callable[[], bytes]) -> None:
    """In the fresh process: make a PDF and print time, peak memory, pages and size."""
    import django

    django.setup()
    from smartfactory import documents

    started = time.perf_counter()
    content = act()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pages = documents.page_count(content)
    print(json.dumps({"pages": pages, "seconds": seconds, "peak": peak, "size": len(content) / 2**20}))
