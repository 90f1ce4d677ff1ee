"""Chromium through Playwright: launching, watching for page errors, and accessibility findings."""

import os
import shutil

ARGUMENTS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1366, "height": 900}, {"width": 390, "height": 844}


def executable():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("Chromium is missing: apt-get install chromium")


def launch(playwright):
    return playwright.chromium.launch(
        executable_path=executable(),
        # Chromium's sandbox refuses to run as root.
        chromium_sandbox=os.geteuid() != 0,
        args=ARGUMENTS,
    )


class Watch:
    """Collects what a page must not do: script errors, blocked content, server errors."""

    def __init__(self):
        self.findings = []

    def attach(self, page):
        page.on("pageerror", lambda error: self.findings.append(f"script error: {error}"))
        page.on("console", self._console)
        page.on("response", self._response)

    def _console(self, message):
        if message.type == "error" and "Content Security Policy" in message.text:
            self.findings.append(message.text)

    def _response(self, response):
        if response.status >= 500:
            self.findings.append(f"{response.status} {response.url}")


def serious(page):
    """Return axe's serious and critical findings on the page as readable lines."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {found['help']} — {', '.join(' '.join(map(str, node['target'])) for node in found['nodes'][:5])}"
        for found in violations
        if found["impact"] in {"serious", "critical"}
    ]
