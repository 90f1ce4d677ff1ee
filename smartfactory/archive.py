"""The file that backups and exports are written to: a zip whose bytes depend on its content alone.

Nothing in it tells when or where it was written: entries stand in the order given, uncompressed, with one fixed date.
The last entry, manifest.json, has the digest of every other; a reader checks them before it believes any.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

FORMAT = "smartfactory-archive/1"
MANIFEST = "manifest.json"
CHUNK = 1 << 20


class BadArchive(Exception):
    """A file that cannot be read in; the text says why and what to do."""


class Writer:
    """Writes entries one after the other; `finish` closes the file with the manifest."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)
        self.entries: dict[str, dict[str, Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(_info(name), "w", force_zip64=True) as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
        self.entries[name] = {"sha256": digest.hexdigest(), "size": size}

    def finish(self, **facts: object) -> None:
        text = dumps({"format": FORMAT, "entries": self.entries, **facts})
        self._zip.writestr(_info(MANIFEST), text.encode("utf-8"))
        self._zip.close()


class Reader:
    """An archive whose digests have been checked. Raises BadArchive if it is none, is cut short or was altered."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = json.loads(self._zip.read(MANIFEST))
        except OSError as error:
            raise BadArchive(f"读不到 {path}：{error.strerror}") from None
        except (zipfile.BadZipFile, KeyError, ValueError):
            raise BadArchive(f"{path} 不是本系统导出的文件，或没有传完整。请重新取得这个文件") from None
        if self.manifest.get("format") != FORMAT:
            raise BadArchive(f"{path} 的格式是 {self.manifest.get('format')}，本版本只认 {FORMAT}")
        self._check()

    def _check(self) -> None:
        entries = self.manifest["entries"]
        if set(self._zip.namelist()) != {*entries, MANIFEST}:
            raise BadArchive("文件里的条目与清单不一致，可能被改动过。请重新取得这个文件")
        for name, entry in entries.items():
            if _digest(self.chunks(name)) != entry["sha256"]:
                raise BadArchive(f"{name} 与清单里的摘要不一致，可能被改动或损坏。请重新取得这个文件")

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.manifest["entries"] if name.startswith(prefix)]

    def open(self, name: str) -> IO[bytes]:
        return self._zip.open(name)

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as source:
                yield from iter(lambda: source.read(CHUNK), b"")
        except (zipfile.BadZipFile, EOFError):
            raise BadArchive(f"{name} 已损坏。请重新取得这个文件") from None

    def close(self) -> None:
        self._zip.close()


def dumps(value: object) -> str:
    """One text per value: sorted keys, no spaces. Text is kept as it is, so that nothing changes on the way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, 0o600 << 16
    return info


def _digest(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
