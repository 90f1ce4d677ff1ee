"""`manage.py demo`: an invented province to look at and to try; only on a demonstration installation."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from declarations import notices
from recommendations.demo import ground, handout, staff, story


class Command(BaseCommand):
    help = "建立演示数据（虚构的云泽省）；可以重复运行，已有时只把过期的截止时间后移"

    def handle(self, *args: object, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("demo data are only for a demonstration installation: set DEMO=1")
        if not story.present():
            story.tell()
            self._remind()
        else:
            self._renew()
        if options["verbosity"]:
            self.stdout.write(handout.text())

    @transaction.atomic
    def _renew(self) -> None:
        """What a later start may have to bring up to date; nothing else changes."""
        if staff.renew_password():
            self.stdout.write("演示口令已更换")
        if moved := ground.keep_open():
            self.stdout.write(f"演示截止时间已过，{moved} 项后移")
            self._remind()

    @transaction.atomic
    def _remind(self) -> None:
        """Tell of deadlines that come near, as the hourly task would an hour later."""
        notices.remind()
