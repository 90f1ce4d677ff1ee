"""The orchestrator: each benchmark runs in a process and a throw-away installation of its own."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import postgres

# Name → engines it runs on.
BENCHMARKS = {
    "web": ["sqlite", "postgres"],
    "quota": ["sqlite", "postgres"],
    "queue": ["sqlite", "postgres"],
    "pdf": ["sqlite"],
    "packet": ["sqlite"],
    "volumes": ["sqlite"],
    "memory": ["sqlite"],
}
LIMIT_SECONDS = 600


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of: {' '.join(BENCHMARKS)}")
    parser.add_argument("--json", metavar="FILE", help="also write the rows to FILE")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(BENCHMARKS)):
        parser.error(f"unknown: {' '.join(unknown)}; known: {' '.join(BENCHMARKS)}")
    results = [run(name, engine) for name in options.names or BENCHMARKS for engine in BENCHMARKS[name]]
    if options.json:
        Path(options.json).write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.exit(any(result["rows"] is None for result in results))


def run(name: str, engine: str) -> dict:
    """Run one benchmark and print its table; rows are None if it broke."""
    print(f"\n== {name} ({engine})", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="smartfactory-bench-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench.inside", name, f"{folder}/rows.json"],
            env=environment(folder, engine), timeout=LIMIT_SECONDS, check=False,
        )  # fmt: skip
        rows = json.loads(Path(folder, "rows.json").read_text(encoding="utf-8")) if done.returncode == 0 else None
    show(rows)
    return {"name": name, "engine": engine, "seconds": round(time.monotonic() - started, 1), "rows": rows}


def environment(folder: str, engine: str) -> dict[str, str]:
    """Settings of a real installation, away from everything that exists: full durability, no eager jobs, no DEBUG."""
    chosen = {
        "DJANGO_SETTINGS_MODULE": "bench.settings", "VAR_DIR": folder, "DEBUG": "0", "DEMO": "0", "LOG_LEVEL": "ERROR",
        "CELERY_EAGER": "0", "SECRET_KEY": secrets.token_urlsafe(50), "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "BEHIND_PROXY": "1",
    }  # fmt: skip
    dropped = {
        "DATABASE_URL", "REDIS_URL", "SQLITE_SYNCHRONOUS", "SITE_URL", "KEYS_DIR", "WEB_PROCESSES", "WEB_THREADS",
        "WORKER_PROCESSES", "WORKER_MAX_MB",
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    if engine == "postgres":
        chosen["DATABASE_URL"] = f"{server()}/postgres"
    return {**kept, **chosen}


def server() -> str:
    """Start PostgreSQL once for the whole run, with its ordinary durability."""
    if not hasattr(server, "url"):
        server.url = postgres.start(options="-c max_connections=200")
    return server.url


def show(rows: list[dict] | None) -> None:
    if rows is None:
        print("  did not finish")
        return
    for row in rows:
        ratio = f"{row['ratio']:6.2f} × {row['against']}" if row["ratio"] is not None else ""
        print(f"  {row['label']:<46} {row['value']:>10,.2f} {row['unit']:<9} {ratio}")


if __name__ == "__main__":
    main()
