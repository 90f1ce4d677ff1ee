"""The register of documents the system has issued: what a printed verification code leads back to."""

from __future__ import annotations

from django.db import models


class IssuedDocument(models.Model):
    """`digest` is the SHA-256 of the content the document was drawn from; `code` its first 16 hex digits."""

    code = models.CharField(max_length=16, unique=True)
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=80, db_index=True)
    digest = models.CharField(max_length=64)
    issuer = models.CharField(max_length=120)
    issued_at = models.DateTimeField()
    audit_seq = models.BigIntegerField(null=True)
    superseded_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class IssuedFile(models.Model):
    """One rendering of an issued document (PDF, xlsx …); its digest tells a genuine file from an altered one."""

    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=30)
    file = models.ForeignKey("smartfactory.StoredFile", on_delete=models.PROTECT, related_name="issued")
    toolchain = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "name"], name="issued_file_once")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.name}"
