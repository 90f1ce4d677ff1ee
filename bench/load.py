"""A small HTTP load: a few clients, each with one connection, a bounded number of requests."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench import meter

CLIENTS = 4
Request = tuple[str, str, str, dict[str, str]]
# Called with the client's number, the request's number and the previous answer's body.
Maker = Callable[[int, int, bytes], Request]


@dataclass
class Outcome:
    seconds: float = 0.0
    cpu_ms: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        return statistics.quantiles(self.latencies, n=100)[round(share * 100) - 1] * 1000


def run(port: int, pid: int, make: Maker, *, each: int = 50, clients: int = CLIENTS) -> Outcome:
    """Send `each` requests from every client at once; CPU is the server's, per request."""
    outcome, lock = Outcome(), threading.Lock()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = b""
        for turn in range(each):
            method, path, data, headers = make(number, turn, body)
            started = time.perf_counter()
            connection.request(method, path, data, headers)
            response = connection.getresponse()
            body = response.read()
            taken = time.perf_counter() - started
            with lock:
                outcome.latencies.append(taken)
                outcome.statuses[response.status] = outcome.statuses.get(response.status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    before, started = meter.cpu_seconds(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - started
    outcome.cpu_ms = (meter.cpu_seconds(pid) - before) * 1000 / len(outcome.latencies)
    return outcome
