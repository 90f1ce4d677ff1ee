"""The printable report of a pre-assessment. It is drawn from what the result page shows and is no issued document."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from assessment.maturing.paper import Paper
from smartfactory.documents import Rendered, render_pdf


def rendered(paper: Paper) -> Rendered:
    """The report as text and as paper."""
    row = paper.attempt
    context = {"paper": paper, "it": paper.conclusion, "title": paper.name}
    return render_pdf("pdf/maturity.html", context, created=row.finished_at or row.updated_at)


def response(paper: Paper) -> HttpResponse:
    row = paper.attempt
    name = f"{row.enterprise.name}-成熟度预评报告-第{row.round}次.pdf"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    return HttpResponse(rendered(paper).pdf, content_type="application/pdf", headers=headers)
