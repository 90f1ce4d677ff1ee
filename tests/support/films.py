"""The smallest MP4 file: boxes with a playing time and nothing to see."""


def box(name, body=b""):
    return (len(body) + 8).to_bytes(4) + name + body


def mp4(*, seconds=60, scale=1000, brand=b"isom", wide=False, size=100):
    """A film of so many seconds; `wide` writes its times in 64 bits, `size` is how much film there is in bytes."""
    times, version = (8, b"\x01") if wide else (4, b"\x00")
    head = version + bytes(3) + bytes(2 * times) + scale.to_bytes(4) + round(seconds * scale).to_bytes(times)
    moov = box(b"moov", box(b"mvhd", head + bytes(80)))
    return box(b"ftyp", brand + bytes(4) + brand) + moov + box(b"mdat", bytes(size))
