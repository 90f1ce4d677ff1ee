"""Draws one page of a file as a small JPEG on its standard output. Run as a program of its own by previews.py.

It imports nothing of the house: what it opens comes from strangers, so it gives up memory, time and files first.
Exit code 3 says that there is nothing to be drawn.
"""

from __future__ import annotations

import io
import resource
import sys

MEMORY, SECONDS, OPEN = 1 << 30, 15, 32
NOTHING = 3
QUALITY = 80


def main(path: str, page: int, width: int) -> int:
    with open(path, "rb") as source:
        content = source.read()
    import pypdfium2
    from PIL import Image, ImageOps

    Image.init()
    _give_up_rights()
    try:
        if content.lstrip()[:5] == b"%PDF-":
            picture = _page(pypdfium2.PdfDocument(content), page, width)
        else:
            picture = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        picture.thumbnail((width, width * 2))
        sys.stdout.buffer.write(_jpeg(picture))
    except Exception:
        # Damaged files make the libraries fail in more ways than they document.
        return NOTHING
    return 0


def _give_up_rights() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # Nothing is written anywhere; the few files left are the fonts a page does not bring along.
    for name, most in ((resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, OPEN)):
        resource.setrlimit(name, (most, most))


def _page(document: object, page: int, width: int) -> object:
    found = document[page - 1]
    return found.render(scale=min(4.0, width / max(1.0, found.get_width()))).to_pil()


def _jpeg(picture: object) -> bytes:
    """Transparent ground is paper, not night."""
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "P"):
        seen = picture.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        picture = Image.alpha_composite(paper, seen)
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
