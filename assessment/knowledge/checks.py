"""A broken library stops a deployment instead of a reader: `manage.py check`, and with it `migrate` and `up`, says where."""

from __future__ import annotations

from django.core.checks import CheckMessage, Error, register

from assessment.knowledge import library
from assessment.loader import Refused


@register()
def library_reads(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    try:
        library.load(library.FOLDER)
    except Refused as refused:
        return [Error(str(one), hint="fixtures/knowledge", id="assessment.E001") for one in refused.defects]
    return []
