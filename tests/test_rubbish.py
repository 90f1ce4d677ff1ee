"""Whatever is sent to whichever act, by somebody who may act: an answer, never an error of the server.

Seeded, so that what failed once fails again. The names of fields come from the pages and from the code itself; each
request mixes what the act expects with rubbish, so that some of it gets far.
"""

import random
import re
import traceback
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction

from smartfactory import documents
from tests import test_access_matrix as matrix
from tests.factories.declarations import PDF
from tests.support import world as worlds

ROUNDS = 6
# Sent under every name at once.
EVERYWHERE = ["\x00", "-1", "9" * 30, "[" * 3000, "中\u202e"]
FLOORS = ("smartfactory", "assessment", "declarations", "recommendations")
VALUES = [
    "", " ", "\x00", "a\x00b", "-1", "0", "1", "2", "007", "1e400", "NaN", "-Infinity", "9" * 30, "0x10", "1.5", "٣", "²", "１２",
    "[" * 60_000, '{"a":' * 20_000, "{}", "[]", "null", '{"summary": null}', '{"a": NaN}', "' OR 1=1--", "<script>alert(1)</script>",
    "../../etc/passwd", "\u202e\u2066", "x" * 70_000, "中" * 30_000, "%s%n%x", "{{7*7}}{% debug %}", "\r\nSet-Cookie: a=b", "😀𠮷",
    "2024-02-30", "0001-01-01", "99999-12-31", "2024-13", "true", "None", "on", "yes", "\ufeff", "a,b,,c", ",", ".", "a.b.c", "factory.summary",
]  # fmt: skip
# Bytes that are no UTF-8: lone surrogates, cut characters.
BYTES = [b"\xed\xa0\x80", b"\xff\xfe", b"\xe4\xb8", b"\xc0\xaf", b"%ZZ%1"]


def names_in_code():
    """Every key that a view or a form looks for in what was sent."""
    pattern = re.compile(r"""(?:POST|sent|posted|data)(?:\.get|\.getlist)?[(\[]f?["']([\w-]+)["']""")
    texts = [
        path.read_text(encoding="utf-8")
        for floor in FLOORS
        for path in sorted((Path(settings.BASE_DIR) / floor).rglob("*.py"))
    ]
    return sorted({name for text in texts for name in pattern.findall(text)})


class Sender:
    """Posts to one address as one person and remembers what broke."""

    def __init__(self, row, visitor, world, names):
        self.row, self.visitor, self.world = row, visitor, world
        self.address = row.address(world)
        self.expected = row.body(world)
        self.names = sorted({*names, *self.expected, *self._names_on_the_page()})
        self.chance = random.Random(row.name)

    def _names_on_the_page(self):
        page = self.visitor.visit("get", self.address)
        return re.findall(r'name="([\w.-]+)"', page.text_now) if page.status_code == 200 else []

    def bodies(self):
        """What is sent, one after the other: content and content type."""
        form = "application/x-www-form-urlencoded"
        for value in EVERYWHERE:
            yield "&".join(f"{name}={quote_plus(value)}" for name in self.names).encode(), form
        for _ in range(ROUNDS):
            yield self._form(), form
        yield from [(b"[" * 50_000, "application/json"), (b"version=1&" * 9000, form), (b"\x00" * 100, "text/plain")]
        yield from [(b"", "multipart/form-data"), (b"\xff" * 100, "multipart/form-data; boundary=x"), (b"", form)]

    def _form(self):
        """Some of the names, each with the expected value, rubbish, or bytes that are no text."""
        pairs = {key: quote_plus(value) for key, value in self.expected.items() if self.chance.random() < 0.8}
        for name in self.chance.sample(self.names, min(len(self.names), self.chance.choice([1, 4, 12, 200]))):
            if name not in pairs or self.chance.random() < 0.3:
                pairs[name] = self._rubbish()
        if self.chance.random() < 0.2:
            pairs[self.chance.choice(["%00", "a%5Bb%5D", "-", "x" * 500])] = "1"
        return "&".join(f"{name}={value}" for name, value in pairs.items()).encode()

    def _rubbish(self):
        if self.chance.random() < 0.1:
            return "".join(f"%{byte:02X}" for byte in self.chance.choice(BYTES))
        # Long ones are rarer, for the sake of time.
        short = [value for value in VALUES if len(value) < 100]
        return quote_plus(self.chance.choice(VALUES if self.chance.random() < 0.05 else short))

    def send(self, content, kind):
        mark = transaction.savepoint()
        try:
            return self.visitor.post(self.address, content, kind)
        finally:
            transaction.savepoint_rollback(mark)

    def upload(self, content, name):
        """The same address with a file under every name a file may have."""
        files = {
            one: SimpleUploadedFile(name, content)
            for one in ("file", *[f"{n}-file" for n in self.names if "-" not in n][:20])
        }
        keys = [one.removesuffix("-file") for one in files if one.endswith("-file")]
        body = {**self.expected, "upload": self.chance.choice(keys or ["x"]), **files}
        mark = transaction.savepoint()
        try:
            return self.visitor.post(self.address, body, None)
        finally:
            transaction.savepoint_rollback(mark)


class Fuzzer(matrix.Visitor):
    def post(self, address, content, kind):
        self.client.cookies.clear()
        if self.cookie:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        return self.client.post(address, content, **({"content_type": kind} if kind else {}))


@pytest.fixture
def broken():
    """Every exception that reached the outermost handler: its name and where it was raised."""
    found = []

    def note(sender, request, **kwargs):
        error = traceback.TracebackException(*__import__("sys").exc_info())
        place = [one for one in error.stack if "/main/" in one.filename or "site-packages" not in one.filename][-1]
        found.append(
            f"{request.method} {request.path}: {error.exc_type.__name__}: {str(error)[:120]} at {place.filename}:{place.lineno}"
        )

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.fixture
def world(policy, monkeypatch):
    monkeypatch.setattr(documents, "_draw", lambda *anything: PDF)
    with transaction.atomic():
        found = worlds.build()
        yield found
        transaction.set_rollback(True)


def senders(world, group):
    """One for every act of the table, as somebody who may do it, or else as somebody who may come that far."""
    names, visitors = names_in_code(), {}
    for row in matrix.rows_of(group):
        if not (people := row.post or row.refused):
            continue
        who = min(people)
        if who not in visitors:
            visitors[who] = Fuzzer(who, world.people.get(who))
        yield Sender(row, visitors[who], world, names)


@pytest.mark.django_db
@pytest.mark.parametrize("group", matrix.GROUPS)
def test_no_act_breaks_whatever_is_sent(world, broken, group):
    count = 0
    for sender in senders(world, group):
        for content, kind in sender.bodies():
            answer = sender.send(content, kind)
            count += 1
            assert answer.status_code < 500 or broken, sender.row.name
        for content, name in (
            (b"", "a.pdf"),
            (b"%PDF-1.7\n%%EOF", "\x00.pdf"),
            (b"PK\x03\x04", "a.xlsx"),
            (b"{}", "x.json"),
        ):
            sender.upload(content, name)
            count += 1
    assert not broken, "\n".join(sorted(set(broken)))
    assert count > 50


@pytest.mark.django_db
def test_no_page_breaks_whatever_is_asked(world, broken):
    """The same for questions: search words, pages, and ids in the address."""
    asked = [
        "q",
        "status",
        "track",
        "place",
        "page",
        "unit",
        "code",
        "next",
        "more",
        "checked",
        "since",
        "until",
        "act",
        "area",
        "tier",
        "check",
        "who",
        "wait",
        "noted",
        "industry",
        "sort",
        "after",
        "before",
    ]
    chance = random.Random("pages")
    visitors = {}
    for row in matrix.ROWS:
        if not row.get:
            continue
        who = min(row.get)
        visitor = visitors.setdefault(who, Fuzzer(who, world.people.get(who)))
        short = [quote_plus(value) for value in VALUES if len(value) < 100] + ["%ED%A0%80", "%FF"]
        for _ in range(3):
            query = "&".join(f"{name}={chance.choice(short)}" for name in chance.sample(asked, 8))
            visitor.visit("get", f"{row.address(world)}?{query}")
        for thing in ("%00", "%FF", "x" * 300, "9" * 30):
            path = row.address(world)
            for known in (one for one in world.ids.values() if isinstance(one, str) and one in path):
                visitor.visit("get", path.replace(known, thing))
            visitor.visit("get", re.sub(r"/\d+/", f"/{thing}/", path))
    assert not broken, "\n".join(sorted(set(broken)))
