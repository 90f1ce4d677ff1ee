"""`manage.py verify FILE…`: is each file one the system issued, and does what it shows still hold?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from recommendations import inspection
from smartfactory.verification import INTACT

WORDS = {
    "intact": "完好",
    "altered": "被改动",
    "unknown": "没有签发过",
    "unchecked": "无法核验",
    "superseded": "完好，但已被新版替换",
}


class Command(BaseCommand):
    help = "核验本系统签发的 PDF、xlsx、封存内容或材料包；全部完好才以 0 退出"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: object, files: list[Path], **options: object) -> None:
        rows = [{"file": str(path), **_inspect(path)} for path in files]
        if options["json"]:
            self.stdout.write(json.dumps(rows if len(rows) > 1 else rows[0], ensure_ascii=False, indent=2))
        else:
            for row in rows:
                self._say(row)
        if any(row["status"] != INTACT for row in rows):
            sys.exit(1)

    def _say(self, row: dict) -> None:
        self.stdout.write(f"{row['file']}：{WORDS[row['status']]}（{row['kind']} {row['code'] or '—'}）")
        for line in row["details"]:
            self.stdout.write(f"  {line}")


def _inspect(path: Path) -> dict[str, object]:
    try:
        content = path.read_bytes()
    except OSError as error:
        return {"kind": "unknown", "code": "", "status": "unchecked", "details": [f"读不到文件：{error.strerror}"]}
    return inspection.inspect(content, path.name).as_json()
