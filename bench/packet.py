"""Merging a packet with bookmarks, working links and page numbers, against plain concatenation of the same files."""

from __future__ import annotations

import io
import statistics
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.apart import measured, report
from bench.rows import Row, compared

ROUNDS, PARTS = 3, 20
MEASURED = (
    ("elapsed", "s", "time"),
    ("seconds", "s", "CPU time"),
    ("peak", "MB", "peak memory"),
    ("size", "MB", "size"),
)


def run() -> list[Row]:
    from django.conf import settings

    from bench.pdf import sixty_pages
    from declarations import printing

    pdf = printing.declaration(sixty_pages()).pdf
    folder = settings.VAR / "parts"
    folder.mkdir()
    for number in range(PARTS):
        (folder / f"{number:02}.pdf").write_bytes(pdf)
    results = {"ours": [], "plain": []}
    for _ in range(ROUNDS):
        for kind, kept in results.items():
            kept.append(measured("bench.packet", kind, str(folder)))
    rows = [Row("parts", PARTS, ""), Row("pages", results["ours"][0]["pages"], "")]
    for key, unit, label in MEASURED:
        base = statistics.median(one[key] for one in results["plain"])
        rows.append(Row(f"plain concatenation, {label}", base, unit))
        mine = statistics.median(one[key] for one in results["ours"])
        rows.append(compared(f"packet, {label}", mine, unit, base, "plain concatenation"))
    return rows


def ours(paths: list[Path]) -> bytes:
    from smartfactory import documents

    parts = [documents.Part(f"第 {number} 份", path) for number, path in enumerate(paths, 1)]
    return documents.merge_pdfs(parts, title="评审材料包", created=datetime(2024, 11, 1, tzinfo=UTC))


def plain(paths: list[Path]) -> bytes:
    import pikepdf

    merged, sources = pikepdf.new(), [pikepdf.open(path) for path in paths]
    for source in sources:
        merged.pages.extend(source.pages)
    out = io.BytesIO()
    merged.save(out)
    return out.getvalue()


if __name__ == "__main__":
    kind, folder = sys.argv[1:]
    report(lambda: {"ours": ours, "plain": plain}[kind](sorted(Path(folder).glob("*.pdf"))))
