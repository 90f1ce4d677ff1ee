"""manage.py maturity --scores FILE --json"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment import maturity, maturity_loader, maturity_scores, strict_json


class Command(BaseCommand):
    help = "按 GB/T 39117 计算一份评分（JSON）的成熟度得分和级别；权重未核实，结果只作参考。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scores", required=True, metavar="FILE", help="评分的 JSON 文件")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            standard = maturity_loader.active()
            scores = maturity_scores.parse(strict_json.read(Path(options["scores"])), standard)
        except maturity.ScoresError as error:
            lines = "\n".join(f"{options['scores']}：{one}" for one in error.problems)
            raise CommandError(lines, returncode=2) from error
        except strict_json.JsonError as error:
            raise CommandError(str(error), returncode=2) from error
        outcome = maturity.score(standard, scores)
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False, indent=1))
        else:
            self._print(outcome)

    def _print(self, outcome: maturity.Outcome) -> None:
        for level, value in outcome.levels.items():
            word = "满足" if outcome.standard.satisfied(value) else "不满足"
            self.stdout.write(f"{level} 级 {float(value):.4f} {word}")
        band = outcome.band
        self.stdout.write(f"总分 {float(outcome.total):.4f}：{band.name}（权重未核实，仅供参考）")
        if outcome.missing:
            self.stdout.write(f"没有评分的要求：{'、'.join(outcome.missing)}")
