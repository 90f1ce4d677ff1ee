"""Ways of altering a package, each found by the program; and changes that harm nothing, which are not reported."""

import base64
import json
import zipfile

import pytest

from tests.verifier import packing
from tests.verifier.packing import canonical, changed, relisted, resealed, unzipped, zipped

# The first test makes the packages.
pytestmark = pytest.mark.django_db


def text_of_entry(files, change):
    """With the text of the seal's audit entry changed, its hash as it was."""

    def alter(trail):
        said = json.loads(trail["entries"][0]["text"])
        change(said)
        trail["entries"][0]["text"] = canonical(said).decode()

    return changed(files, "audit.json", alter)


def entries(change):
    return lambda files: changed(files, "manifest.json", lambda sealed: change(sealed["entries"]))


def swap_ranks(rows):
    rows[0]["rank"], rows[1]["rank"] = rows[1]["rank"], rows[0]["rank"]


def set_in(row, **values):
    return lambda rows: rows[row].update(values)


def without(name):
    return lambda files: {one: content for one, content in files.items() if one != name}


def with_file(name, content):
    return lambda files: {**files, name: content(files) if callable(content) else content}


def flipped(name):
    def flip(files):
        content = bytearray(files[name])
        content[len(content) // 2] ^= 1
        return {**files, name: bytes(content)}

    return flip


def cut_signature(files):
    def cut(said):
        said["value"] = base64.b64encode(base64.b64decode(said["value"])[:60]).decode()

    return changed(files, "signature.json", cut)


def declaration(files):
    return next(name for name in sorted(files) if name.startswith("declarations/"))


# What a stranger without the key could do: (alteration, the checks that must not hold).
STRANGERS = {
    "an enterprise of the list": (entries(set_in(0, enterprise="另一家公司")), {"manifest.signature", "manifest.code"}),
    "one character of the manifest": (flipped("manifest.json"), {"manifest.signature", "file:manifest.json"}),
    "the manifest written prettily": (
        with_file("manifest.json", lambda files: json.dumps(json.loads(files["manifest.json"]), indent=1).encode()),
        {"manifest.signature"},
    ),
    "two ranks swapped": (entries(swap_ranks), {"manifest.ranks", "manifest.signature"}),
    "one entry fewer": (entries(lambda rows: rows.pop()), {"manifest.signature", "audit.entry"}),
    "one entry doubled": (entries(lambda rows: rows.append(rows[0])), {"manifest.ranks", "manifest.revisions"}),
    "a contact in the annex": (
        lambda files: changed(files, "annex.json", lambda annex: annex["contacts"]["1"].reverse()),
        {"part:annex.json", "file:annex.json"},
    ),
    "the actor of the audit entry": (
        lambda files: text_of_entry(files, lambda said: said.update(actor_label="别人")),
        {"audit.entry", "audit.chain"},
    ),
    "the previous hash of the audit entry": (
        lambda files: text_of_entry(files, lambda said: said.update(prev="0" * 64)),
        {"audit.entry", "audit.chain"},
    ),
    "the hash of the audit entry": (
        lambda files: changed(files, "audit.json", lambda trail: trail["entries"][0].update(hash="0" * 64)),
        {"audit.entry"},
    ),
    "the checkpoint": (flipped("checkpoint.txt"), {"checkpoint.signature", "audit.chain"}),
    "the signature of the checkpoint": (flipped("checkpoint.sig.json"), {"file:checkpoint.sig.json"}),
    "a sheet replaced": (with_file("summary-sheet.pdf", b"%PDF-1.7"), {"file:summary-sheet.pdf"}),
    "one byte of the workbook": (flipped("summary-sheet.xlsx"), {"file:summary-sheet.xlsx"}),
    "the letter removed": (without("cover-letter.pdf"), {"file:cover-letter.pdf"}),
    "the annex removed": (without("annex.json"), {"file:annex.json"}),
    "the signature removed": (without("signature.json"), {"manifest.signature"}),
    "the signature of the listing removed": (without("package.sig.json"), {"listing.signature"}),
    "the trail removed": (without("audit.json"), {"audit.entry"}),
    "a file more": (with_file("stamped.pdf", b"%PDF-1.7"), {"file:stamped.pdf"}),
    "the signature cut short": (cut_signature, {"manifest.signature"}),
    "a sheet replaced, the listing to fit": (
        lambda files: relisted({**files, "summary-sheet.pdf": b"%PDF-1.7"}),
        {"listing.signature"},
    ),
    "the size in the listing": (
        lambda files: changed(files, "package.json", lambda said: said["files"]["annex.json"].update(size=1)),
        {"listing.signature"},
    ),
    "a filed content": (lambda files: flipped(declaration(files))(files), set()),
}


def against(status, found):
    return {name for name, one in found.items() if one == status}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_a_stranger_alters_is_found(name, files, check):
    alter, wrong = STRANGERS[name]
    code, found, _ = check(alter(files))
    assert code == 1
    assert wrong <= against("altered", found)
    assert against("altered", found)


# What is found even if the listing has been signed again, as by an application that was deceived.
DECEIVED = {
    "an enterprise of the list": {"manifest.signature", "audit.entry"},
    "two ranks swapped": {"manifest.ranks", "manifest.signature"},
    "one entry fewer": {"manifest.signature", "audit.entry"},
    "a contact in the annex": {"part:annex.json"},
    "the actor of the audit entry": {"audit.entry", "audit.chain"},
    "the previous hash of the audit entry": {"audit.entry", "audit.chain"},
    "the checkpoint": {"checkpoint.signature", "audit.chain"},
    "the trail removed": {"audit.entry", "audit.chain"},
    "the signature removed": {"manifest.signature"},
    "the signature cut short": {"manifest.signature"},
}


@pytest.mark.parametrize("name", DECEIVED)
def test_what_a_deceived_application_lists_is_found_still(name, files, check, issued):
    alter, _ = STRANGERS[name]
    code, found, _ = check(relisted(alter(files), issued.key))
    assert code == 1
    assert found["listing.signature"] == "passed"
    assert against("altered", found) >= DECEIVED[name]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("signature.json", "manifest.signature"),
        ("checkpoint.sig.json", "checkpoint.signature"),
        ("audit.json", "audit.entry"),
        ("checkpoint.txt", "audit.chain"),
        ("annex.json", "part:annex.json"),
        ("summary-sheet.pdf", "part:summary-sheet.pdf"),
        ("summary-sheet.xlsx", "part:summary-sheet.xlsx"),
        ("cover-letter.pdf", "part:cover-letter.pdf"),
    ],
)
def test_parts_of_another_list_are_found(name, wrong, files, check, issued):
    """Genuine each, signed by the same key, but of another list; a later and an older checkpoint alike."""
    code, found, _ = check(relisted({**files, name: unzipped(issued.other)[name]}, issued.key))
    assert (code, found[wrong]) == (1, "altered")


def test_an_older_checkpoint_with_its_own_signature_is_found(files, check, issued):
    other = unzipped(issued.other)
    older = {name: files[name] for name in ("checkpoint.txt", "checkpoint.sig.json")}
    code, found, _ = check(relisted({**other, **older}, issued.key))
    assert (code, found["checkpoint.signature"], found["audit.chain"]) == (1, "passed", "altered")


def test_a_filed_content_that_is_not_the_sealed_one_is_found(files, check, issued):
    name = declaration(files)
    bent = relisted(flipped(name)(files), issued.key)
    assert check(bent)[1][f"part:{name}"] == "altered"
    foreign = relisted({**files, "declarations/none-1.json": b"{}"}, issued.key)
    assert check(foreign)[1]["part:declarations/none-1.json"] == "altered"


def test_a_key_swapped_is_never_intact(files, check):
    """All signed anew by somebody else: under his own name it cannot be checked, under ours it does not hold."""
    stranger = packing.new_key()
    ours = json.loads(files["signature.json"])["key_id"]
    own = resealed(files, stranger, lambda sealed: sealed.update(sealed_by="别人"))
    code, found, _ = check(own)
    assert (code, found["manifest.signature"], found["listing.signature"]) == (1, "unchecked", "unchecked")
    false = resealed(files, stranger, lambda sealed: sealed.update(sealed_by="别人"), ours)
    code, found, _ = check(false)
    assert (code, found["manifest.signature"], found["listing.signature"]) == (1, "altered", "altered")


def test_another_installations_key_cannot_check(issued, check):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = packing.new_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    code, found, rows = check(issued.full, public)
    assert (code, found["manifest.signature"]) == (2, "unchecked")
    assert "不是给出的公钥" in rows["manifest.signature"]["reason"]
    assert check(issued.full, public + issued.pem)[0] == 0


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda sealed: sealed["quota"].update(limit=1), "manifest.limit"),
        (lambda sealed: swap_ranks(sealed["entries"]), "manifest.ranks"),
        (lambda sealed: sealed["entries"][0].update(rank=True), "manifest.ranks"),
        (lambda sealed: sealed["entries"][0].pop("sha256"), "manifest.revisions"),
        (lambda sealed: sealed["entries"][0].update(declaration=sealed["entries"][1]["declaration"]), "manifest.revisions"),
        (lambda sealed: sealed.update(list="0" * 32), "manifest.code"),
        (lambda sealed: sealed.update(entries="none"), "manifest.ranks"),
    ],
)  # fmt: skip
def test_a_content_that_cannot_be_is_found_whoever_signed_it(change, wrong, files, check, issued):
    code, found, _ = check(resealed(files, issued.key, change))
    assert (code, found["manifest.signature"], found[wrong]) == (1, "passed", "altered")


def test_places_that_do_not_count_and_limits_not_stated(files, check, issued):
    def exempt(sealed):
        sealed["quota"]["limit"] = 1
        sealed["entries"][0]["exempt"] = "第三条"

    assert check(resealed(files, issued.key, exempt))[1]["manifest.limit"] == "passed"
    unstated = resealed(files, issued.key, lambda sealed: sealed["quota"].update(limit=None))
    assert check(unstated)[1]["manifest.limit"] == "unchecked"


# Harmless


def later(files):
    """The same files, newly dated, in another order, compressed, with a folder of its own."""
    pairs = [(zipfile.ZipInfo(name, (2031, 2, 3, 4, 5, 6)), content) for name, content in reversed(files.items())]
    return zipped([*pairs, ("declarations/", b"")], compression=zipfile.ZIP_DEFLATED)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: zipped(dict(reversed(files.items())), compression=zipfile.ZIP_DEFLATED, compresslevel=9),
        later,
        lambda files: zipped({**files, "README.txt": files["README.txt"].replace(b"\r\n", b"\n\n") + b"!"}),
        lambda files: zipped(without("README.txt")(files)),
    ],
    ids=["order and compression", "dates and folders", "readme rewritten", "readme removed"],
)
def test_what_harms_nothing_is_not_reported(change, files, check):
    code, found, _ = check(change(files))
    assert code == 0
    assert against("altered", found) == set()
    assert against("unchecked", found) == {"README.txt"}


def test_a_part_withheld_from_the_listing_is_withheld_in_words(files, check, issued):
    """Only a signed listing may say that something was left out; then it is said, and nothing passes for it."""
    fewer = without("annex.json")(files)
    code, found, rows = check(changed(fewer, "package.json", lambda said: said["files"].pop("annex.json")))
    assert (code, found["listing.signature"]) == (1, "altered")
    code, found, _ = check(issued.usual)
    assert (code, found["part:annex.json"], found["part:declarations"]) == (0, "unchecked", "unchecked")
    assert rows["README.txt"]["words"] == "没有核对"
