"""Abstract bases shared by all floors."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models


def random_id() -> str:
    """128 random bits as 32 hex digits: public ids can be neither guessed nor counted."""
    return secrets.token_hex(16)


class PublicId(models.Model):
    """A row that is addressed from outside by a random id, never by its primary key."""

    public_id = models.CharField(max_length=32, unique=True, default=random_id, editable=False)

    class Meta:
        abstract = True


class Stateful(models.Model):
    """A row whose status is written by workflow.fire() alone, guarded by a version counter."""

    status = models.CharField(max_length=20, db_index=True)
    version = models.PositiveIntegerField(default=1)
    status_act = models.CharField(max_length=40, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    status_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
