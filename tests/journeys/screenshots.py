"""The pictures of the README: the walk on a freshly started product with demo data, as a newcomer would see it."""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.journeys.walk import Walk
from tests.support import browser as chromium
from tests.support.ports import answers, free_port, wait_for

PASSWORD = "Walk-2024-demo"
# Interfaces in ink on paper need few colours; this keeps a picture below 100 KB.
COLOURS = 64


def start(folder, port):
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"VAR_DIR": folder, "DEMO": "1", "DEMO_PASSWORD": PASSWORD, "PORT": str(port), "HOST": "127.0.0.1"}
    process = subprocess.Popen([sys.executable, "manage.py", "up", "--prepare"], env=environment)
    wait_for(lambda: answers(port), seconds=300, what="the product")
    return process


def keep(page, path):
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(COLOURS).save(path, optimize=True)


class Visitors:
    """Everybody who walks: each signs in once, in a browser of their own."""

    def __init__(self, browser, url):
        self.browser, self.url, self.pages = browser, url, {}

    def visit(self, path, viewport=chromium.DESKTOP):
        context = self.browser.new_context(base_url=self.url, locale="zh-CN", viewport=viewport)
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto(path)
        return page

    def sign_in(self, name):
        if name not in self.pages:
            self.pages[name] = page = self.visit("/login/")
            page.get_by_role("textbox", name="账号").fill(name)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("main").get_by_role("button", name="登录").click()
        self.pages[name].goto("/")
        return self.pages[name]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with tempfile.TemporaryDirectory() as var, sync_playwright() as playwright:
        process = start(var, port)
        try:
            people = Visitors(chromium.launch(playwright), f"http://127.0.0.1:{port}")
            walk = Walk(people.sign_in, people.visit, PASSWORD, lambda page, name: keep(page, folder / f"{name}.png"))
            walk.until_verified()
            walk.download()
            walk.look_back()
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
