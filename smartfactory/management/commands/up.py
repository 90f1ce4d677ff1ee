"""`manage.py up`: the whole system with one command, or one process of it with --only."""

from __future__ import annotations

import fcntl
import io
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from smartfactory import processes
from smartfactory.supervisor import Child, Supervisor

# A published edition that differs from its files is kept: the difference is told, and the site starts.
DATA = (["load_edition", "--all", "--keep-published"], ["load_authorities"])


class Command(BaseCommand):
    help = "Start the web server and the worker, restart them when they die, stop them together."
    # The migrations below may be what a check would ask for.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--prepare", action="store_true", help="first migrate, load editions and demo data")
        parser.add_argument("--only", choices=["web", "worker", "beat", "prepare"], help="run just this one")

    def handle(self, *args: object, **options: object) -> None:
        if only := options["only"]:
            if only == "prepare" or options["prepare"]:
                self.prepare()
            return self.become(str(only))
        with alone():
            refuse_taken(*processes.address())
            handout = self.prepare() if options["prepare"] else ""
            self.supervise(handout)
        return None

    def prepare(self) -> str:
        """Bring database, editions, static files and demo data up to date; cheap when they are.

        Returns what the demonstration says of itself: its people and what each can do.
        """
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        # By name, because they belong to the floors above this one.
        known = get_commands()
        for name, *arguments in DATA:
            if name in known:
                call_command(name, *arguments, stdout=self.stderr)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not settings.LOCAL:
            call_command("collectstatic", verbosity=0, interactive=False)
        handout = io.StringIO()
        if settings.DEMO and "demo" in known:
            self.stderr.write("正在核对演示数据，第一次要生成，约需半分钟")
            call_command("demo", stdout=handout)
        connections.close_all()
        return handout.getvalue()

    def become(self, name: str) -> None:
        """Turn this process into the named one, so that signals and exit codes are its own."""
        if name == "prepare":
            return
        command = {"web": processes.web, "worker": lambda: processes.worker(with_beat=False), "beat": processes.beat}
        connections.close_all()
        os.environ.update(processes.worker_environment())
        os.execv(sys.executable, command[name]())  # noqa: S606

    def supervise(self, handout: str) -> None:
        _, port = processes.address()
        web = Child("web", processes.web())
        worker = Child("worker", processes.worker(with_beat=True), processes.worker_environment())
        greeting = f"{handout}\n智能工厂梯度培育申报系统已启动：{settings.SITE_URL}/\n按 Ctrl-C 停止"
        Supervisor([web, worker], each_round=_Once(lambda: _answers(port), lambda: print(greeting, flush=True))).run()


class _Once:
    """Does something the first time a condition holds."""

    def __init__(self, condition: Callable[[], bool], act: Callable[[], None]) -> None:
        self.condition, self.act, self.done = condition, act, False

    def __call__(self) -> None:
        if not self.done and self.condition():
            self.done = True
            self.act()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the installation's folder for as long as this server runs; refuse in plain words if another one does.

    The lock goes with the process, however it ends; children do not inherit it.
    """
    path = settings.VAR / "server.lock"
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise SystemExit(
                f"{settings.VAR} 已由另一个 script/server 使用（进程 {lock.read().strip() or '未知'}）。"
                "请先停止它，或用 VAR_DIR 指定另一个文件夹、用 PORT 指定另一个端口。"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SystemExit(
                f"{host}:{port} 不能使用（{error.strerror}）。请停止占用它的程序，或换一个端口：PORT={port + 1} script/server"
            ) from None


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
