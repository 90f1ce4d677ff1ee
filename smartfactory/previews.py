"""Pictures of what strangers handed in: a page of a PDF, or a photograph, made small by a limited child process.

Nobody's file is opened in our origin; people look at the picture. The pictures lie beside the files and may be lost at any
time: they are drawn again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from smartfactory import preview_child
from smartfactory.files import MIMES

if TYPE_CHECKING:
    from smartfactory.models import StoredFile

DRAWN = frozenset({MIMES["pdf"], MIMES["jpeg"], MIMES["png"]})
SMALL, WIDE = 160, 1100
PATIENCE = 20


def picture(stored: StoredFile, page: int = 1, width: int = WIDE) -> bytes | None:
    """The page as JPEG, from the shelf or drawn now; None where none can be made."""
    if stored.mime not in DRAWN:
        return None
    if (kept := known(stored, page, width)) is None:
        kept = _draw(stored, page, width)
        if kept is not None:
            _keep(_place(stored, page, width), kept)
    return kept or None


def known(stored: StoredFile, page: int = 1, width: int = SMALL) -> bytes | None:
    """What was drawn before: the picture, nothing at all where it was found that none can be made, None if unknown."""
    try:
        return _place(stored, page, width).read_bytes()
    except OSError:
        return None


def drawn(stored: StoredFile) -> bool:
    """Whether the small picture of its first page lies on the shelf."""
    try:
        return _place(stored, 1, SMALL).stat().st_size > 0
    except OSError:
        return False


def _place(stored: StoredFile, page: int, width: int) -> Path:
    return Path(settings.PREVIEWS_ROOT) / stored.digest[:2] / f"{stored.digest}-{page}-{width}.jpg"


def _draw(stored: StoredFile, page: int, width: int) -> bytes | None:
    """The child's picture; empty where it says there is nothing to draw; None where it was stopped."""
    program = [sys.executable, "-I", preview_child.__file__, str(stored.path), str(page), str(width)]
    try:
        done = subprocess.run(program, capture_output=True, timeout=PATIENCE, env={}, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else b"" if done.returncode == preview_child.NOTHING else None


def _keep(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as draft:
        draft.write(content)
    os.replace(draft.name, place)
