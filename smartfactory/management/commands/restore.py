"""`manage.py restore FILE`: see smartfactory/exchange.py."""

from __future__ import annotations

from smartfactory.management.archives import ReadCommand


class Command(ReadCommand):
    help = "用备份文件恢复整个系统"
