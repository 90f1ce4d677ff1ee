"""`manage.py backup FILE`: see smartfactory/exchange.py."""

from __future__ import annotations

from smartfactory.management.archives import WriteCommand


class Command(WriteCommand):
    help = "备份整个系统到一个文件（数据与附件；不含签名私钥）"
    act = "installation.backup"
