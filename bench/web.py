"""The section page and its autosave, against a view that does nothing and one that only repeats their queries.

The recorded queries include those of session and user, so the repeating view is called without a session.
"""

from __future__ import annotations

import json
import secrets
import statistics
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from bench import load
from bench.rows import Row, compared
from bench.views import record

SECTION = "factory"
# What a proxy that ends TLS passes on, and a browser's word on where the form stood.
PROXY = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1", "Referer": "https://127.0.0.1/"}
ROUNDS = 3
BY_HAND = "autosave's reads and write by hand"
TOKEN = secrets.token_hex(16)
TEXT = "单元控制器按订单下发程序，机器人换夹具，视觉检测判定首件，异常转人工复核。" * 6


@dataclass
class Desk:
    """One preparer with a draft: addresses and cookies."""

    page: str
    autosave: str
    by_hand: str
    headers: dict[str, str]


def run() -> list[Row]:
    from tests.support.processes import web

    desks = [desk() for _ in range(load.CLIENTS)]
    remember_queries(desks[0])
    with web(DJANGO_SETTINGS_MODULE="bench.settings", LOG_LEVEL="CRITICAL") as server:
        port, pid = int(server.url.rsplit(":", 1)[1]), server.process.pid
        makers = requests(desks)
        for make in makers.values():
            load.run(port, pid, make, each=5)
        outcomes = {name: [] for name in (*makers, *(name + ALONE_WORD for name in ALONE))}
        for _ in range(ROUNDS):
            for name, make in makers.items():
                outcomes[name].append(load.run(port, pid, make))
            for name in ALONE:
                outcomes[name + ALONE_WORD].append(load.run(port, pid, makers[name], clients=1))
    return table(outcomes)


def desk() -> Desk:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from tests.factories import declarations as make

    declaration = make.make_declaration()
    preparer = make.people_of(declaration)[0]
    client = Client()
    client.force_login(preparer)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
    where = [declaration.public_id, SECTION]
    return Desk(
        reverse("declaration_section", args=where),
        reverse("declaration_autosave", args=where),
        f"/bench/by-hand/{declaration.public_id}/{SECTION}/",
        PROXY | {"Cookie": cookies, "X-CSRFToken": TOKEN, "X-Requested-With": "fetch"},
    )


def remember_queries(one: Desk) -> None:
    """Load the page and save once in this process, and keep what both asked of the database."""
    from django.conf import settings
    from django.test import Client

    client = Client(headers=one.headers)
    client.cookies.load(one.headers["Cookie"])
    client.get(one.page)
    with queries() as found:
        length = len(client.get(one.page).content)
    record("page", found, length)
    with queries() as found:
        answer = client.post(one.autosave, {"version": 1, "summary": TEXT})
    assert answer.status_code in (200, 422), (answer.status_code, answer.content[:500])
    record("autosave", found, len(answer.content))
    assert settings.CSRF_COOKIE_NAME in client.cookies


@contextmanager
def queries():
    from django.db import connection, reset_queries

    found: list[dict] = []
    connection.force_debug_cursor = True
    reset_queries()
    try:
        yield found
    finally:
        found.extend(connection.queries)
        connection.force_debug_cursor = False


def requests(desks: list[Desk]) -> dict[str, load.Maker]:
    form = PROXY | {"Content-Type": "application/x-www-form-urlencoded"}

    def autosave(number: int, turn: int, body: bytes) -> load.Request:
        """Carry the version of the last answer; a new round goes on after the version it sent last."""
        versions[number] = json.loads(body)["version"] if body.startswith(b"{") else versions[number] + 1
        data = urlencode({"version": versions[number], "summary": f"{TEXT}{secrets.token_hex(4)}"})
        return "POST", desks[number].autosave, data, desks[number].headers | form

    def by_hand(number: int, turn: int, body: bytes) -> load.Request:
        data = urlencode({"summary": f"{TEXT}{secrets.token_hex(4)}"})
        return "POST", desks[number].by_hand, data, desks[number].headers | form

    versions = [1 if number == 0 else 0 for number in range(len(desks))]
    return {
        "bare view": lambda number, turn, body: ("GET", "/bench/bare/", "", PROXY),
        "queries of the section page": lambda number, turn, body: ("GET", "/bench/replay/page/", "", PROXY),
        "section page": lambda number, turn, body: ("GET", desks[number].page, "", desks[number].headers),
        "queries of autosave": lambda number, turn, body: ("POST", "/bench/replay/autosave/", "", form),
        "autosave": autosave,
        BY_HAND: by_hand,
    }


# Two processors of a machine may be two halves of one: a page that shares its own with others costs more than it does by
# itself. Both are shown.
ALONE, ALONE_WORD = ("bare view", "section page", "autosave", BY_HAND), ", one at a time"
AGAINST = {
    "queries of the section page": ["bare view"],
    "section page": ["bare view", "queries of the section page"],
    "queries of autosave": ["bare view"],
    BY_HAND: ["bare view", "queries of autosave"],
    "autosave": ["bare view", "queries of autosave", BY_HAND],
}


def table(outcomes: dict[str, list[load.Outcome]]) -> list[Row]:
    cpu = {name: statistics.median(one.cpu_ms for one in rounds) for name, rounds in outcomes.items()}
    p99 = {name: statistics.median(one.percentile(0.99) for one in rounds) for name, rounds in outcomes.items()}
    rate = {name: statistics.median(one.per_second for one in rounds) for name, rounds in outcomes.items()}
    rows = [Row("bare view, CPU per request", cpu["bare view"], "ms")]
    for name, others in AGAINST.items():
        rows += [compared(f"{name}, CPU per request", cpu[name], "ms", cpu[other], other) for other in others]
    for name in (one + ALONE_WORD for one in ALONE):
        rows.append(compared(f"{name}, CPU per request", cpu[name], "ms", cpu["bare view" + ALONE_WORD], "bare view"))
    for name in outcomes:
        rows.append(compared(f"{name}, p99", p99[name], "ms", p99["bare view"], "bare view"))
    rows += [compared(f"{name}, requests", rate[name], "per s", rate["bare view"], "bare view") for name in outcomes]
    refused = sum(
        count for rounds in outcomes.values() for one in rounds for status, count in one.statuses.items()
        if status not in (200, 422)
    )  # fmt: skip
    return [*rows, Row("answers other than 200 and 422", refused, "")]
