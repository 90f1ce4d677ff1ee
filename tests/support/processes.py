"""Real processes beside the tests: gunicorn and a Celery worker on the test's own database."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress

from tests.support import engine
from tests.support.ports import answers, free_port, wait_for


class Process:
    """A started process and its children, which can be killed in all the ways a machine kills."""

    def __init__(self, command, environment):
        self.command, self.environment = command, environment
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, env=self.environment, start_new_session=True)

    def kill(self):
        """Take the whole group down at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.kill()


@contextmanager
def worker(**environment):
    """A Celery worker with its clock, as `manage.py up` starts it; killed at the end, for its goodbye takes seconds."""
    from smartfactory import processes

    own = processes.worker_environment()
    process = Process(processes.worker(with_beat=True), {**engine.child_environment(), **own, **environment})
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def web(**environment):
    """Gunicorn on a free port; the process has `.url`."""
    from smartfactory import processes

    port = free_port()
    os.environ["PORT"] = str(port)
    try:
        command = processes.web()
    finally:
        del os.environ["PORT"]
    process = Process(command, {**engine.child_environment(), **environment})
    process.url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(port), seconds=30, what="the web server")
        yield process
    finally:
        process.stop()


def manage(*arguments, **environment):
    """Run a management command in a process of its own; returns the completed process with text output."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**engine.child_environment(), **environment}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
