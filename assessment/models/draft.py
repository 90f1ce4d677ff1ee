"""An edition while it is being written at the policy desk: its chapters as the texts that would stand in its files."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from assessment.models.edition import Edition
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, PublicId, Role, Stateful


class DraftStatus(models.TextChoices):
    DRAFTING = "drafting", "起草中"
    PROPOSED = "proposed", "等待复核"
    PUBLISHED = "published", "已发布"
    DISCARDED = "discarded", "已作废"


class EditionDraftQuerySet(Gateway):
    def visible_q(self, scope: Scope) -> models.Q:
        """Those who keep the policy of the unit it is written for, or of a unit above."""
        return scope.under("authority__path", Role.POLICY)


class EditionDraft(PublicId, Stateful):
    """A new edition, or the correction of a published one (`amends`), until a second person publishes it.

    `base` is what it was cloned from. An amendment says from which date, why, and which paper says so; it stays as the
    record of itself, with the content before it.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="edition_drafts")
    code = models.CharField("版次", max_length=20)
    title = models.CharField("名称", max_length=120)
    base = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="clones")
    amends = models.ForeignKey(Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="amendments")
    dated = models.DateField("更正日期", null=True, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    paper = models.CharField("依据", max_length=200, blank=True)
    before = models.JSONField("更正前的内容", default=dict, blank=True)
    before_digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = EditionDraftQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = verbose_name_plural = "版次草案"
        constraints = (
            models.UniqueConstraint(
                fields=("code",),
                condition=models.Q(status__in=("drafting", "proposed")),
                name="one_open_draft_per_edition",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        return self.status == DraftStatus.DRAFTING

    @property
    def status_label(self) -> str:
        return DraftStatus(self.status).label


class DraftChapter(models.Model):
    """One chapter of a draft, exactly as its file would read. `version` counts its changes."""

    draft = models.ForeignKey(EditionDraft, on_delete=models.CASCADE, related_name="chapters")
    name = models.CharField(max_length=20)
    text = models.TextField()
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "版次草案的一章"
        constraints = (models.UniqueConstraint(fields=("draft", "name"), name="chapter_once_per_draft"),)

    def __str__(self) -> str:
        return self.name
