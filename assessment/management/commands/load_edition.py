"""manage.py load_edition DIR | --all"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment import loader, maturity_loader

OUTCOMES = {"created": "已装载", "replaced": "草稿已重新装载", "unchanged": "没有变化"}


class Command(BaseCommand):
    help = "校验并装载政策版次。内容相同的重复装载不做任何事；已发布的版次不会被改动。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="*", metavar="DIR", help="版次所在的目录")
        parser.add_argument("--all", action="store_true", help="装载随程序提供的全部版次和成熟度标准")
        parser.add_argument(
            "--keep-published", action="store_true", help="已发布的版次与文件不同时只说明差异，沿用已装载的内容"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["folders"]) == options["all"]:
            raise CommandError("请写出版次目录，或用 --all 装载全部", returncode=2)
        folders = loader.folders() if options["all"] else [Path(name) for name in options["folders"]]
        try:
            if options["all"]:
                self._load_standards()
            for folder in folders:
                self._load(folder, keep=options["keep_published"])
        except loader.Refused as error:
            raise CommandError(f"{error}\n没有装载：请按上面的文件和行号修改。") from error

    def _load(self, folder: Path, *, keep: bool) -> None:
        if not folder.is_dir():
            raise CommandError(f"没有这个目录：{folder}", returncode=2)
        try:
            result = loader.load(folder)
        except loader.Differs as error:
            if not keep:
                raise
            self.stderr.write(f"{error}\n以上改动没有装载，沿用已发布的版次 {folder.name}。")
            return
        self.stdout.write(f"{result.edition.title}（{result.edition.code}）：{OUTCOMES[result.outcome]}")

    def _load_standards(self) -> None:
        for standard, outcome in maturity_loader.load_all():
            self.stdout.write(f"{standard.title}：{OUTCOMES[outcome]}")
