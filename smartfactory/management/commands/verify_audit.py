"""`manage.py verify_audit`: the chain and its signed checkpoints; exits with 1 and names each finding."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from django.core.management.base import BaseCommand, CommandParser

from smartfactory import audit
from smartfactory.models import AuditCheckpoint, AuditHead


class Command(BaseCommand):
    help = "核对审计链的每一条记录和每一个已签名的校验点"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")
        parser.add_argument("--start", type=int, default=1, metavar="SEQ", help="从第几条开始（默认全部）")

    def handle(self, *args: object, start: int, **options: object) -> None:
        findings = audit.verify(max(1, start))
        head, points = AuditHead.objects.filter(pk=1).first(), AuditCheckpoint.objects.count()
        entries = head.seq if head else 0
        if options["json"]:
            answer = {"intact": not findings, "entries": entries, "checkpoints": points}
            answer["findings"] = [asdict(one) for one in findings]
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            for one in findings:
                self.stdout.write(one.message)
            if not findings:
                self.stdout.write(
                    f"{entries} 条审计记录、{points} 个校验点都核对无误。名单和定稿是否与记录一致，请另用 verify 和 check_invariants 核对"
                )
        if findings:
            sys.exit(1)
