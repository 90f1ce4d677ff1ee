"""现场核查: what is looked at (data of the edition), whom the sample drew, who went, and what they found."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.models.conditions import Cited
from declarations.models import Declaration, Track
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, IssuedDocument, PublicId, Role, Stateful, StoredFile

DESK = (Role.OFFICIAL, Role.SEALER)
STRATA = {"none": "不分层", "unit": "按受理单位分层", "industry": "按行业分层"}


class OnsiteRule(Cited):
    """How a sample is drawn on a track: a share or a number of each stratum, and no fewer than `least`."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="onsite_rules")
    percent = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveSmallIntegerField(null=True)
    least = models.PositiveSmallIntegerField(default=0)
    strata = models.CharField(max_length=10, choices=list(STRATA.items()))

    class Meta:
        verbose_name = verbose_name_plural = "抽查规则"
        constraints = (models.UniqueConstraint(fields=("track",), name="onsite_rule_once_per_track"),)

    def __str__(self) -> str:
        share = f"每层抽 {self.percent}%" if self.percent is not None else f"每层抽 {self.number} 个"
        return f"{share}，不少于 {self.least} 个，{self.get_strata_display()}"


class OnsiteItem(Cited):
    """One line of the checklist."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="onsite_items")
    key = models.CharField(max_length=20)
    title = models.CharField(max_length=80)
    content = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "现场核查项"
        constraints = (models.UniqueConstraint(fields=("track", "key"), name="onsite_item_once_per_track"),)

    def __str__(self) -> str:
        return self.title


class DrawGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """The desk that drew, and those above it."""
        return scope.under("authority__path", *DESK)


class OnsiteDraw(PublicId):
    """A sample as it was drawn: seed, rule and everybody it was drawn from, so that anybody can draw it again."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="+")
    seed = models.CharField(max_length=64)
    rule = models.JSONField()
    # [number, stratum] of every declaration the sample was drawn from, in the order of the numbers.
    population = models.JSONField()
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = DrawGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "抽查"

    def __str__(self) -> str:
        return f"{self.authority_id} {self.track_id} {self.seed}"


class VisitStatus(models.TextChoices):
    OPEN = "open", "核查中"
    CONCLUDED = "concluded", "已下结论"


class Conclusion(models.TextChoices):
    HOLDS = "holds", "与申报内容相符"
    PARTLY = "partly", "基本相符，有问题须改正"
    FAILS = "fails", "与申报内容不符"


class VisitGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return scope.under("draw__authority__path", *DESK)


class OnsiteVisit(PublicId, Stateful):
    """One declaration of a sample. Concluding freezes what was found as `record`; opening it again keeps the paper."""

    draw = models.ForeignKey(OnsiteDraw, on_delete=models.PROTECT, related_name="visits")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="onsite_visits")
    goers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="onsite_visits")
    conclusion = models.CharField(max_length=10, choices=Conclusion.choices, blank=True)
    words = models.CharField("结论说明", max_length=1000, blank=True)
    record = models.TextField(blank=True)
    issued = models.ForeignKey(IssuedDocument, null=True, on_delete=models.PROTECT, related_name="+")
    audit_seq = models.BigIntegerField(null=True)

    objects = VisitGateway.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "现场核查"
        constraints = (models.UniqueConstraint(fields=("draw", "declaration"), name="one_visit_per_draw"),)

    def __str__(self) -> str:
        return f"{self.draw_id} {self.declaration_id}"

    @property
    def status_word(self) -> str:
        return VisitStatus(self.status).label

    @cached_property
    def content(self) -> dict[str, Any]:
        """What was found, as it was concluded."""
        return json.loads(self.record) if self.record else {}


class Verdict(models.TextChoices):
    FINE = "fine", "相符"
    ISSUE = "issue", "有问题"
    ABSENT = "absent", "没有看到"


class OnsiteFinding(models.Model):
    """What was found about one item."""

    visit = models.ForeignKey(OnsiteVisit, on_delete=models.CASCADE, related_name="findings")
    key = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查所见"
        constraints = (models.UniqueConstraint(fields=("visit", "key"), name="one_finding_per_item"),)

    def __str__(self) -> str:
        return f"{self.visit_id} {self.key}"


class OnsitePhoto(PublicId):
    """A picture taken there. The time is the server's, at upload; the file's name is its digest."""

    visit = models.ForeignKey(OnsiteVisit, on_delete=models.CASCADE, related_name="photos")
    key = models.CharField(max_length=20)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "现场照片"
        constraints = (models.UniqueConstraint(fields=("visit", "key", "file"), name="photo_once_per_item"),)

    def __str__(self) -> str:
        return f"{self.visit_id} {self.key} {self.file_id[:12]}"
