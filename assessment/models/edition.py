"""An edition of policy and its vocabulary: areas, segments, scenarios."""

from __future__ import annotations

from typing import Any

from django.db import models

from assessment.models.guards import EditionRow, refuse_if
from assessment.vocabulary import Standing


class EditionStatus(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"


class EditionQuerySet(models.QuerySet):
    """Editions are written by the loader, one at a time; published ones are never rewritten."""

    def published(self) -> EditionQuerySet:
        return self.filter(status=EditionStatus.PUBLISHED)

    def update(self, **values: Any) -> int:
        refuse_if(self.published().exists(), "版次")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        refuse_if(self.published().exists(), "版次")
        return super().delete()

    def bulk_update(self, objs: Any, *args: Any, **kwargs: Any) -> int:
        rows = list(objs)
        refuse_if(self.model.objects.published().filter(pk__in=[row.pk for row in rows]).exists(), "版次")
        return super().bulk_update(rows, *args, **kwargs)


class Edition(models.Model):
    """One year's policy: the rules, the catalogue, the form and the quotas, each with its source and standing.

    `source` keeps every chapter as it was read, so that a later load can name the rows that differ.
    """

    code = models.CharField("版次", max_length=20, unique=True)
    title = models.CharField("名称", max_length=120)
    year = models.PositiveSmallIntegerField("年度")
    status = models.CharField(max_length=10, choices=EditionStatus.choices, default=EditionStatus.DRAFT)
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(null=True, blank=True)
    summary = models.TextField("说明", blank=True)
    documents = models.JSONField("依据文件", default=list)
    accumulate = models.CharField("层级叠加", max_length=10, default="none")
    custom_scenarios = models.BooleanField("允许自定义场景名", default=False)
    region = models.CharField("适用地区", max_length=40, blank=True)
    excluded = models.JSONField("不含", default=list)
    source = models.JSONField(default=dict)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "code")
        verbose_name = verbose_name_plural = "版次"

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        refuse_if(self.is_published(), "版次")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        refuse_if(self.is_published(), "版次")
        return super().delete(*args, **kwargs)

    def is_published(self) -> bool:
        """Whether the database says so now; an unsaved or stale object does not decide."""
        return bool(self.pk) and Edition.objects.published().filter(pk=self.pk).exists()

    def covers(self, path: str) -> bool:
        """Whether the authority with this path is under the edition: anybody, or those of its region not left out."""
        codes = path.strip("/").split("/")
        return not self.region or (self.region in codes and not set(self.excluded).intersection(codes))

    def document(self, key: str) -> dict[str, str]:
        """The document with this id, or an empty one."""
        return next((one for one in self.documents if one["id"] == key), {})


class Area(EditionRow):
    """One of the areas（要素条件里的环节）conditions are grouped by."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "环节领域"
        constraints = (models.UniqueConstraint(fields=("edition", "code"), name="area_once_per_edition"),)

    def __str__(self) -> str:
        return self.name


class Segment(EditionRow):
    """A segment（环节）of the scenario catalogue. Without an area it does not count towards coverage."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="segments")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.CASCADE, related_name="segments")
    order = models.PositiveSmallIntegerField()
    clause = models.CharField(max_length=40)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "场景环节"
        constraints = (models.UniqueConstraint(fields=("edition", "code"), name="segment_once_per_edition"),)

    def __str__(self) -> str:
        return self.name


class Scenario(EditionRow):
    """A typical scenario（典型场景）of the catalogue, below its segment."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="scenarios")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="scenarios")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    variants = models.JSONField("异文", default=list)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "典型场景"
        constraints = (models.UniqueConstraint(fields=("edition", "number"), name="scenario_once_per_edition"),)

    def __str__(self) -> str:
        return self.name
