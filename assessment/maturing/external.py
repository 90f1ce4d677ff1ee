"""The result an assessment body or platform gave, with its report as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.db import transaction

from assessment.maturing import service
from assessment.models import MaturityReport, ReportStatus
from smartfactory import audit, files
from smartfactory.models import Enterprise
from smartfactory.text import clean

if TYPE_CHECKING:
    from smartfactory.models import User

ALLOWED = ["pdf", "jpeg", "png"]
MAX_NAME = 200


def record(
    enterprise: Enterprise, facts: dict[str, Any], upload: BinaryIO, name: str, *, actor: User
) -> MaturityReport:
    """Keep a result and its report. Raises files.BadFile in words, NotAllowed for strangers."""
    service.writer(actor, enterprise.pk)
    found = files.inspect(upload, name, ALLOWED, settings.MAX_UPLOAD_BYTES)
    upload.seek(0)
    stored = files.put(upload, found.mime)
    with transaction.atomic():
        made = MaturityReport.objects.create(
            enterprise=enterprise,
            status=ReportStatus.RECORDED,
            file=stored,
            file_name=clean(name)[-MAX_NAME:],
            created_by=actor,
            **facts,
        )
        body = {"level": made.level, "number": made.number, "sha256": stored.digest}
        audit.record("maturityreport.record", actor=actor, obj=made, body=body)
    return made
