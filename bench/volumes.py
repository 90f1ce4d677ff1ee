"""A packet of 40 declarations of some sixty pages, made by its job: against joining ready files, and against drawing all again."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.apart import measured, report
from bench.packet import plain
from bench.rows import Row, compared

COUNT = 40
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

    revision = sixty_pages()
    ready = printing.kept_desk_copy(revision)
    folder = settings.VAR / "ready"
    folder.mkdir()
    for number in range(COUNT):
        (folder / f"{number:02}.pdf").write_bytes(ready.read())
    joined = measured("bench.volumes", "plain", str(folder))
    packet = measured("bench.volumes", "packet", str(_ordered(revision).pk))
    drawn = measured("bench.volumes", "drawn", str(revision.pk))
    rows = [Row("declarations", COUNT, ""), Row("pages of the packet", packet["pages"], "")]
    for key, unit, label in MEASURED:
        rows.append(Row(f"joining ready files, {label}", joined[key], unit))
        rows.append(compared(f"packet, {label}", packet[key], unit, joined[key], "joining ready files"))
    again = drawn["elapsed"] * COUNT
    rows.append(Row("drawing all again (one measured, times 40), time", again, "s"))
    rows.append(compared("packet, time", packet["elapsed"], "s", again, "drawing all again"))
    return rows


def _ordered(revision):
    """Forty times the same declaration: what differs between forty real ones costs the packet nothing."""
    from recommendations import packets
    from tests.factories import recommendations as make

    desk = make.make_desk()
    return packets.order_selection([revision.declaration] * COUNT, desk.authority, actor=desk.official)


def packet(pk: str) -> bytes:
    from recommendations.models import Packet
    from smartfactory import jobs

    jobs.run(Packet.objects.get(pk=pk).job_id)
    made = Packet.objects.select_related("job__result").get(pk=pk)
    assert (made.job.state, made.failures, made.parts.count()) == ("ready", [], 1), made.job.error
    return made.job.result.read()


def drawn(pk: str) -> bytes:
    from declarations import printing
    from declarations.models import Revision

    return printing.declaration(Revision.objects.get(pk=pk), masked=True).pdf


if __name__ == "__main__":
    kind, about = sys.argv[1:]
    acts = {
        "plain": lambda: plain(sorted(Path(about).glob("*.pdf"))), "packet": lambda: packet(about), "drawn": lambda: drawn(about),
    }  # fmt: skip
    report(acts[kind])
