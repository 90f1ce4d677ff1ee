"""盖章扫描件: what was uploaded of the stamped paper of a sealed list, and what its pages turned out to be."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from recommendations.models.list import CLOSED, DESK, RecommendationList
from smartfactory.access import Gateway, Scope
from smartfactory.models import Job, PublicId, StoredFile


class ScanVerdict(models.TextChoices):
    WHOLE = "whole", "页面齐全，画面一致"
    DOUBTS = "doubts", "页面齐全，有画面要看"
    FAULTY = "faulty", "页面有问题"


class ScanGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """As the list: its own officials, and those above once it is sealed."""
        own = Q(list__authority_id__in=scope.authority_ids(*DESK))
        return own | (scope.under("list__authority__path", *DESK) & Q(list__status__in=CLOSED))


class StampedScan(PublicId):
    """One upload; a later one stands beside it. `findings` is written once, by the job that read the pages."""

    list = models.ForeignKey(RecommendationList, on_delete=models.PROTECT, related_name="scans")
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField()
    findings = models.JSONField(default=dict)
    verdict = models.CharField(max_length=10, blank=True, choices=ScanVerdict.choices)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = ScanGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "盖章扫描件"

    def __str__(self) -> str:
        return f"{self.list_id} {self.created_at:%Y-%m-%d}"


class ScanFile(models.Model):
    """One uploaded file of a scan, or (`place` 0) a page of it with what differs marked."""

    scan = models.ForeignKey(StampedScan, on_delete=models.PROTECT, related_name="files")
    place = models.PositiveIntegerField()
    page = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=160)
    pages = models.PositiveIntegerField(default=1)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="scans")

    class Meta:
        ordering = ("place", "page")
        constraints = (models.UniqueConstraint(fields=("scan", "place", "page"), name="scan_file_once"),)

    def __str__(self) -> str:
        return self.name
