"""Ten thousand characters while everything goes wrong: each is there, or shown beside a colleague's."""

import re
import urllib.request
from contextlib import suppress

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from declarations import services
from declarations.models import SectionContent
from tests.factories.declarations import extend_deadline, make_declaration, people_of
from tests.support import browser as chromium
from tests.support.ports import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.fault, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct horse battery"
CHUNK, CHUNKS = 1000, 10


def chunk(number):
    """A thousand characters that occur nowhere else."""
    sentences = "".join(f"[{number}.{place}] line {place}, 第{place}句；" for place in range(60))
    return sentences[:CHUNK]


class Desk:
    """One person's open page of the part, the server behind it, and everything typed so far."""

    def __init__(self, page, server, draft):
        self.page, self.server, self.draft = page, server, draft
        self.typed = {name: self.kept(name) for name in ("summary", "effect")}
        self.count = 0

    def kept(self, name):
        return SectionContent.objects.get(declaration=self.draft, key="factory").data[name]

    def shown(self, name):
        return self.page.locator(f"#id_{name}").input_value()

    def state(self):
        return self.page.locator(".yan-save").get_attribute("class").removeprefix("yan-save ")

    def write(self, text, name="summary"):
        self.page.locator(f"#id_{name}").focus()
        self.page.keyboard.press("Control+End")
        # As an input method does: a few characters at a time, each with an event of its own.
        for phrase in re.findall(r".{1,8}", text):
            self.page.keyboard.insert_text(phrase)
        self.typed[name] += text
        self.count += len(text)

    def wait(self, state):
        self.page.locator(f".yan-save.{state}").wait_for(timeout=20_000)

    def safe(self):
        """The page says saved, and it is true."""
        self.wait("saved")
        for name, text in self.typed.items():
            assert self.shown(name) == text
            assert self.kept(name) == text.rstrip()

    def power_cut(self, during):
        """The server dies while somebody types, and comes back while he still does."""
        half = len(during) // 2
        self.server.kill()
        self.write(during[:half])
        self.wait("offline")
        self.server.start()
        self.write(during[half:])
        wait_for(self._answers, seconds=30, what="the server after the kill")

    def _answers(self):
        with suppress(OSError):
            return urllib.request.urlopen(f"{self.server.url}/healthz", timeout=5).status == 200


@pytest.fixture
def draft(policy):
    declaration = make_declaration()
    extend_deadline(declaration)
    return declaration


@pytest.fixture
def people(draft):
    preparer, colleague, _ = people_of(draft)
    preparer.set_password(PASSWORD)
    preparer.save()
    return preparer, colleague


@pytest.fixture
def context(browser, real_server, people):
    client = Client()
    client.force_login(people[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    made = browser.new_context(base_url=real_server.url, locale="zh-CN", viewport=chromium.DESKTOP)
    made.set_default_timeout(15_000)
    made.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": real_server.url}])
    yield made
    made.close()


@pytest.fixture
def desk(context, real_server, draft):
    page = context.new_page()
    page.goto(f"/declarations/{draft.public_id}/factory/")
    return Desk(page, real_server, draft)


def colleague_saves(draft, colleague, **values):
    version = SectionContent.objects.get(declaration=draft, key="factory").version
    assert services.save_section(draft, "factory", values, version=version, actor=colleague).saved


def test_every_character_is_kept_or_shown_as_a_conflict(desk, context, draft, people):
    colleague = people[1]

    desk.write(chunk(1))
    desk.safe()

    desk.power_cut(chunk(2))
    desk.safe()

    # The line is cut in the middle of a sentence, and comes back.
    desk.write(chunk(3)[:500])
    context.set_offline(True)
    desk.write(chunk(3)[500:])
    desk.wait("offline")
    desk.write(chunk(4))
    context.set_offline(False)
    desk.safe()

    # A colleague writes elsewhere in the same part: both texts are kept, and both are on the page.
    colleague_saves(draft, colleague, effect="同事写的成效。", organisation="同事写的组织。")
    desk.typed["effect"] = "同事写的成效。"
    desk.write(chunk(5))
    desk.safe()
    assert desk.shown("organisation") == "同事写的组织。"

    # The session ends; signing in again happens on this page.
    Session.objects.all().delete()
    desk.write(chunk(6)[:500])
    desk.wait("conflict")
    assert "登录已过期" in desk.page.locator(".yan-save").inner_text()
    desk.write(chunk(6)[500:])
    desk.page.get_by_role("button", name="重新登录").click()
    desk.page.get_by_label("密码").fill("not the password")
    desk.page.get_by_role("button", name="登录并补存").click()
    desk.page.get_by_text("账号或密码不对").wait_for()
    desk.page.get_by_label("密码").fill(PASSWORD)
    desk.page.get_by_role("button", name="登录并补存").click()
    desk.safe()

    desk.power_cut(chunk(7))
    desk.safe()

    # A colleague writes the same answer: nothing is overwritten, both are shown until somebody chooses.
    colleague_saves(draft, colleague, summary="同事同时改的简介。")
    desk.write(chunk(8))
    desk.wait("conflict")
    assert "同事同时改的简介。" in desk.page.locator(".yan-theirs pre").inner_text()
    assert desk.kept("summary") == "同事同时改的简介。"
    desk.server.kill()
    desk.write(chunk(9))
    assert desk.state() == "conflict"
    desk.page.get_by_role("button", name="保留我的").click()
    desk.wait("offline")
    desk.server.start()
    desk.safe()

    # Pressing a button saves what is still only on the page before it leaves.
    desk.write(chunk(10), "effect")
    desk.page.get_by_role("button", name="保存", exact=True).click()
    desk.page.get_by_text("已保存。").first.wait_for()
    desk.page.wait_for_url("**/factory/?checked=1")
    for name, text in desk.typed.items():
        assert desk.kept(name) == desk.shown(name) == text.rstrip()
    assert desk.count == CHUNK * CHUNKS
