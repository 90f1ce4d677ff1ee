"""Videos: told by their content, whole or refused, and how long they play."""

import io

import pytest

from smartfactory import files
from tests.support.films import box, mp4

LIMIT = 1 << 20


def inspect(content, name="工厂.mp4", allowed=("mp4",), limit=LIMIT):
    return files.inspect(io.BytesIO(content), name, list(allowed), limit)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("seconds", "shown"), [(1, 1), (59.001, 60), (300, 300), (300.4, 301), (86_400, 86_400)])
def test_playing_time(seconds, shown, wide):
    found = inspect(mp4(seconds=seconds, wide=wide))
    assert (found.kind, found.mime, found.seconds) == ("mp4", "video/mp4", shown)


@pytest.mark.parametrize("brand", [b"isom", b"mp42", b"avc1"])
def test_brands(brand):
    assert inspect(mp4(brand=brand)).kind == "mp4"


@pytest.mark.parametrize("brand", [b"qt  ", b"heic", b"avif"])
def test_what_is_not_mp4_in_the_same_container(brand):
    with pytest.raises(files.BadFile, match="内容不是 MP4 视频"):
        inspect(mp4(brand=brand))


@pytest.mark.parametrize("cut", [1, 50, 100, 120, 180])
def test_cut_short(cut):
    with pytest.raises(files.BadFile, match=r"没有传完整|没有写时长"):
        inspect(mp4()[:-cut])


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", bytes(9)),
        mp4(scale=0, seconds=0),
        mp4(seconds=0),
        mp4().replace(b"mvhd", b"free"),
        mp4()[:24] + bytes(30),
        mp4() + b"\x00\x00\x00",
        box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", box(b"mvhd", b"\x01")) + box(b"mdat"),
    ],
)
def test_broken(content):
    with pytest.raises(files.BadFile, match="请重新导出后再上传"):
        inspect(content)


def test_many_empty_boxes_end():
    with pytest.raises(files.BadFile, match="结构不对"):
        inspect(box(b"ftyp", b"isom" + bytes(4)) + box(b"free") * 20_000)


def test_a_box_to_the_end_of_the_file_and_one_with_a_long_size():
    start = mp4(size=0)[:-8]
    assert inspect(start + bytes(4) + b"mdat" + bytes(500)).seconds == 60
    assert inspect(start + b"\x00\x00\x00\x01mdat" + (516).to_bytes(8) + bytes(500)).seconds == 60


def test_size_and_name():
    content = mp4(size=1000)
    assert inspect(content, limit=len(content)).size == len(content)
    with pytest.raises(files.BadFile, match="请压缩或拆分"):
        inspect(content, limit=len(content) - 1)
    with pytest.raises(files.BadFile, match="后缀"):
        inspect(content, name="工厂.pdf")
    with pytest.raises(files.BadFile, match="内容不是 PDF"):
        inspect(content, allowed=("pdf",))


def test_a_film_in_fragments_is_refused_in_words():
    content = mp4() + box(b"moof", b"\0" * 16) + box(b"mdat", b"\0" * 16)
    with pytest.raises(files.BadFile, match="这个视频是分段存放的，看不全它的时长和隐藏信息，要另存为普通的 MP4"):
        inspect(content)
