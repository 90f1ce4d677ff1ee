"""What the commands that write and read whole installations share."""

from __future__ import annotations

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from smartfactory import audit, exchange
from smartfactory.archive import BadArchive, Reader


class WriteCommand(BaseCommand):
    """Writes FILE; exits with 1, the file complete but for them, when stored files are lost or damaged."""

    act = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: object, file: Path, **options: object) -> None:
        try:
            report = exchange.write(file)
        except OSError as error:
            raise CommandError(f"没有写成：{error}") from None
        # Read again from the disk: what cannot be read back is no backup.
        Reader(file).close()
        with transaction.atomic():
            audit.record(self.act, body={"rows": report.rows, "files": report.files, "damaged": len(report.damaged)})
        self.stdout.write(f"已写好 {file}：{report.rows} 行数据，{report.files} 个文件。签名私钥不在其中，请另行保管")
        if report.damaged:
            self.stderr.write(f"有 {len(report.damaged)} 个文件丢失或损坏，没有写入：{'、'.join(report.damaged)}")
            sys.exit(1)


class ReadCommand(BaseCommand):
    """Reads FILE into an empty installation; exits with 1 when the trail in it does not hold, or files are missing."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="替换这里已有的全部数据（先备份，停止网站和后台）")

    def handle(self, *args: object, file: Path, replace: bool, **options: object) -> None:
        try:
            report = exchange.read(file, replace=replace)
        except (exchange.Occupied, BadArchive) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"已从 {file} 导入 {report.rows} 行数据，{report.files} 个文件。请重新启动网站和后台")
        for finding in report.findings:
            self.stderr.write(finding.message)
        if report.damaged:
            self.stderr.write(f"写出时就缺少 {len(report.damaged)} 个文件：{'、'.join(report.damaged)}")
        if report.findings or report.damaged:
            sys.exit(1)
        self.stdout.write("审计链和校验点核对无误")
