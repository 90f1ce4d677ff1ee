"""`manage.py import_all FILE`: see smartfactory/exchange.py."""

from __future__ import annotations

from smartfactory.management.archives import ReadCommand


class Command(ReadCommand):
    help = "把导出的文件导入空的安装"
