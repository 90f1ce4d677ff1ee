"""`manage.py seed_load --enterprises N --seed S`: bulk data for measuring load and growth, the same on every run."""

from __future__ import annotations

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import authorities
from recommendations.demo.bulk import Seeder


class Command(BaseCommand):
    help = "批量写入虚构的企业和申报书，供压力和增长测量；只用于演示或开发环境"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--enterprises", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *args: object, **options: object) -> None:
        if not (settings.DEMO or settings.LOCAL):
            raise CommandError("bulk data are only for a demonstration or development installation: set DEBUG=1")
        count, seed = int(options["enterprises"]), int(options["seed"])
        if not 1 <= count <= 99_999:
            raise CommandError("--enterprises takes 1 to 99999")
        authorities.load()
        seeder = Seeder(count, seed)
        if seeder.present():
            self.stdout.write(f"种子 {seed} 的数据已经写入，没有改动")
            return
        started = time.perf_counter()
        found = seeder.sow()
        statuses = "，".join(f"{status} {number}" for status, number in sorted(found.items()))
        self.stdout.write(
            f"企业 {count} 家，申报书 {found.total()} 份（{statuses}），{time.perf_counter() - started:.1f} 秒"
        )
