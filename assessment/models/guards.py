"""A published edition cannot change: the last-resort refusal for every row that belongs to one.

The loader writes rows while the edition is still a draft and publishes it last. The one way around this is a dated
amendment of two people (`assessment/drafting/amending.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


class PublishedError(RuntimeError):
    """Somebody tried to change a row of a published edition."""


def refuse_if(published: bool, what: str) -> None:
    if published:
        raise PublishedError(f"{what}属于已发布的版次，不能修改；请另建版次")


class EditionRowQuerySet(models.QuerySet):
    """Refuses bulk writes that touch rows of a published edition."""

    def _refuse_published(self) -> None:
        published = self.filter(**{f"{self.model.edition_path}__status": "published"}).exists()
        refuse_if(published, self.model._meta.verbose_name)

    def update(self, **values: Any) -> int:
        self._refuse_published()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_published()
        return super().delete()

    def bulk_create(self, objs: Iterable[models.Model], *args: Any, **kwargs: Any) -> list:
        rows = list(objs)
        for edition in {row.own_edition() for row in rows}:
            refuse_if(edition.is_published(), self.model._meta.verbose_name)
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[models.Model], *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        self.model._default_manager.filter(pk__in=[row.pk for row in rows])._refuse_published()
        return super().bulk_update(rows, *args, **kwargs)


class EditionRow(models.Model):
    """A row of policy. `edition_path` is the lookup that leads from the row to its edition."""

    edition_path = "edition"

    objects = EditionRowQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_if(self.own_edition().is_published(), self._meta.verbose_name)
        if self.pk:
            type(self)._default_manager.filter(pk=self.pk)._refuse_published()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        refuse_if(self.own_edition().is_published(), self._meta.verbose_name)
        return super().delete(*args, **kwargs)

    def own_edition(self) -> Any:
        """The edition this row belongs to, following `edition_path`."""
        found: Any = self
        for step in self.edition_path.split("__"):
            found = getattr(found, step)
        return found
