"""`manage.py up`: the whole system with one command, or one process of it with --only."""

from __future__ import annotations

import os
import socket
import sys

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from smartfactory import processes
from smartfactory.models import Membership
from smartfactory.supervisor import Child, Supervisor

DEMO_LOGINS = (
    "enterprise", "signatory", "city", "citysealer", "province", "sealer",
    "group", "grouphead", "expert", "ministry", "auditor",
)  # fmt: skip
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
        if options["prepare"] or options["only"] == "prepare":
            self.prepare()
        if options["only"]:
            self.become(str(options["only"]))
        else:
            self.supervise()

    def prepare(self) -> None:
        """Bring the database, the editions, the demo data and the static files up to date; cheap when they are."""
        call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
        # By name, because they belong to the floors above this one.
        known = get_commands()
        for name, *arguments in [*DATA, *([["demo"]] if settings.DEMO else [])]:
            if name in known:
                call_command(name, *arguments, stdout=self.stderr)
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        if not settings.DEBUG:
            call_command("collectstatic", verbosity=0, interactive=False)
        connections.close_all()

    def become(self, name: str) -> None:
        """Turn this process into the named one, so that signals and exit codes are its own."""
        if name == "prepare":
            return
        command = {"web": processes.web, "worker": lambda: processes.worker(with_beat=False), "beat": processes.beat}
        connections.close_all()
        os.environ.update(processes.worker_environment())
        os.execv(sys.executable, command[name]())  # noqa: S606

    def supervise(self) -> None:
        host, port = processes.address()
        _refuse_taken(host, port)
        os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{port}")
        web = Child("web", processes.web())
        worker = Child("worker", processes.worker(with_beat=True), processes.worker_environment())
        greeting = self.greeting()
        connections.close_all()
        Supervisor([web, worker], each_round=_Once(lambda: _answers(port), lambda: print(greeting, flush=True))).run()

    def greeting(self) -> str:
        lines = ["", f"智能工厂梯度培育申报系统已启动：{os.environ['SITE_URL']}/", ""]
        if settings.DEMO:
            lines += [f"演示账号（口令均为 {settings.DEMO_PASSWORD}）：", *_demo_logins(), ""]
        return "\n".join([*lines, "按 Ctrl-C 停止"])


class _Once:
    """Does something the first time a condition holds."""

    def __init__(self, condition, act) -> None:
        self.condition, self.act, self.done = condition, act, False

    def __call__(self) -> None:
        if not self.done and self.condition():
            self.done = True
            self.act()


def _demo_logins() -> list[str]:
    """One line per login that exists: name, person, part and organisation."""
    memberships = Membership.objects.filter(user__username__in=DEMO_LOGINS, is_active=True)
    known: dict[str, str] = {}
    for row in memberships.select_related("user", "enterprise", "authority").order_by("pk"):
        unit = row.enterprise or row.authority
        known.setdefault(row.user.username, f"{row.user.display}　{row.get_role_display()}　{unit.name}")
    return [f"  {name:<12}{known[name]}" for name in DEMO_LOGINS if name in known]


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"{host}:{port} is not free ({error.strerror}); try PORT=8001") from None
