"""`manage.py export_all FILE`: see smartfactory/exchange.py."""

from __future__ import annotations

from smartfactory.management.archives import WriteCommand


class Command(WriteCommand):
    help = "导出全部数据与附件；导入空的安装后再导出，逐字节相同"
    act = "installation.export"
