"""定稿内容: what was submitted, frozen word for word."""

from __future__ import annotations

import json
from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q, received_q
from smartfactory.access import Gateway, Scope
from smartfactory.models import IssuedDocument, StoredFile


class RevisionGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """As the declaration: own people always, officials of the receiving line while it is not withdrawn."""
        return own_q(scope, "declaration__") | received_q(scope, "declaration__")


class Revision(models.Model):
    """`payload` is the canonical JSON text itself; both digests are of exactly these bytes."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    payload = models.TextField()
    sha256 = models.CharField(max_length=64, db_index=True)
    sm3 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    deadline_clause = models.CharField(max_length=60, blank=True)
    audit_seq = models.BigIntegerField(null=True)
    audit_hash = models.CharField(max_length=64, blank=True)
    issued = models.ForeignKey(IssuedDocument, null=True, on_delete=models.PROTECT, related_name="+")
    files = models.ManyToManyField(StoredFile, related_name="revisions")

    objects = RevisionGateway.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "定稿"
        constraints = (models.UniqueConstraint(fields=("declaration", "number"), name="revision_once"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} 第 {self.number} 版"

    @cached_property
    def content(self) -> dict:
        """The payload as values, parsed once."""
        return json.loads(self.payload)

    @property
    def code(self) -> str:
        return self.issued.code if self.issued else ""
