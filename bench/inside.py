"""One benchmark inside its own installation: migrate, load the editions, measure, write the rows."""

from __future__ import annotations

import importlib
import io
import json
import sys
from pathlib import Path

import django

from bench.rows import Row

# Those that ask for pages, which name static files.
SERVED = {"web", "memory", "queue"}


def main(name: str, output: str) -> None:
    django.setup()
    prepare(name)
    rows: list[Row] = importlib.import_module(f"bench.{name}").run()
    Path(output).write_text(json.dumps([row._asdict() for row in rows], ensure_ascii=False), encoding="utf-8")


def prepare(name: str) -> None:
    from django.conf import settings
    from django.core.management import call_command

    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    if name in SERVED:
        call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("load_edition", "--all", stdout=io.StringIO())


if __name__ == "__main__":
    main(*sys.argv[1:])
