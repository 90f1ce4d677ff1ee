"""延期（补报口令）: one enterprise may file later than everybody else, with a reason, a basis and a second person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.campaign import Track
from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise, PublicId, Role, Stateful


class ExtensionStatus(models.TextChoices):
    PROPOSED = "proposed", "等待复核"
    IN_FORCE = "in_force", "已生效"
    REFUSED = "refused", "没有同意"
    WITHDRAWN = "withdrawn", "已撤回"


LIVE = (ExtensionStatus.PROPOSED, ExtensionStatus.IN_FORCE)


class ExtensionGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """The desks of the line that receives the enterprise's declarations."""
        desk = (Role.OFFICIAL, Role.SEALER)
        return scope.under("enterprise__authority__path", *desk) | scope.under("enterprise__soe__path", *desk)


class Extension(PublicId, Stateful):
    """Until when `enterprise` may file on `track`, while this is in force. One at a time."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="extensions")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="extensions")
    until = models.DateTimeField("延到")
    reason = models.CharField("理由", max_length=200)
    clause = models.CharField("依据", max_length=60)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)

    objects = ExtensionGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "延期"
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "track"), condition=Q(status__in=LIVE), name="one_live_extension"
            ),
        )

    def __str__(self) -> str:
        return f"{self.enterprise} {self.track}"

    @property
    def status_word(self) -> str:
        return ExtensionStatus(self.status).label
