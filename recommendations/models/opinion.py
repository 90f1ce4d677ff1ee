"""联合审核: the departments a notice names, what sealing asks of them, and what each of them said about a list."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from assessment.models.conditions import Cited
from assessment.vocabulary import Strength
from declarations.models import Declaration, Track
from recommendations.models.list import DESK, RecommendationList, no_rows
from smartfactory.access import Scope
from smartfactory.models.append_only import AppendOnly, AppendOnlyGateway


class Stance(models.TextChoices):
    AGREE = "agree", "同意"
    RESERVE = "reserve", "保留"
    OBJECT = "object", "不同意"


class JointDepartment(Cited):
    """A department with which units of these `kinds` recommend on the track."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="departments")
    key = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    kinds = models.JSONField(default=no_rows)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "联合审核部门"
        constraints = (models.UniqueConstraint(fields=("track", "key"), name="department_once_per_track"),)

    def __str__(self) -> str:
        return self.name


class SealCondition(Cited):
    """What the departments must have done before a list of the track is sealed.

    It blocks only where a notice says so (`official`) without 原则上 (`hard`); otherwise it is pointed out.
    """

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="seal_conditions")
    key = models.CharField(max_length=20)
    text = models.CharField(max_length=120)
    strength = models.CharField(max_length=4, choices=Strength.choices)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "封存条件"
        constraints = (models.UniqueConstraint(fields=("track", "key"), name="seal_condition_once_per_track"),)

    def __str__(self) -> str:
        return self.text


class OpinionGateway(AppendOnlyGateway):
    def visible_q(self, scope: Scope) -> Q:
        """The unit whose list it is, those above once it is sealed, and the departments beside the unit."""
        own = Q(list__authority__in=[*scope.authority_ids(*DESK), *scope.departments])
        return own | (scope.under("list__authority__path", *DESK) & Q(list__status__in=("sealed", "superseded")))


class JointOpinion(AppendOnly):
    """What one department said, of the whole list or of one project; the latest of each counts, all remain.

    `basis` is the digest of the list as it was: of another list the department has said nothing.
    """

    list = models.ForeignKey(RecommendationList, on_delete=models.PROTECT, related_name="opinions")
    department = models.CharField(max_length=20)
    department_name = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    declaration = models.ForeignKey(Declaration, null=True, on_delete=models.PROTECT, related_name="+")
    stance = models.CharField(max_length=8, choices=Stance.choices)
    basis = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OpinionGateway.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "联合审核意见"
        constraints = (models.UniqueConstraint(fields=("list", "department", "number"), name="opinion_number_once"),)

    def __str__(self) -> str:
        return f"{self.list_id} {self.department} {self.stance}"
