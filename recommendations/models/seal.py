"""封存: the signed manifest of a list, and the annex with contacts that it commits to."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import models

from recommendations.models.list import RecommendationList
from smartfactory.models import IssuedDocument
from smartfactory.signing import Signature


class Seal(models.Model):
    """`manifest` and `annex` are canonical JSON texts; the digests and the signature are of exactly these bytes."""

    list = models.OneToOneField(RecommendationList, on_delete=models.PROTECT, related_name="seal")
    manifest = models.TextField()
    sha256 = models.CharField(max_length=64)
    sm3 = models.CharField(max_length=64)
    signature = models.JSONField()
    annex = models.TextField(blank=True)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()
    audit_seq = models.BigIntegerField(null=True)
    audit_hash = models.CharField(max_length=64, blank=True)
    checkpoint_size = models.BigIntegerField(null=True)
    issued = models.ForeignKey(IssuedDocument, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.sha256[:16].upper()

    @property
    def code(self) -> str:
        return self.sha256[:16].upper()

    @property
    def content(self) -> dict:
        return json.loads(self.manifest)

    @property
    def signed(self) -> Signature:
        return Signature(**self.signature)
