"""manage.py evaluate --edition ID --target TIER --facts FILE --json"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment import edition_rules, facts, rules, strict_json
from assessment.models import Edition
from assessment.vocabulary import Status


class Command(BaseCommand):
    help = "用一个版次的条件判定一份事实（JSON），给出达到的层级和逐条结论。"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--edition", required=True, metavar="ID", help="版次，如 2024")
        parser.add_argument("--target", required=True, metavar="TIER", help="目标层级，如 EXCELLENCE")
        parser.add_argument("--facts", required=True, metavar="FILE", help="事实的 JSON 文件")
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdict = self._verdict(options)
        except facts.FactsError as error:
            lines = "\n".join(f"{options['facts']}：{one}" for one in error.problems)
            raise CommandError(lines, returncode=2) from error
        except (strict_json.JsonError, rules.UnknownTierError) as error:
            raise CommandError(str(error), returncode=2) from error
        if verdict.ignored_flags:
            codes = "、".join(verdict.ignored_flags)
            self.stderr.write(f"这些条件由系统计算，flags 里的作答没有采用：{codes}")
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_json(), ensure_ascii=False, indent=1))
        else:
            self._print(verdict)

    def _verdict(self, options: dict[str, Any]) -> rules.Verdict:
        edition = Edition.objects.filter(code=options["edition"]).first()
        if edition is None:
            known = "、".join(Edition.objects.values_list("code", flat=True)) or "无；请先运行 load_edition --all"
            raise CommandError(f"没有版次“{options['edition']}”；已装载的是 {known}", returncode=2)
        found = edition_rules.from_edition(edition)
        stated = facts.parse(strict_json.read(Path(options["facts"])), found)
        return rules.evaluate(found, stated, options["target"])

    def _print(self, verdict: rules.Verdict) -> None:
        target = verdict.tiers[verdict.target]
        reached = verdict.rules.tiers.get(verdict.tier, "未达到任何层级")
        self.stdout.write(f"达到：{reached}；目标{target.name}：{'满足' if verdict.met else '不满足'}")
        for one in target.results:
            if one.status not in (Status.MET, Status.NOT_APPLICABLE):
                word = "须满足" if one.blocks else "须说明"
                where = f"{one.rule.code} {one.rule.clause}"
                self.stdout.write(f"  [{word}] {where}（{one.status.label}）{one.rule.text}：{one.reason}")
