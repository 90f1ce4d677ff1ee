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
    if b"moof" in top:
        # Its length and what it tells of people lie scattered over the fragments.
        raise BadVideo("是分段存放的，看不全它的时长和隐藏信息，要另存为普通的 MP4")
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


# Boxes that hold metadata, and those in which they may lie.
_HOLDS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"edts"})
_TELLS = frozenset({b"udta", b"meta", b"uuid"})
# XMP and what cameras write as a box of their own; other uuid boxes may be part of how the film is protected.
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_PLACES = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location", b"GPSCoordinates", b"GPSLatitude")
_DEVICES = (
    b"\xa9mak", b"\xa9mod", b"\xa9swr", b"manu", b"modl", b"com.apple.quicktime.make", b"com.apple.quicktime.model",
    b"com.apple.quicktime.software", b"com.android", b"tiff:Model", b"tiff:Make",
)  # fmt: skip
_PEOPLE = (
    b"\xa9ART",
    b"\xa9aut",
    b"\xa9nam",
    b"\xa9cmt",
    b"auth",
    b"perf",
    b"com.apple.quicktime.author",
    b"dc:creator",
)
MARKS = {"place": _PLACES, "device": _DEVICES, "person": _PEOPLE}
MOST_TOLD, MOST_DEEP = 4 << 20, 8


def told(video: BinaryIO, size: int) -> set[str]:
    """Which of place, device and person the film names beside its pictures."""
    bodies = []
    for box in _telling(video, 0, size):
        video.seek(box.start)
        bodies.append(video.read(min(MOST_TOLD, box.end - box.start)))
    return {kind for kind, marks in MARKS.items() if any(mark in body for body in bodies for mark in marks)}


def silenced(content: bytes) -> bytes:
    """The same film with its metadata blanked where it lies: no byte moves, so every offset inside stays true."""
    out, video = bytearray(content), io.BytesIO(content)
    for box in _telling(video, 0, len(content)):
        name = box.start - 4 if content[box.start - 4 : box.start] == box.name else box.start - 12
        out[name : name + 4] = b"free"
        out[box.start : box.end] = bytes(box.end - box.start)
    return bytes(out)


def _telling(video: BinaryIO, at: int, end: int, depth: int = 0) -> Iterator[Box]:
    """Every box that holds metadata, wherever it lies."""
    for box in list(_boxes(video, at, end)):
        if box.name in _HOLDS and depth < MOST_DEEP:
            yield from _telling(video, box.start, box.end, depth + 1)
        elif box.name in _TELLS and (box.name != b"uuid" or _is_xmp(video, box)):
            yield box


def _is_xmp(video: BinaryIO, box: Box) -> bool:
    video.seek(box.start)
    return video.read(16) == _XMP


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
