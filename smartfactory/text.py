"""Text as people typed it, made safe to store, hash and print."""

from __future__ import annotations

import re
import unicodedata

# Control characters no document can carry, lone surrogates, and marks that reorder what the reader sees.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Return `text` in NFC with Unix line ends, without characters that cannot be stored or printed truthfully."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))


def excess(count: int, most: int) -> str:
    """What to say of a text of `count` characters where `most` are taken; empty where it fits. Nothing is ever cut."""
    return f"超出 {count - most} 字。请删减到 {most} 字以内" if count > most else ""


def count_chars(text: str) -> int:
    """Characters the way paper forms count them: everything but white space."""
    return sum(map(len, text.split()))
