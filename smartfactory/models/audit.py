"""The audit trail: an append-only chain, its head, and its signed checkpoints. Written by smartfactory.audit alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act. `hash` covers every other column as stored, and the hash of the entry before."""

    seq = models.BigIntegerField(primary_key=True)
    stream = models.CharField(max_length=20, default="main")
    at = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    actor_label = models.CharField(max_length=80, blank=True)
    act = models.CharField(max_length=60, db_index=True)
    outcome = models.CharField(max_length=12, default="ok")
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    tenant = models.CharField(max_length=80, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    body = models.TextField(default="{}")
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        verbose_name = "审计记录"

    def __str__(self) -> str:
        return f"{self.seq} {self.act}"


class AuditHead(models.Model):
    """One row: the last link. Locked last in every transaction, so the shared lock is held briefly."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return str(self.seq)


class AuditCheckpoint(models.Model):
    """A signed statement that the chain had `size` entries ending in `hash`."""

    size = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.CharField(max_length=40)
    key_id = models.CharField(max_length=32)
    text = models.TextField()
    signature = models.TextField()

    class Meta:
        ordering = ["size"]

    def __str__(self) -> str:
        return f"{self.size} {self.hash[:12]}"
