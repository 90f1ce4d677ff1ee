"""Starting: what is refused, and in which words."""

import os
import socket
import string
import subprocess
import sys

import pytest

from smartfactory.management.commands import up

PRODUCTION = {
    "DEBUG": "0",
    "DEMO": "0",
    "SECRET_KEY": string.printable[:62],
    "ALLOWED_HOSTS": "yan.example",
    "BEHIND_PROXY": "1",
}


def manage(tmp_path, *arguments, **environment):
    inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "LC_ALL", "HOME"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=inherited | {"VAR_DIR": str(tmp_path)} | environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"DEMO": "1"}, "DEMO"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"PORT": "http"}, "PORT"),
    ],
)
def test_a_bad_environment_stops_the_start_with_its_name(tmp_path, changed, named):
    done = manage(tmp_path, "up", "--prepare", **(PRODUCTION | changed))
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "db.sqlite3").exists()


def test_production_settings_pass_the_deployment_check(tmp_path):
    done = manage(tmp_path, "check", "--deploy", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    warned = {word.strip("():") for word in done.stderr.split() if word.startswith("(security.")}
    # docs/operations.md answers for each of these.
    assert warned <= {"security.W005", "security.W021"}


def test_a_second_server_on_the_same_folder_is_refused(settings, tmp_path):
    settings.VAR = tmp_path
    with up.alone(), pytest.raises(SystemExit, match=f"进程 {os.getpid()}"), up.alone():
        raise AssertionError("two servers")
    with up.alone():
        assert (tmp_path / "server.lock").read_text() == f"{os.getpid()}\n"


def test_a_taken_port_is_named_with_another_to_try():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"{port} 不能使用.*PORT={port + 1}"):
            up.refuse_taken("127.0.0.1", port)
