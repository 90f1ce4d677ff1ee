"""Words that stay as they were written: what people say to each other on the record."""

from __future__ import annotations

from typing import Any

from django.db import models

from smartfactory.access import Gateway
from smartfactory.canonical import sha256
from smartfactory.models.base import random_id


class AlteredError(RuntimeError):
    """Somebody tried to change or remove what was said."""


class AppendOnlyGateway(Gateway):
    """Rows that are added and read, never changed or removed."""

    def update(self, **values: Any) -> int:
        raise AlteredError("写下的话不能改。要更正，请再写一条")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AlteredError("写下的话不能删。要更正，请再写一条")


class AppendOnly(models.Model):
    """`digest` goes into the audit trail in place of the words; the salt keeps short words from being guessed by it."""

    text = models.TextField()
    salt = models.CharField(max_length=32, default=random_id, editable=False)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AlteredError("写下的话不能改。要更正，请再写一条")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AlteredError("写下的话不能删。要更正，请再写一条")

    @property
    def digest(self) -> str:
        return sha256(f"{self.salt}\n{self.text}")
