"""The printable report of a self-assessment."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from assessment.presentation import Sheet
from smartfactory.documents import render_pdf


def response(sheet: Sheet) -> HttpResponse:
    """The report as a download. It is drawn from the answers as they stand and is no issued document."""
    row = sheet.assessment
    content = render_pdf("pdf/assessment.html", {"sheet": sheet}, created=row.finished_at or row.updated_at).pdf
    name = f"{row.enterprise.name}-{sheet.edition.year}年度自评报告-第{row.round}次.pdf"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
