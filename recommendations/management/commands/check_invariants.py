"""`manage.py check_invariants`: cross-table truths; exits with 1 and names each finding."""

from __future__ import annotations

import json
import sys

from django.core.management.base import BaseCommand, CommandParser

from recommendations import invariants


class Command(BaseCommand):
    help = "核对跨表的不变量：名次、名额、推荐状态、定稿、签发文件、审计链"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: object, **options: object) -> None:
        found = invariants.check()
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            for one in found:
                self.stdout.write(f"{one['check']}: {one['message']}")
            if not found:
                self.stdout.write(f"{len(invariants.CHECKS)} 类核对都通过")
        if found:
            sys.exit(1)
