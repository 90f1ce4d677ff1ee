"""Files by content: a digest names the bytes, so equal content is stored once and no byte can change unnoticed."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:12]

    @property
    def path(self) -> Path:
        return Path(settings.FILES_ROOT) / self.digest[:2] / self.digest[2:4] / self.digest

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def read(self) -> bytes:
        return self.path.read_bytes()
