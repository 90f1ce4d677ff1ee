"""Free ports and waiting for a server to answer."""

import socket
import time

PATIENCE = 4


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, *, seconds, what, every=0.05):
    """Return the first true value of `condition()`; fail naming what was waited for.

    `seconds` is for a machine at rest; the limit is some times that, which costs nothing unless the wait is in vain.
    """
    limit = seconds * PATIENCE
    deadline = time.monotonic() + limit
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {limit:g} s in vain for {what}")
        time.sleep(every)


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
