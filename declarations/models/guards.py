"""The last-resort refusal: what was submitted cannot be changed by any code path, whatever the page forgot to check."""

from __future__ import annotations

from typing import Any

from django.db import models

from declarations.vocabulary import EDITABLE
from smartfactory.access import Gateway


class LateChangeError(RuntimeError):
    """Somebody tried to change the content of a declaration that is no longer the enterprise's to change."""


class ContentQuerySet(Gateway):
    """Rows that are part of a declaration's content."""

    def _refuse_late(self) -> None:
        if self.exclude(declaration__status__in=EDITABLE).exists():
            raise LateChangeError("申报书已提交，内容不能再改")

    def update(self, **values: Any) -> int:
        self._refuse_late()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_late()
        return super().delete()

    def write(self, **values: Any) -> int:
        """Update in one statement that itself asks whether the declaration may still be changed."""
        return models.QuerySet.update(self.filter(declaration__status__in=EDITABLE), **values)


class Content(models.Model):
    """A row of a declaration's content; saving or deleting it looks at the declaration's status in the database."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._refuse_late()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self._refuse_late()
        return super().delete(*args, **kwargs)

    def _refuse_late(self) -> None:
        from declarations.models.declaration import Declaration

        if not Declaration.objects.filter(pk=self.declaration_id, status__in=EDITABLE).exists():
            raise LateChangeError("申报书已提交，内容不能再改")
