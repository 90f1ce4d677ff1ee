"""The little that is read of an MP4 video: that it is whole, and how long it plays (ISO/IEC 14496-12).

A file is a row of boxes, each with its size and a four-letter name; the playing time stands in moov/mvhd.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

HEAD = 8
MOST_BOXES = 10_000
# Brands of files that players know as MP4; QuickTime's own and pictures in the same container are not among them.
BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"})


class BadVideo(ValueError):
    """The text says what is wrong with the file."""


class Box(NamedTuple):
    """One box: its name, where its content begins, and where it ends."""

    name: bytes
    start: int
    end: int


def is_mp4(head: bytes) -> bool:
    """Whether a file that begins like this says it is MP4."""
    if head[4:8] != b"ftyp":
        return False
    size = int.from_bytes(head[:4])
    named = {head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))}
    return bool(named & BRANDS)


def seconds(video: BinaryIO, size: int) -> int:
    """Whole seconds the video plays, rounded up. Raises BadVideo for what was cut short or holds no film."""
    top = {one.name: one for one in _boxes(video, 0, size)}
    if b"moov" not in top or b"mdat" not in top:
        raise BadVideo("没有传完整")
    inner = {one.name: one for one in _boxes(video, *top[b"moov"][1:])}
    if b"mvhd" not in inner:
        raise BadVideo("没有写时长")
    return _duration(video, inner[b"mvhd"])


def _boxes(video: BinaryIO, at: int, end: int) -> Iterator[Box]:
    for _ in range(MOST_BOXES):
        if at == end:
            return
        video.seek(at)
        head = video.read(HEAD)
        size, begin = int.from_bytes(head[:4]), at + HEAD
        if size == 1:
            size, begin = int.from_bytes(video.read(8)), begin + 8
        elif size == 0:
            size = end - at
        if len(head) < HEAD or size < begin - at or at + size > end:
            raise BadVideo("没有传完整")
        yield Box(head[4:], begin, at + size)
        at += size
    raise BadVideo("结构不对")


def _duration(video: BinaryIO, box: Box) -> int:
    """Version 1 of the header writes times in 64 bits, version 0 in 32."""
    video.seek(box.start, io.SEEK_SET)
    body = video.read(min(32, box.end - box.start))
    wide = body[:1] == b"\x01"
    scale = int.from_bytes(body[20:24] if wide else body[12:16])
    length = int.from_bytes(body[24:32] if wide else body[16:20])
    if len(body) < (32 if wide else 20) or not scale or not length:
        raise BadVideo("没有写时长")
    return -(-length // scale)
