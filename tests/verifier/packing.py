"""Taking a package apart and putting it together again, as somebody would who wants to alter it."""

import base64
import hashlib
import importlib.util
import io
import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "verify_seal.py"
LISTING, LISTING_SIGNATURE = "package.json", "package.sig.json"


def load():
    """The program as a module, for what is tried a thousand times."""
    spec = importlib.util.spec_from_file_location("verify_seal", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(package, key, folder, *more):
    """(exit code, answer) of the program run alone: copied out of the repository, no path, no site, no environment."""
    alone = shutil.copy(PROGRAM, folder / "alone.py")
    (folder / "package.zip").write_bytes(package)
    (folder / "keys.pem").write_text(key)
    command = [sys.executable, "-I", "-S", alone, "package.zip", "--key", "keys.pem", "--json", *more]
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True, timeout=60, encoding="utf-8")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def unzipped(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files, **how):
    """A zip of `files`, a dict or pairs (a name may then come twice)."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", **how) as archive:
        warnings.simplefilter("ignore", UserWarning)
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return out.getvalue()


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def key_id(key):
    return hashlib.sha256(key.public_key().public_bytes_raw()).hexdigest()[:16]


def signature(key, content, named=None):
    value = base64.b64encode(key.sign(content)).decode()
    return canonical({"algorithm": "Ed25519", "key_id": named or key_id(key), "value": value})


def relisted(files, key=None, named=None):
    """The same files with a listing that fits them, signed by `key`; without one, the old signature stays."""
    listing = json.loads(files[LISTING])
    own = {LISTING, LISTING_SIGNATURE, "README.txt"}
    listing["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
        if name not in own
    }
    listing["manifest_sha256"] = hashlib.sha256(files["manifest.json"]).hexdigest()
    listing["code"] = listing["manifest_sha256"][:16].upper()
    fresh = {**files, LISTING: canonical(listing)}
    if key:
        fresh[LISTING_SIGNATURE] = signature(key, fresh[LISTING], named)
    return fresh


def changed(files, name, change):
    """With the JSON of one file changed."""
    content = json.loads(files[name])
    change(content)
    return {**files, name: canonical(content)}


def resealed(files, key, change, named=None):
    """A manifest altered and signed again, with the listing to fit: what only a holder of the key could make."""
    files = changed(files, "manifest.json", change)
    files["signature.json"] = signature(key, files["manifest.json"], named)
    return relisted(files, key, named)


def new_key():
    return Ed25519PrivateKey.generate()
