"""An enterprise's own rounds of maturity pre-assessment, and the results that assessors gave it."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessment.maturing.book import level_word
from assessment.models.maturity import MaturityStandard
from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise, PublicId, Role, Stateful, StoredFile


class OwnGateway(Gateway):
    """Papers of the enterprise alone: nobody outside it sees one."""

    def visible_q(self, scope: Scope) -> Q:
        return Q(enterprise_id__in=scope.enterprise_ids(Role.PREPARER, Role.SIGNATORY, Role.READER))


class AttemptStatus(models.TextChoices):
    DRAFT = "draft", "作答中"
    FINISHED = "finished", "已完成"
    DROPPED = "dropped", "已作废"


class MaturityAttempt(PublicId, Stateful):
    """One round of pre-assessment. `definition` is the standard as it read when the round began: later corrections
    of the data change no round under way or finished. `result` is written once, when it is finished."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="maturity_attempts")
    standard = models.ForeignKey(MaturityStandard, on_delete=models.PROTECT, related_name="attempts")
    definition = models.JSONField()
    kind = models.CharField("制造类型", max_length=20)
    kind_name = models.CharField("制造类型的名称", max_length=20)
    factory = models.CharField("工厂", max_length=80, blank=True)
    round = models.PositiveSmallIntegerField("第几次")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    result = models.JSONField(null=True, blank=True)
    score = models.CharField("总分", max_length=60, blank=True)
    level = models.PositiveSmallIntegerField("等级", null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = OwnGateway.as_manager()

    class Meta:
        ordering = ("-round",)
        verbose_name = verbose_name_plural = "成熟度预评"
        constraints = (models.UniqueConstraint(fields=("enterprise", "round"), name="maturity_round_once"),)

    def __str__(self) -> str:
        return f"{self.enterprise} 第 {self.round} 次成熟度预评"

    @property
    def level_word(self) -> str:
        return level_word(self.level or 0)


class SubdomainAnswers(models.Model):
    """The answers to one sub-domain, kept and guarded on their own, so that colleagues can share the work.

    `marks` maps "level.position" to a mark of the scale as text; `notes` what the mark rests on.
    """

    attempt = models.ForeignKey(MaturityAttempt, on_delete=models.CASCADE, related_name="answers")
    code = models.CharField("子域", max_length=20)
    marks = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    cut = models.BooleanField("裁剪", default=False)
    cut_reason = models.CharField("裁剪理由", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "成熟度子域作答"
        constraints = (models.UniqueConstraint(fields=("attempt", "code"), name="subdomain_once"),)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.code}"


class ReportStatus(models.TextChoices):
    RECORDED = "recorded", "已登记"
    WITHDRAWN = "withdrawn", "已撤下"


class MaturityReport(PublicId, Stateful):
    """A result that an assessment body or platform gave; the enterprise records it with the report as evidence."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="maturity_reports")
    body = models.CharField("评估机构或平台", max_length=80)
    score = models.DecimalField("得分", max_digits=4, decimal_places=2, null=True, blank=True)
    level = models.PositiveSmallIntegerField("等级")
    assessed_on = models.DateField("评估日期")
    valid_until = models.DateField("有效期到", null=True, blank=True)
    number = models.CharField("报告编号", max_length=60)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField("文件名", max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_reason = models.CharField("撤下的理由", max_length=200, blank=True)

    objects = OwnGateway.as_manager()

    class Meta:
        ordering = ("-assessed_on", "-pk")
        verbose_name = verbose_name_plural = "成熟度评估结果"

    def __str__(self) -> str:
        return f"{self.body} {self.number}"

    @property
    def level_word(self) -> str:
        return level_word(self.level)

    def expired(self, today: date | None = None) -> bool:
        """Whether the report itself says that it is no longer valid; without such a date nobody knows."""
        return self.valid_until is not None and self.valid_until < (today or timezone.localdate())
