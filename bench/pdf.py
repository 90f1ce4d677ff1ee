"""A declaration of about sixty pages, drawn by us, against WeasyPrint alone on the same HTML."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from bench.apart import measured, report
from bench.rows import Row, compared

ROUNDS, INSTANCES = 3, 30


def run() -> list[Row]:
    revision = sixty_pages()
    ours, alone = [], []
    for _ in range(ROUNDS):
        ours.append(measured("bench.pdf", "ours", str(revision.pk)))
        alone.append(measured("bench.pdf", "alone"))
    pages = ours[0]["pages"]
    assert pages == alone[0]["pages"], (pages, alone[0]["pages"])
    rows = [Row("pages", pages, "")]
    for key, unit, label in (("elapsed", "s", "time"), ("seconds", "s", "CPU time"), ("peak", "MB", "peak memory")):
        base = statistics.median(one[key] for one in alone)
        rows.append(Row(f"WeasyPrint alone, {label}", base, unit))
        mine = statistics.median(one[key] for one in ours)
        rows.append(compared(f"declaration.pdf, {label}", mine, unit, base, "WeasyPrint alone"))
    return rows


def sixty_pages():
    """A submitted declaration with so many long scenario instances that it fills about sixty pages."""
    from declarations import content
    from declarations.models import Track
    from tests.factories import declarations as make

    few = make.sample_instances(content.describe(Track.objects.get(code="2024-excellence")))
    many = [few[number % len(few)] | {"name": f"第 {number + 1} 个实例"} for number in range(INSTANCES)]
    for one in many:
        one["description"] = make.LONG * 40
    declaration = make.make_declaration(status="submitted", instances=many)
    return declaration.latest_revision


def ours(pk: str) -> bytes:
    from declarations import printing
    from declarations.models import Revision

    drawn = printing.declaration(Revision.objects.get(pk=pk))
    keep().write_text(drawn.html, encoding="utf-8")
    return drawn.pdf


def alone() -> bytes:
    """The same HTML and style sheets; pictures are answered with an empty drawing."""
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    from smartfactory import documents

    class Empty(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
            return URLFetcherResponse(url, svg, {"Content-Type": "image/svg+xml"})

    page = weasyprint.HTML(string=keep().read_text(encoding="utf-8"), base_url="asset:", url_fetcher=Empty())
    sheets = [weasyprint.CSS(string=text) for text in documents._stylesheet_texts()]
    return page.write_pdf(stylesheets=sheets)


def keep() -> Path:
    from django.conf import settings

    return settings.VAR / "drawn.html"


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    report(lambda: {"ours": ours, "alone": alone}[kind](*rest))
