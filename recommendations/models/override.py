"""A figure set by hand, against or beyond the rules: with reason, source and a second person, or not at all."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.vocabulary import Standing, Strength
from declarations.models import Track
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, PublicId, Role, Stateful


class OverrideStatus(models.TextChoices):
    PROPOSED = "proposed", "等待复核"
    IN_FORCE = "in_force", "生效"
    REFUSED = "refused", "没有同意"
    WITHDRAWN = "withdrawn", "已撤回"


LIVE = (OverrideStatus.PROPOSED, OverrideStatus.IN_FORCE)


class QuotaOverrideQuerySet(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Whoever keeps the policy above the unit, and the desks of the unit and above."""
        return scope.under("authority__path", Role.POLICY, Role.OFFICIAL, Role.SEALER)


class QuotaOverride(PublicId, Stateful):
    """How many `authority` may recommend on `track`, while this is in force. One at a time."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="quota_overrides")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="quota_overrides")
    limit = models.PositiveIntegerField("名额")
    strength = models.CharField("强弱", max_length=4, choices=Strength.choices, default=Strength.HARD)
    reason = models.CharField("理由", max_length=120)
    source = models.CharField("依据", max_length=120)
    clause = models.CharField("条款", max_length=60, blank=True)
    standing = models.CharField("核实程度", max_length=10, choices=Standing.choices, default=Standing.UNVERIFIED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)

    objects = QuotaOverrideQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "手工名额"
        constraints = (
            models.UniqueConstraint(
                fields=("track", "authority"), condition=Q(status__in=LIVE), name="one_live_quota_override"
            ),
        )

    def __str__(self) -> str:
        return f"{self.authority} {self.limit}"

    @property
    def status_label(self) -> str:
        return OverrideStatus(self.status).label
