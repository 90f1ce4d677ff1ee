"""`manage.py public_keys`: the public keys of this installation's seals, with fingerprints, for verifying offline."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from smartfactory import signing


class Command(BaseCommand):
    help = "导出封存签名的公钥（PEM，附指纹），供离线核验"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="写到文件（默认打印）")

    def handle(self, *args: object, out: Path | None, **options: object) -> None:
        text = signing.public_pems()
        if not text:
            raise CommandError("还没有封存过名单，所以还没有公钥")
        if out is None:
            self.stdout.write(text, ending="")
            return
        try:
            out.write_text(text, encoding="ascii")
        except OSError as error:
            raise CommandError(f"写不了 {out}：{error.strerror}") from None
