"""The rules of an edition as rows: tiers, conditions, indicators."""

from __future__ import annotations

from django.db import models

from assessment.citing import cite
from assessment.models.edition import Edition
from assessment.models.guards import EditionRow
from assessment.vocabulary import COMMON, TARGETS, EvidenceKind, Scope, Standing, Strength


class Cited(EditionRow):
    """A rule with its clause, the document that holds it, and how well that is attested."""

    clause = models.CharField("条款", max_length=60)
    source = models.CharField("依据文件", max_length=200, blank=True)
    standing = models.CharField("核实程度", max_length=10, choices=Standing.choices)

    class Meta:
        abstract = True

    @property
    def cited(self) -> str:
        """Short title and clause, for the margin of a page."""
        return cite(self.own_edition(), self.source, self.clause)

    def citation(self) -> str:
        """Document and clause as one would quote them; a web address for second-hand rules stays an address."""
        document = self.own_edition().document(self.source)
        return f"{document.get('number', '')}{document.get('part', '')} {self.clause}".strip()


class TierRule(Cited):
    """A tier as this edition describes it: its focus and where it stands in the ladder."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="tiers")
    tier = models.CharField(max_length=10, choices=TARGETS)
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    focus = models.TextField("建设重点")
    decided_by = models.CharField("由谁认定", max_length=120, blank=True)
    requires = models.JSONField("前置层级", default=list)

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "层级"
        constraints = (models.UniqueConstraint(fields=("edition", "tier"), name="tier_once_per_edition"),)

    def __str__(self) -> str:
        return self.name


class Condition(Cited):
    """One checkable condition, in our own words; the clause leads to the notice's wording."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="conditions")
    code = models.CharField("编码", max_length=30)
    tier = models.CharField(max_length=10, choices=[(COMMON, "各级通用"), *TARGETS])
    area_group = models.CharField("领域", max_length=10)
    text = models.CharField("内容", max_length=300)
    strength = models.CharField("强度", max_length=4, choices=Strength.choices)
    scope = models.CharField("适用范围", max_length=20, choices=Scope.choices, default=Scope.ALWAYS)
    operator = models.CharField("判定方式", max_length=40)
    params = models.JSONField("判定参数", default=dict)
    evidence = models.CharField("核验方式", max_length=12, choices=EvidenceKind.choices)
    evidence_note = models.CharField("佐证要点", max_length=200, blank=True)
    items = models.JSONField("逐项", default=list)
    manual = models.BooleanField("须人工判断", default=False)
    note = models.TextField("备注", blank=True)
    fix = models.CharField("补齐位置", max_length=60)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("order",)
        verbose_name = verbose_name_plural = "要素条件"
        constraints = (models.UniqueConstraint(fields=("edition", "code"), name="condition_once_per_edition"),)

    def __str__(self) -> str:
        return self.code


class Indicator(Cited):
    """A key performance indicator. `lower` and `upper` bound what can be a true value; they are never a threshold."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="indicators")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    unit = models.CharField(max_length=10)
    group = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    direction = models.CharField(max_length=4)
    lower = models.CharField(max_length=20, blank=True)
    upper = models.CharField(max_length=20, blank=True)
    base_lower = models.CharField(max_length=20, blank=True)
    base_upper = models.CharField(max_length=20, blank=True)
    formula = models.CharField(max_length=200)
    formula_standing = models.CharField(max_length=10, choices=Standing.choices)
    computed = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "关键绩效指标"
        constraints = (models.UniqueConstraint(fields=("edition", "number"), name="indicator_once_per_edition"),)

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"
