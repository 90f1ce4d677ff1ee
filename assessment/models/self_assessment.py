"""An enterprise's own answers to the conditions of an edition."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.models.edition import Edition
from assessment.vocabulary import TARGETS
from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise, PublicId, Role


class SelfAssessmentGateway(Gateway):
    """A self-assessment is the enterprise's own paper: nobody outside it sees one."""

    def visible_q(self, scope: Scope) -> Q:
        return Q(enterprise_id__in=scope.enterprise_ids(Role.PREPARER, Role.SIGNATORY, Role.READER))


class SelfAssessment(PublicId):
    """One round of self-assessment. `facts` has the shape of the contract; `version` guards against lost answers."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="self_assessments")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="self_assessments")
    target = models.CharField("目标层级", max_length=10, choices=TARGETS)
    round = models.PositiveSmallIntegerField("第几次", default=1)
    facts = models.JSONField(default=dict)
    maturity_source = models.CharField("成熟度等级的来源", max_length=120, blank=True)
    maturity_date = models.DateField("成熟度评估日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = SelfAssessmentGateway.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = verbose_name_plural = "自评"
        constraints = (
            models.UniqueConstraint(fields=("enterprise", "edition", "round"), name="round_once_per_edition"),
        )

    def __str__(self) -> str:
        return f"{self.enterprise} {self.edition_id} 第 {self.round} 次自评"
