"""`manage.py load_authorities`: the tree of authorities, idempotent."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from recommendations import authorities


class Command(BaseCommand):
    help = "载入推荐单位（fixtures/authorities）；可以重复运行"

    def handle(self, *args: object, **options: object) -> None:
        count = authorities.load()
        if options["verbosity"]:
            self.stdout.write(f"推荐单位 {count} 个")
