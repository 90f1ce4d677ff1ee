"""Facts about authorities that quotas are computed from, and caps an authority sets for the units below it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.vocabulary import Standing, Strength
from declarations.models import Track
from smartfactory.models import Authority, AuthorityKind


class AuthorityFact(models.Model):
    """A recorded criterion, e.g. the rank of industrial value-added: known as a range, null where unknown."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="facts")
    key = models.CharField(max_length=40)
    low = models.IntegerField(null=True)
    high = models.IntegerField(null=True)
    source = models.CharField(max_length=200, blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    # Recorded by a person, who knows better than the files.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("authority", "key"), name="fact_once_per_authority"),)

    def __str__(self) -> str:
        return f"{self.authority_id} {self.key}"


class LocalQuota(models.Model):
    """A cap set by `parent` for units of `kind` below it, or for one of them by name."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="local_quotas")
    parent = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="quotas_set")
    kind = models.CharField(max_length=24, choices=AuthorityKind.choices)
    authority = models.ForeignKey(
        Authority, null=True, blank=True, on_delete=models.CASCADE, related_name="quotas_received"
    )
    limit = models.PositiveIntegerField()
    strength = models.CharField(max_length=4, choices=Strength.choices)
    basis = models.CharField(max_length=200)
    clause = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=200, blank=True)
    standing = models.CharField(max_length=10, choices=Standing.choices)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("track", "parent", "kind", "authority"), name="local_quota_once"),
            models.UniqueConstraint(
                fields=("track", "parent", "kind"), condition=Q(authority=None), name="local_quota_default_once"
            ),
        )

    def __str__(self) -> str:
        return self.basis
