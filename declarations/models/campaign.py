"""A year's campaign: its tracks, their deadlines, the list of required materials and the commitments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from assessment.citing import cite
from assessment.models import Edition, EditionRow
from assessment.models.conditions import Cited
from assessment.models.guards import refuse_if
from assessment.vocabulary import TARGETS
from declarations.vocabulary import Ending, Stage
from smartfactory.models import Authority

if TYPE_CHECKING:
    from datetime import datetime

    from declarations.models.extension import Extension


class Campaign(EditionRow):
    """年度行动: what an edition opens for declaration."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="campaigns")
    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "年度行动"

    def __str__(self) -> str:
        return self.title


class Track(Cited):
    """申报类别: one kind of declaration within a campaign."""

    edition_path = "campaign__edition"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tracks")
    code = models.CharField(max_length=40, unique=True)
    tier = models.CharField(max_length=10, choices=TARGETS)
    title = models.CharField(max_length=60)
    short_title = models.CharField(max_length=20)
    cover_title = models.CharField(max_length=80)
    number_prefix = models.CharField(max_length=20)
    recommender_cell = models.CharField("推荐单位栏", max_length=10)
    recommender_text = models.CharField("推荐单位栏的固定文字", max_length=80, blank=True)
    recommender_note = models.CharField(max_length=120, blank=True)
    paper_copies = models.PositiveSmallIntegerField("纸质份数", null=True, blank=True)
    opens_at = models.DateTimeField(null=True, blank=True)
    # The national track that this one of a place stands for, and how it ends: recommended upwards or not.
    like = models.CharField(max_length=40, blank=True)
    # Whether subsidiaries of central enterprises go through their place instead of their group.
    groups_by_place = models.BooleanField(default=False)
    ending = models.CharField(max_length=10, choices=Ending.choices, default=Ending.RECOMMEND)
    order = models.PositiveSmallIntegerField(default=0)
    # Names the content of the edition, so that what was read from it can be kept without asking again.
    edition_digest = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ("-campaign__edition__year", "order")
        verbose_name = verbose_name_plural = "申报类别"

    def __str__(self) -> str:
        return self.title

    @property
    def edition(self) -> Edition:
        return self.campaign.edition


class Deadline(models.Model):
    """The last second at which an act of `stage` counts, for a track and (below an authority) everybody under it.

    National rows come with the edition and never change afterwards; a local row states its reason.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="deadlines")
    authority = models.ForeignKey(Authority, null=True, blank=True, on_delete=models.PROTECT, related_name="deadlines")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    at = models.DateTimeField()
    clause = models.CharField(max_length=60)
    standing = models.CharField(max_length=10, default="official")
    source = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    # Why it is later for one enterprise; never a row of its own.
    granted: Extension | None = None

    class Meta:
        verbose_name = verbose_name_plural = "截止时间"
        constraints = (
            models.UniqueConstraint(fields=("track", "authority", "stage"), name="deadline_once"),
            models.UniqueConstraint(
                fields=("track", "stage"), condition=models.Q(authority=None), name="national_deadline_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.track_id} {self.stage} {timezone.localtime(self.at):%Y-%m-%d %H:%M:%S}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.authority_id is None:
            refuse_if(self.track.edition.is_published(), "全国截止时间")
        super().save(*args, **kwargs)

    @property
    def cited(self) -> str:
        """Short title and clause of the notice; a local date is cited by its own words."""
        return cite(self.track.edition, self.source, self.clause)

    def admits(self, received_at: datetime) -> bool:
        """Whether something received then is in time: the announced second itself still counts."""
        return received_at.replace(microsecond=0) <= self.at


class ChecklistItem(Cited):
    """申报材料清单: one numbered material the notice asks for."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="checklist")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    content = models.CharField(max_length=200)

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "材料清单"

    def __str__(self) -> str:
        return self.title


class Commitment(Cited):
    """One sentence the signatory confirms on submission. `answers` names the conditions it settles."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="commitments")
    key = models.CharField(max_length=40)
    text = models.CharField(max_length=400)
    answers = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "承诺"

    def __str__(self) -> str:
        return self.key
