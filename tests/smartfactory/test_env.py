"""Settings come from the environment, and a bad value stops the start with its name."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from smartfactory import env


@pytest.mark.parametrize(
    ("raw", "value"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False), ("", False)]
)
def test_booleans(monkeypatch, raw, value):
    monkeypatch.setenv("X", raw)
    assert env.boolean("X", not value) is value


def test_defaults(monkeypatch):
    monkeypatch.delenv("X", raising=False)
    assert (env.text("X", "a"), env.boolean("X", True), env.integer("X", 7), env.words("X", "a, b,")) == (
        "a", True, 7, ["a", "b"],
    )  # fmt: skip


@pytest.mark.parametrize(("read", "raw"), [(env.boolean, "maybe"), (env.integer, "many"), (env.integer, "1.5")])
def test_a_bad_value_is_named(monkeypatch, read, raw):
    monkeypatch.setenv("LOGIN_FAILURES", raw)
    with pytest.raises(ImproperlyConfigured, match="LOGIN_FAILURES"):
        read("LOGIN_FAILURES", 1)


def test_a_secret_may_come_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("secret\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.text("SECRET_KEY") == "secret"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DEBUG": "0"}, "SECRET_KEY"),
        ({"DEBUG": "0", "DEMO": "1", "SECRET_KEY": "x"}, "DEMO=1 needs DEBUG=1"),
        ({"SESSION_HOURS": "long"}, "SESSION_HOURS"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
    ],
)
def test_a_dangerous_or_bad_setting_stops_the_start(tmp_path, variables, words):
    clean = {
        key: value for key, value in os.environ.items() if key not in ("DEBUG", "DEMO", "SECRET_KEY", "DATABASE_URL")
    }
    answer = subprocess.run(
        [sys.executable, "-c", "import smartfactory.settings"], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env=clean | {"VAR_DIR": str(tmp_path)} | variables, check=False,
    )  # fmt: skip
    assert answer.returncode != 0
    assert words in answer.stderr.splitlines()[-1]
