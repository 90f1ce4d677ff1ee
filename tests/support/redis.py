"""A real Redis (or Valkey) server for one run, on a free port, keeping nothing."""

import atexit
import shutil
import subprocess

from tests.support.ports import answers, free_port, wait_for


def start():
    """Start a server, stop it at exit, return its URL without a database number."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise SystemExit("Redis is missing: apt-get install redis-server")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"],
        stdout=subprocess.DEVNULL,
    )
    atexit.register(server.wait)
    atexit.register(server.terminate)
    wait_for(lambda: answers(port), seconds=10, what="Redis")
    return f"redis://127.0.0.1:{port}"
