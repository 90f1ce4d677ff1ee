"""Versions of the maturity standard, kept as data with their standing."""

from __future__ import annotations

from django.db import models

from assessment.vocabulary import Standing


class MaturityStandard(models.Model):
    """One version of GB/T 39116 / 39117: nodes, weights, requirements and bands as read from fixtures/maturity/."""

    code = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    active = models.BooleanField(default=False)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    definition = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-active", "-code")
        verbose_name = verbose_name_plural = "成熟度标准"
        constraints = (
            models.UniqueConstraint(fields=("active",), condition=models.Q(active=True), name="one_active_standard"),
        )

    def __str__(self) -> str:
        return self.title
