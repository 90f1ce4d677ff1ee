"""The closed vocabularies of an edition. Words of the domain only: no number and no clause of any notice."""

from __future__ import annotations

from django.db.models import TextChoices

COMMON = "COMMON"


class Tier(TextChoices):
    """The four tiers, lowest first. Conditions that bind all four carry `COMMON` instead."""

    BASIC = "BASIC", "基础级"
    ADVANCED = "ADVANCED", "先进级"
    EXCELLENCE = "EXCELLENCE", "卓越级"
    PIONEER = "PIONEER", "领航级"


class Category(TextChoices):
    """What the campaigns before the tiers selected: each stands by itself, none presupposes the other."""

    SCENARIO = "SCENARIO", "优秀场景"
    FACTORY = "FACTORY", "示范工厂"


# What a track may be for, and whom a condition may bind.
TARGETS = (*Tier.choices, *Category.choices)
TARGET_CODES = tuple(code for code, _ in TARGETS)


class Strength(TextChoices):
    """Hard rules block; soft rules（原则上、鼓励、探索）ask for an explanation and never block."""

    HARD = "hard", "必须"
    SOFT = "soft", "原则上"


class Scope(TextChoices):
    """Whether a rule always applies, or only once the enterprise declares its area."""

    ALWAYS = "always", "一律适用"
    WHEN_AREA_DECLARED = "when_area_declared", "覆盖该环节时适用"


class Standing(TextChoices):
    """How well a rule is attested."""

    OFFICIAL = "official", "原文"
    SECONDARY = "secondary", "转引"
    UNVERIFIED = "unverified", "未核实"


class Status(TextChoices):
    """The verdict on one condition."""

    MET = "met", "满足"
    UNMET = "unmet", "不满足"
    UNPROVABLE = "unprovable", "无法判断"
    NOT_APPLICABLE = "not_applicable", "不适用"


class EvidenceKind(TextChoices):
    """What a reviewer looks at to check a condition."""

    STATEMENT = "statement", "是否项和佐证"
    NARRATIVE = "narrative", "文字说明和佐证"
    NUMBER = "number", "数值"
    COVERAGE = "coverage", "由场景实例推出"
    MULTIPLE = "multiple", "逐项勾选和佐证"
    EXTERNAL = "external", "外部核查结果"
    INVENTORY = "inventory", "清单"
    COMMITMENT = "commitment", "承诺"


class ConditionGroup(TextChoices):
    """Groups of conditions outside the five areas; inside them the group is the area's own code."""

    GENERAL = "GEN", "基础要求"
    APPLICATION = "APP", "申报条件"
    PREREQUISITE = "PRE", "前置称号"
    MATURITY = "MAT", "成熟度"
    COVERAGE = "COV", "环节覆盖"
    EFFECT = "EFF", "建设成效"
    AI = "AI", "人工智能"
