"""The supervisor restarts what dies, waits longer each time, and leaves nothing behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smartfactory import processes
from smartfactory.supervisor import FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER, Child
from tests.support.ports import wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def child():
    child = Child("sleeper", SLEEP)
    yield child
    child.stop(time.monotonic())


def test_a_killed_child_is_started_again(child, capfd):
    child.watch(0)
    first = child.process
    first.kill()
    first.wait()
    child.watch(now=child.started + 1)
    assert child.process is None
    child.watch(now=child.due)
    assert child.process is not None
    assert child.process.pid != first.pid
    assert "sleeper ended with -9" in capfd.readouterr().err


def test_pauses_double_up_to_a_limit_and_start_over_after_a_steady_while(child, capfd):
    pauses = []
    for _ in range(9):
        child.process = subprocess.Popen(["true"], start_new_session=True)
        child.process.wait()
        child._bury(now=child.started + 1)
        pauses.append(child.due - child.started - 1)
    assert pauses[0] == pytest.approx(FIRST_PAUSE)
    assert pauses[1] == pytest.approx(2 * FIRST_PAUSE)
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE)
    child.process = subprocess.Popen(["true"], start_new_session=True)
    child.process.wait()
    child._bury(now=child.started + STEADY_AFTER + 1)
    assert child.due - child.started - STEADY_AFTER - 1 == pytest.approx(FIRST_PAUSE)


def test_stopping_ends_grandchildren_too():
    child = Child("shell", ["sh", "-c", "sleep 60 & echo $!; wait"])
    child.start()
    group = child.process.pid
    child.stop(time.monotonic() + 5)
    assert wait_for(lambda: not _alive_in(group), seconds=5, what="the end of the whole group")


def _alive_in(group: int) -> list[int]:
    """Processes of the group that still run; the dead may wait for a first process that never collects them."""
    stats = (path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat"))
    return [int(fields[2]) for fields in stats if int(fields[2]) == group and fields[0] not in "ZX"]


def test_children_end_when_the_parent_is_killed(tmp_path):
    """SIGKILL leaves the parent no time to tell anybody; the kernel does."""
    script = (
        "import os, sys; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.support.settings')\n"
        "from smartfactory.supervisor import Child, Supervisor\n"
        f"child = Child('sleeper', {SLEEP!r})\n"
        "child.start(); print(child.process.pid, flush=True)\n"
        "Supervisor([child]).run()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert wait_for(lambda: not _alive(pid), seconds=5, what="the orphan's end")


def test_sigterm_ends_the_supervisor_in_order(tmp_path):
    script = (
        "from smartfactory.supervisor import Child, Supervisor\n"
        f"child = Child('sleeper', {SLEEP!r})\n"
        "child.start(); print(child.process.pid, flush=True)\n"
        "Supervisor([child]).run()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    wait_for(lambda: _handles(parent.pid, signal.SIGTERM), seconds=20, what="the start of run()")
    parent.terminate()
    assert parent.wait(30) == 0
    parent.stdout.close()
    assert not _alive(pid)


def test_a_second_signal_does_not_wait(tmp_path):
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    script = (
        "from smartfactory.supervisor import Child, Supervisor\n"
        f"Supervisor([Child('deaf', {[sys.executable, '-c', deaf]!r})]).run()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout.readline() == "1\n"
    for _ in range(2):
        parent.send_signal(signal.SIGINT)
        time.sleep(0.5)  # two signals at once could arrive as one
    assert parent.wait(20) == 0
    parent.stdout.close()


def test_command_lines_follow_the_environment(monkeypatch):
    monkeypatch.setenv("WEB_PROCESSES", "3")
    monkeypatch.setenv("PORT", "8123")
    web = processes.web()
    assert "--workers=3" in web
    assert "--bind=127.0.0.1:8123" in web
    assert "--beat" in processes.worker(with_beat=True)
    assert "--beat" not in processes.worker(with_beat=False)


def _handles(pid, number):
    """Whether the process has set a handler for the signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _alive(pid):
    """A zombie whose parent is gone counts as ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
