"""Canonical JSON and digests: the exact text that is hashed, signed and kept."""

from __future__ import annotations

import hashlib
import json
import unicodedata

from cryptography.hazmat.primitives import hashes


def canonical_json(value: object) -> str:
    """Return the one text for `value`: sorted keys, NFC, no spaces, no floats (TypeError; write decimals as strings)."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return _plain_dict(value)
    raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def _plain_dict(value: dict) -> dict[str, object]:
    if bad := [key for key in value if not isinstance(key, str)]:
        raise TypeError(f"keys must be text: {bad!r}")
    found = {unicodedata.normalize("NFC", key): _plain(one) for key, one in value.items()}
    if len(found) < len(value):
        raise TypeError(f"two keys become the same key: {sorted(value)!r}")
    return found


def sha256(content: str | bytes) -> str:
    return hashlib.sha256(_bytes(content)).hexdigest()


def sm3(content: str | bytes) -> str:
    """SM3 (GB/T 32905), kept beside SHA-256 so that a later change of algorithm needs no new seal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(_bytes(content))
    return digest.finalize().hex()


def _bytes(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def grouped(digest: str, groups: int = 4) -> str:
    """The first `groups` × 4 digits, upper case, for people to compare: 7F3A 92C1 D05E 88AB."""
    return " ".join(digest[start : start + 4].upper() for start in range(0, groups * 4, 4))
