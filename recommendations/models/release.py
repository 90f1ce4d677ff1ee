"""完整件调阅: leave to take papers with full contact details away, asked for by one person and given by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from declarations.models import Declaration
from recommendations.models.list import DESK, RecommendationList
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, PublicId, Stateful


class ReleaseStatus(models.TextChoices):
    ASKED = "asked", "等另一位同意"
    GIVEN = "given", "已同意"
    REFUSED = "refused", "没有同意"
    ENDED = "ended", "已收回"


LIVE = (ReleaseStatus.ASKED, ReleaseStatus.GIVEN)


class ReleaseGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """An office's own matter: the people of the desk that asks, nobody above or below."""
        return Q(authority_id__in=scope.authority_ids(*DESK))


class Release(PublicId, Stateful):
    """Leave for `asked_by` about one declaration or one sealed list; it runs out at `expires_at`."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="releases")
    declaration = models.ForeignKey(Declaration, null=True, on_delete=models.PROTECT, related_name="releases")
    list = models.ForeignKey(RecommendationList, null=True, on_delete=models.PROTECT, related_name="releases")
    reason = models.CharField("理由", max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ReleaseGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "完整件调阅"
        constraints = (
            models.CheckConstraint(
                condition=Q(declaration__isnull=True, list__isnull=False)
                | Q(declaration__isnull=False, list__isnull=True),
                name="release_about_one_thing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.what}（{self.asked_by.display}）"

    @property
    def what(self) -> str:
        """What may be taken away, in words."""
        if self.declaration_id:
            return f"{self.declaration.enterprise.name}申报书（完整联系方式）"
        return f"{self.list.authority.short_name} · {self.list.track.title}完整封存包"

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def holds(self) -> bool:
        return self.status == ReleaseStatus.GIVEN and not self.expired

    @property
    def status_label(self) -> str:
        if self.status == ReleaseStatus.GIVEN and self.expired:
            return "已到期"
        return ReleaseStatus(self.status).label
