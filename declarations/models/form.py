"""The form as data: sections and typed fields of a track, each with its clause and how well that is attested."""

from __future__ import annotations

from django.db import models

from assessment.models.conditions import Cited
from assessment.vocabulary import Standing
from declarations.models.campaign import ChecklistItem, Track
from declarations.vocabulary import Kind


class FormSection(Cited):
    """One of the parts of a declaration."""

    edition_path = "track__campaign__edition"

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=20)
    number = models.CharField(max_length=4)
    title = models.CharField(max_length=60)
    short_title = models.CharField(max_length=20)
    summary = models.CharField(max_length=120, blank=True)
    checklist = models.ForeignKey(ChecklistItem, null=True, on_delete=models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "申报书部分"
        constraints = (models.UniqueConstraint(fields=("track", "key"), name="section_once_per_track"),)

    def __str__(self) -> str:
        return f"{self.number}、{self.title}"


class FormField(Cited):
    """One field. `per_instance` fields are asked once for each scenario instance.

    `clause` says why the field exists; `limit_clause` where its character limit comes from.
    """

    edition_path = "section__track__campaign__edition"

    section = models.ForeignKey(FormSection, on_delete=models.CASCADE, related_name="fields")
    key = models.CharField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    group = models.CharField(max_length=40, blank=True)
    per_instance = models.BooleanField(default=False)
    required = models.BooleanField(default=False)
    max_chars = models.PositiveIntegerField(null=True, blank=True)
    limit_clause = models.CharField(max_length=60, blank=True)
    limit_standing = models.CharField(max_length=10, choices=Standing.choices, blank=True)
    options = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    unit = models.CharField(max_length=10, blank=True)
    help = models.CharField(max_length=300, blank=True)
    note_title = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=400, blank=True)
    params = models.JSONField(default=dict)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "申报书字段"
        constraints = (
            models.UniqueConstraint(fields=("section", "per_instance", "key"), name="field_once_per_section"),
        )

    def __str__(self) -> str:
        return self.key
