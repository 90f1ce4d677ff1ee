"""Keeps the processes of an embedded installation running: one web server, one worker, one parent that watches.

A child that dies is started again, at once the first time and with growing pauses if it keeps dying. When the parent
ends, however it ends, the children end too: asked by SIGTERM, or by the kernel if the parent was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.3
FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER = 0.5, 30.0, 60.0
PATIENCE_SECONDS = 25.0


@dataclass
class Child:
    """One supervised process and what is known about its restarts."""

    name: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    asked: bool = False

    def start(self) -> None:
        parent = os.getpid()
        self.started, self.asked = time.monotonic(), False
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            # Its own session: Ctrl-C reaches only the parent, which then stops the children in order.
            start_new_session=True,
            preexec_fn=lambda: _die_with(parent),
        )

    def watch(self, now: float) -> None:
        """Notice a death, decide when to start again, and do so when it is time."""
        if self.process is not None and self.process.poll() is not None:
            self._bury(now)
        if self.process is None and now >= self.due:
            self.start()

    def _bury(self, now: float) -> None:
        """Remove what the dead process left behind and set the time of its successor."""
        assert self.process is not None
        self._signal(signal.SIGKILL)
        if now - self.started > STEADY_AFTER:
            self.pause = FIRST_PAUSE
        say(f"{self.name} ended with {self.process.returncode}; starting again in {self.pause:g} s")
        self.process, self.due = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def ask(self) -> None:
        """Ask the process to finish what it has begun; once, for a second time would mean haste."""
        if self.process is not None and not self.asked:
            self.asked = True
            self.process.terminate()

    def stop(self, deadline: float, hurry: Callable[[], bool] = lambda: False) -> None:
        """Wait for the asked process; kill its whole group once the deadline has passed or somebody is in a hurry."""
        if self.process is None:
            return
        self.ask()
        while self.process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(min(POLL_SECONDS, 0.05))
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number: int) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Supervisor:
    """Runs children until told to stop by SIGTERM or SIGINT; told a second time it no longer waits for them."""

    def __init__(self, children: Sequence[Child], *, each_round: Callable[[], None] = lambda: None) -> None:
        self.children = children
        self.each_round = each_round
        self.told = 0

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._tell)
        try:
            while not self.told:
                for child in self.children:
                    child.watch(time.monotonic())
                self.each_round()
                time.sleep(POLL_SECONDS)
        finally:
            self._stop()

    def _stop(self) -> None:
        say("正在停止，先做完手头的任务；再按一次 Ctrl-C 立即结束")
        deadline = time.monotonic() + PATIENCE_SECONDS
        for child in self.children:
            child.ask()
        for child in self.children:
            child.stop(deadline, hurry=lambda: self.told > 1)

    def _tell(self, number: int, frame: object) -> None:
        self.told += 1


def say(text: str) -> None:
    """Write a line at once, also into a pipe."""
    print(text, file=sys.stderr, flush=True)


def _die_with(parent: int) -> None:
    """In the child: ask the kernel for SIGTERM when the parent dies, and notice if it already has."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
