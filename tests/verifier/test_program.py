"""The program by itself: its own Ed25519, and what strangers hand in: always words, never a traceback, never a yes."""

import hashlib
import io
import json
import struct
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.verifier import packing
from tests.verifier.packing import canonical, relisted, signature, zipped

pytestmark = pytest.mark.django_db
program = packing.load()

# RFC 8032, section 7.1: public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        b"",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        b"\x72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        b"\xaf\x82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").digest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("public", "message", "value"), VECTORS)
def test_vectors_of_the_standard(public, message, value):
    public, value = bytes.fromhex(public), bytes.fromhex(value)
    assert program.ed25519_valid(public, message, value)
    assert not program.ed25519_valid(public, message + b"\0", value)
    for place in range(64):
        bent = bytearray(value)
        bent[place] ^= 1
        assert not program.ed25519_valid(public, message, bytes(bent))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_agrees_with_the_library(message):
    key = packing.new_key()
    public, value = key.public_key().public_bytes_raw(), key.sign(message)
    assert program.ed25519_valid(public, message, value)
    assert not program.ed25519_valid(packing.new_key().public_key().public_bytes_raw(), message, value)


def test_signatures_that_are_not_the_one_are_refused():
    """The same signature with the order added to its number, cut, or lengthened; keys under which much would fit."""
    public, message, value = bytes.fromhex(VECTORS[1][0]), VECTORS[1][1], bytes.fromhex(VECTORS[1][2])
    more = (int.from_bytes(value[32:], "little") + program.ORDER).to_bytes(32, "little")
    assert not program.ed25519_valid(public, message, value[:32] + more)
    for wrong in (b"", value[:63], value + b"\0"):
        assert not program.ed25519_valid(public, message, wrong)
    for key in (b"\0" * 32, b"\1" + b"\0" * 31, b"\xff" * 32, b"\xec" + b"\xff" * 30 + b"\x7f", b"short"):
        assert not program.valid_key(key)


# Keys


def test_keys_are_pem_or_hexadecimal(issued, tmp_path):
    package = tmp_path / "package.zip"
    package.write_bytes(issued.usual)
    raw = issued.key.public_key().public_bytes_raw().hex()
    assert program.verify(str(package), [raw])[0] == 0
    assert program.verify(str(package), ["0" * 63 + "1", raw])[0] == 2
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    for text in (b"", b"key", other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), b"\xff" * 100):
        (tmp_path / "keys.pem").write_bytes(text)
        end, code, rows = program.verify(str(package), [str(tmp_path / "keys.pem")])
        assert (end, code, rows[0]["status"]) == (2, "", "unchecked")
        assert "公钥" in rows[0]["reason"]
    assert program.verify(str(package), [str(tmp_path / "none.pem")])[0] == 2


# Hostile packages


def patched(package, name, at, form, value):
    """With one field of the zip's own table of contents overwritten, for the entry `name`."""
    found = bytearray(package)
    start = package.rindex(name.encode()) - 46
    assert package[start : start + 4] == b"PK\1\2"
    struct.pack_into(form, found, start + at, value)
    return bytes(found)


def nested(depth):
    return b'{"schema":' + b"[" * depth + b"]" * depth + b"}"


HOSTILE = {
    "nothing": (lambda files: b"", 2),
    "no zip": (lambda files: b"PK\3\4 and so on", 2),
    "an empty zip": (lambda files: zipped({}), 2),
    "half a zip": (lambda files: zipped(files)[: len(zipped(files)) // 2], 2),
    "another zip": (lambda files: zipped({"a.txt": b"a"}), 2),
    "two of a name": (lambda files: zipped([*files.items(), ("manifest.json", b"{}")]), 1),
    "an absolute path": (lambda files: zipped({**files, "/etc/passwd": b""}), 1),
    "a path upwards": (lambda files: zipped({**files, "declarations/../../x": b""}), 1),
    "a drive": (lambda files: zipped({**files, "C:x": b""}), 1),
    "too many files": (lambda files: zipped({**files, **{f"x{number}": b"" for number in range(2100)}}), 2),
    "a size that cannot be": (lambda files: patched(zipped(files), "manifest.json", 24, "<I", 0xF0000000), 2),
    "a size that is a lie": (
        lambda files: patched(zipped(files, compression=zipfile.ZIP_DEFLATED), "manifest.json", 24, "<I", 7), 1,
    ),
    "a file locked": (lambda files: patched(zipped(files), "manifest.json", 8, "<H", 1), 2),
    "another way of packing": (lambda files: zipped(files, compression=zipfile.ZIP_LZMA), 2),
    "a listing that is a list": (lambda files: zipped({**files, "package.json": b"[]"}), 1),
    "a listing without end": (lambda files: zipped({**files, "package.json": nested(200_000)}), 1),
    "a listing of nobody": (lambda files: zipped({**files, "package.json": b'{"schema":"x"}'}), 2),
    "a number without end": (lambda files: zipped({**files, "manifest.json": b'{"a":' + b"9" * 9999 + b"}"}), 1),
    "no number": (lambda files: zipped({**files, "manifest.json": b'{"a":NaN}'}), 1),
    "a key twice": (lambda files: zipped({**files, "manifest.json": b'{"a":1,"a":2}'}), 1),
    "half a character": (lambda files: zipped({**files, "audit.json": b'{"entries":[{"text":"\\ud800","hash":""}]}'}), 1),
    "not text": (lambda files: zipped({**files, "signature.json": b"\xff\xfe"}), 1),
    "a JSON of forty megabytes": (
        lambda files: zipped({**files, "signature.json": b" " * (40 << 20)}, compression=zipfile.ZIP_DEFLATED), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_end_in_words(name, files, check):
    make, expected = HOSTILE[name]
    code, _, rows = check(make(files))
    assert code == expected
    assert all(row["reason"] for row in rows.values())


def test_a_bomb_in_the_papers_is_left_alone(files, issued, check):
    """A workbook and a PDF that would fill the memory, in a listing that vouches for them."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("docProps/core.xml", b"0" * (50 << 20))
    stream = b"stream\n" + program.zlib.compress(b"0" * (50 << 20)) + b"\nendstream\n"
    bad = {**files, "summary-sheet.xlsx": bomb.getvalue(), "summary-sheet.pdf": b"%PDF-1.7\n" + stream * 200}
    code, found, _ = check(relisted(bad, issued.key))
    assert (code, found["part:summary-sheet.xlsx"], found["part:summary-sheet.pdf"]) == (2, "unchecked", "unchecked")


def test_names_cannot_write_on_the_terminal(files, check):
    code, found, _ = check({**files, "a\x9b31m‮.txt": b""})
    assert (code, found["file:a?31m?.txt"]) == (1, "altered")


def test_a_package_that_is_no_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.zip"):
        assert program.verify(str(path), ["0" * 63 + "9"])[0] == 2


def test_an_algorithm_it_does_not_know_is_not_passed(files, issued, check):
    said = json.loads(signature(issued.key, files["manifest.json"])) | {"algorithm": "SM2"}
    code, found, rows = check(relisted({**files, "signature.json": canonical(said)}, issued.key))
    assert (code, found["manifest.signature"]) == (2, "unchecked")
    assert "SM2" in rows["manifest.signature"]["reason"]


# By chance

COVERED = ("audit.json", "annex.json", "checkpoint.sig.json", "checkpoint.txt", "cover-letter.pdf", "manifest.json",
           "package.json", "package.sig.json", "signature.json", "summary-sheet.pdf", "summary-sheet.xlsx")  # fmt: skip
BY_CHANCE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


def verdict(files, key, folder):
    (folder / "package.zip").write_bytes(zipped(files))
    (folder / "keys.pem").write_text(key)
    return program.verify(str(folder / "package.zip"), [str(folder / "keys.pem")])


@BY_CHANCE
@given(name=st.sampled_from(COVERED), share=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_no_changed_byte_is_ever_intact(name, share, bits, files, issued, tmp_path):
    content = bytearray(files[name])
    content[int(share * len(content))] ^= bits
    end, _, rows = verdict({**files, name: bytes(content)}, issued.pem, tmp_path)
    assert end != 0
    assert not any("出错" in row["reason"] for row in rows)


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
TREES = st.dictionaries(st.text(max_size=5), LEAVES, max_size=3) | LEAVES


@BY_CHANCE
@given(name=st.sampled_from([one for one in COVERED if "json" in one]), data=st.data())
def test_no_shape_of_json_upsets_it(name, data, files, issued, tmp_path):
    """Any part of any JSON replaced by anything: a verdict in words, and never a yes."""
    content = json.loads(files[name])
    key = data.draw(st.sampled_from(sorted(content)))
    was, content[key] = content[key], data.draw(TREES)
    bent = {**files, name: canonical(content)}
    bent = bent if name.startswith("package") else relisted(bent, issued.key)
    end, _, rows = verdict(bent, issued.pem, tmp_path)
    assert end in (1, 2) or was == content[key]
    assert not any("出错" in row["reason"] for row in rows)
