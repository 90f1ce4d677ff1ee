"""Of the libraries that npm fetches, only the files the pages name become static files.

Bootstrap alone brings forty variants of itself; hashing and compressing them all would take most of a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.staticfiles.finders import FileSystemFinder
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Static files under their hashed names, each address worked out once per process."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        if force or settings.DEBUG:
            return super().url(name, force)
        if (known := self._addresses.get(name)) is None:
            known = self._addresses[name] = super().url(name)
        return known


class VendorFinder(FileSystemFinder):
    """Like Django's own for STATICFILES_DIRS, but of a folder with a prefix it lists the files of VENDOR_FILES."""

    def list(self, ignore_patterns: Iterable[str]) -> Iterator[tuple[str, Storage]]:
        for path, storage in super().list(ignore_patterns):
            prefix = getattr(storage, "prefix", None)
            if not prefix or f"{prefix}/{path}" in settings.VENDOR_FILES:
                yield path, storage
