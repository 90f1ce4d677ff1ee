"""评审材料包: a sealed list's documents merged for reviewers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from recommendations.models.list import DESK, RecommendationList, no_rows
from smartfactory.access import Gateway, Scope
from smartfactory.models import Job, PublicId, Role


class PacketGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """The list's officials, those above, and reviewers of the authority whose list it is or of one above."""
        return scope.under("list__authority__path", *DESK, Role.REVIEWER)


class Packet(PublicId):
    """What was asked for; the job holds the progress, the parts that could not be included, and the result."""

    list = models.ForeignKey(RecommendationList, on_delete=models.PROTECT, related_name="packets")
    title = models.CharField(max_length=160)
    ranks = models.JSONField(default=no_rows)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    failures = models.JSONField(default=no_rows)
    pages = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = PacketGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "评审材料包"

    def __str__(self) -> str:
        return self.title

    @property
    def expired(self) -> bool:
        return self.expires_at <= timezone.now()
