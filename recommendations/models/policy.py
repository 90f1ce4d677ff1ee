"""What the edition says about recommending: quotas, what reviewers tick, and how the documents look."""

from __future__ import annotations

from django.db import models

from assessment.models.conditions import Cited
from assessment.vocabulary import Strength
from declarations.models import Track
from smartfactory.models import AuthorityKind


class QuotaRule(Cited):
    """One sentence of a notice about how many may be recommended by whom.

    `criterion` names an AuthorityFact that must lie within [low, high] (open ends are null). `via` is "parent" or
    "province" where another authority recommends on its behalf; then there is no limit of its own.
    """

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="quota_rules")
    kind = models.CharField(max_length=24, choices=AuthorityKind.choices)
    limit = models.PositiveIntegerField(null=True)
    # The notice sets no number here, which is something else than a number nobody knows.
    unlimited = models.BooleanField(default=False)
    strength = models.CharField(max_length=4, choices=Strength.choices)
    criterion = models.CharField(max_length=40, blank=True)
    low = models.IntegerField(null=True)
    high = models.IntegerField(null=True)
    via = models.CharField(max_length=10, blank=True)
    basis = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "名额规则"

    def __str__(self) -> str:
        return self.basis


class QuotaExemption(Cited):
    """Whom a notice lets be recommended without taking a place, e.g. a factory that has passed its task already."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="exemptions")
    key = models.CharField(max_length=20)
    text = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "不占名额的情形"
        constraints = (models.UniqueConstraint(fields=("track", "key"), name="exemption_once_per_track"),)

    def __str__(self) -> str:
        return self.text


class ReviewCheck(Cited):
    """One thing an official ticks before a declaration qualifies. `finding` names an automatic hint, if there is one."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="review_checks")
    key = models.CharField(max_length=20)
    short = models.CharField(max_length=4)
    title = models.CharField(max_length=80)
    finding = models.CharField(max_length=20, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "形式审查项"

    def __str__(self) -> str:
        return self.title


class DocumentLayout(Cited):
    """How a document of a track reads: titles, columns, notes, copies, recipients, wording."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="layouts")
    kind = models.CharField(max_length=10)
    content = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "文书格式"
        constraints = (models.UniqueConstraint(fields=("track", "kind"), name="layout_once_per_track"),)

    def __str__(self) -> str:
        return f"{self.track_id} {self.kind}"
