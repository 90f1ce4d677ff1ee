"""Background jobs as rows: the database is the truth, the message queue only wakes a worker."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from smartfactory.models.base import PublicId


class JobState(models.TextChoices):
    PENDING = "pending", "排队中"
    RUNNING = "running", "正在生成"
    READY = "ready", "已生成"
    FAILED = "failed", "没有生成"
    CANCELLED = "cancelled", "已停止"


class Job(PublicId):
    """One piece of work, unique by what it works on and with; a second request finds the first."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    input_digest = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.PENDING, db_index=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    result = models.ForeignKey(
        "smartfactory.StoredFile", null=True, blank=True, on_delete=models.PROTECT, related_name="jobs"
    )
    result_name = models.CharField(max_length=160, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "input_digest"], name="job_once")]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in {JobState.READY, JobState.FAILED, JobState.CANCELLED}
