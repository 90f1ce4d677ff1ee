"""Signatures over canonical text. Built in: Ed25519, keys as files outside the database.

A compliant e-seal or SM2 service is another `Signer`, chosen by the setting SIGNER (a dotted path).
"""

from __future__ import annotations

import base64
import functools
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.module_loading import import_string

from smartfactory.canonical import sha256


@dataclass(frozen=True)
class Signature:
    algorithm: str
    key_id: str
    value: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


class Signer(Protocol):
    """What a signing service must offer; `verify` returns False for any text, key or value that does not match."""

    def sign(self, text: str) -> Signature: ...

    def verify(self, text: str, signature: Signature) -> bool: ...


class Ed25519Signer:
    """Signs with KEYS_ROOT/seal.pem; verifies with any KEYS_ROOT/*.pub, so old seals outlive a change of key."""

    algorithm = "Ed25519"

    def sign(self, text: str) -> Signature:
        key = private_key()
        value = base64.b64encode(key.sign(text.encode("utf-8"))).decode("ascii")
        return Signature(self.algorithm, key_id(key.public_key()), value)

    def verify(self, text: str, signature: Signature) -> bool:
        public = public_keys().get(signature.key_id)
        if public is None or signature.algorithm != self.algorithm:
            return False
        try:
            public.verify(base64.b64decode(signature.value, validate=True), text.encode("utf-8"))
        except (InvalidSignature, ValueError):
            return False
        return True


def signer() -> Signer:
    return import_string(getattr(settings, "SIGNER", "smartfactory.signing.Ed25519Signer"))()


def sign(text: str) -> Signature:
    return signer().sign(text)


def verify(text: str, signature: Signature) -> bool:
    return signer().verify(text, signature)


def key_id(public: Ed25519PublicKey) -> str:
    return sha256(public.public_bytes_raw())[:16]


def private_key() -> Ed25519PrivateKey:
    """The signing key; made once, readable by its owner alone. Its public half always lies beside it."""
    path = Path(settings.KEYS_ROOT) / "seal.pem"
    if not path.exists():
        _make_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    _publish(key.public_key(), path.parent)
    return key


def public_keys() -> dict[str, Ed25519PublicKey]:
    """Every key this installation has signed with, by id."""
    return _read_public_keys(_listing(Path(settings.KEYS_ROOT)))


def public_pem(identifier: str) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return public_keys()[identifier].public_bytes(encoding, form).decode("ascii")


def fingerprint(public: Ed25519PublicKey) -> str:
    """What two people compare over the telephone; the key's id is its beginning."""
    return sha256(public.public_bytes_raw())


def public_pems() -> str:
    """Every public key as text, each below its id and fingerprint."""
    return "".join(
        f"# {identifier}  SHA-256 {fingerprint(key)}\n{public_pem(identifier)}"
        for identifier, key in sorted(public_keys().items())
    )


def _listing(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((str(path), path.stat().st_mtime_ns) for path in sorted(folder.glob("*.pub")))


@functools.lru_cache(maxsize=4)
def _read_public_keys(listing: tuple[tuple[str, int], ...]) -> dict[str, Ed25519PublicKey]:
    keys = [serialization.load_pem_public_key(Path(name).read_bytes()) for name, _ in listing]
    return {key_id(key): key for key in keys}


def _make_key(path: Path) -> None:
    """Write the key under a temporary name and link it in place: of two first starts, one wins and both agree."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    draft = _write_draft(path, pem, 0o400)
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _publish(public: Ed25519PublicKey, folder: Path) -> None:
    """Keep the public key under its id, unless it is there: a crash after the first signature must not lose it."""
    path = folder / f"{key_id(public)}.pub"
    if path.exists():
        return
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    os.replace(_write_draft(path, public.public_bytes(encoding, form), 0o644), path)


def _write_draft(path: Path, content: bytes, mode: int) -> Path:
    draft = path.with_suffix(f".{secrets.token_hex(8)}.tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
