"""`manage.py demo`: an invented province to look at and to try; only on a demonstration installation."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from recommendations.demo import ground, handout, story


class Command(BaseCommand):
    help = "建立演示数据（虚构的云泽省）；可以重复运行，已有时只把过期的截止时间后移"

    def handle(self, *args: object, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("demo data are only for a demonstration installation: set DEMO=1")
        if not story.present():
            story.tell()
        elif moved := self._reopen():
            self.stdout.write(f"演示截止时间已过，{moved} 项后移")
        if options["verbosity"]:
            self.stdout.write(handout.text())

    @transaction.atomic
    def _reopen(self) -> int:
        return ground.keep_open()
