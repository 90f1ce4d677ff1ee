"""The program that opens strangers' scans: `python -m smartfactory.scanning.child REQUEST`, one JSON line per page.

It gives itself little memory and time first. Whatever happens to it, its parent has the lines of the pages before.
"""

from __future__ import annotations

import json
import math
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from smartfactory import page_codes
from smartfactory.scanning import pictures

DPI, MOST_SIDE = 220, 3200
# A picture that would take more than this to unpack is not a page.
Image.MAX_IMAGE_PIXELS = 60_000_000


def main(request: dict[str, Any]) -> None:
    for limit, value in (
        (resource.RLIMIT_AS, request["memory"]),
        (resource.RLIMIT_CPU, request["cpu"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    place = 0
    for number, file in enumerate(request["files"]):
        for at, opened in _pages(file):
            if place >= request["skip"]:
                line = {"place": place, "file": number, "at": at, **_read(opened, place, request)}
                print(json.dumps(line), flush=True)
            place += 1


def _pages(file: dict[str, str]) -> Iterator[tuple[int, Any]]:
    """(page number, function that gives the picture), so that a skipped page is not opened at all."""
    if file["kind"] != "pdf":
        yield 1, lambda: _photo(file["path"])
        return
    import pypdfium2

    document = pypdfium2.PdfDocument(file["path"])
    for number in range(len(document)):
        yield number + 1, lambda page=number: _drawn(document[page])


def _photo(path: str) -> Image.Image:
    picture = Image.open(path)
    picture.draft("RGB", (MOST_SIDE, MOST_SIDE))
    picture = ImageOps.exif_transpose(picture)
    picture.thumbnail((MOST_SIDE, MOST_SIDE))
    return picture.convert("RGB")


def _drawn(page: Any) -> Image.Image:
    """Without annotations: what is laid over a page is not on the paper."""
    scale = min(DPI / 72, MOST_SIDE / max(*page.get_size(), 1))
    return page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_pil().convert("RGB")


def _read(opened: Any, place: int, request: dict[str, Any]) -> dict[str, Any]:
    try:
        scan = opened()
        found = _code(scan)
    except Exception as error:
        return {"trouble": f"unreadable: {type(error).__name__}"}
    if found is None:
        return {"trouble": "no code"}
    (code, page), corners, several = found
    answer = {"code": code, "several": several}
    if page is None:
        return answer
    known = request["known"].get(f"{code}/{page.document}")
    answer |= asdict(page)
    if known and not several:
        answer |= _likeness(scan, corners, known, page.number, Path(request["folder"]) / f"{place}.jpg")
    return answer


def _code(scan: Image.Image) -> tuple[Any, list[pictures.Point], bool] | None:
    """(what the page's code says, its corners, whether the page has several different ones of ours)."""
    for way, factor in _ways(scan):
        import zxingcpp

        read = [(one, page_codes.read(one.text)) for one in zxingcpp.read_barcodes(way, zxingcpp.BarcodeFormat.QRCode)]
        ours = [(one, said) for one, said in read if said]
        if ours:
            first, said = ours[0]
            return said, _corners(first.position, factor), len({text for _, text in ours}) > 1
    return None


def _ways(scan: Image.Image) -> Iterator[tuple[Image.Image, float]]:
    """The page as it is, without what is red, larger, and softer: what one does not show another may."""
    grey, red = scan.convert("L"), pictures.ink(scan)
    yield grey, 1
    yield red, 1
    larger = red.resize((red.width * 2, red.height * 2), Image.Resampling.BICUBIC)
    yield larger, 2
    yield ImageOps.autocontrast(larger.filter(ImageFilter.GaussianBlur(1.5)), cutoff=1), 2


def _corners(position: Any, factor: float) -> list[pictures.Point]:
    four = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return [(one.x / factor, one.y / factor) for one in four]


@cache
def _issued(path: str, number: int) -> tuple[Image.Image, list[pictures.Point]] | None:
    """The page as it was issued, evened, and the corners of its code."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    if number > len(document):
        return None
    page = document[number - 1]
    found = _code(page.render(scale=300 / 72).to_pil().convert("RGB"))
    if found is None:
        return None
    zoom = pictures.DPI / 300
    drawn = page.render(scale=pictures.DPI / 72).to_pil()
    return pictures.evened(pictures.ink(drawn)), [(x * zoom, y * zoom) for x, y in found[1]]


def _likeness(scan: Image.Image, corners: list[pictures.Point], known: str, number: int, out: Path) -> dict[str, Any]:
    if (issued := _issued(known, number)) is None:
        return {}
    page, ours = issued
    ink = pictures.ink(scan)
    lie = pictures.lying(ours, corners)
    size = math.hypot(lie.a, lie.b)
    dark = pictures.evened(ink, pictures.DPI * size)
    fixed = (sum(x for x, _ in ours) / 4, sum(y for _, y in ours) / 4)
    lie = pictures.settled(page, dark, lie, fixed)
    flat = lie.flat(dark.filter(ImageFilter.GaussianBlur(size / 2.5)), page.size)
    found = pictures.compared(page, flat)
    if found.changed or found.added:
        _mark(lie.flat(ink, page.size), found, out)
    return {"compared": True, **asdict(found)}


def _mark(flat: Image.Image, found: pictures.Difference, out: Path) -> None:
    """The scan with frames around what differs: a full one for other ink, a thin one for more ink."""
    shown = flat.convert("RGB")
    pen = ImageDraw.Draw(shown)
    for areas, width in ((found.changed, 5), (found.added, 2)):
        for one in areas:
            pen.rectangle(
                [round(side / pictures.MM) for side in asdict(one).values()], outline=(178, 84, 0), width=width
            )
    shown.save(out, "JPEG", quality=70)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
