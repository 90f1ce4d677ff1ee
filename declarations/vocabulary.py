"""The closed vocabularies of a declaration."""

from __future__ import annotations

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a declaration stands, in the words of the officials."""

    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "待受理"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "已退回"
    QUALIFIED = "qualified", "审核通过"
    RECOMMENDED = "recommended", "已推荐"
    REJECTED = "rejected", "不予推荐"
    RESERVED = "reserved", "列入培育库"


# The same states as the enterprise reads them.
ENTERPRISE_WORDS = {
    Status.DRAFT: "填写中",
    Status.SUBMITTED: "已提交，等待受理",
    Status.IN_REVIEW: "审核中",
    Status.RETURNED: "退回改正",
    Status.QUALIFIED: "审核通过，等待推荐",
    Status.RECOMMENDED: "已推荐",
    Status.REJECTED: "未予推荐",
    Status.RESERVED: "列入培育库",
}
EDITABLE = frozenset({Status.DRAFT, Status.RETURNED})


class Ending(TextChoices):
    """What the last seal on a track does, in the word an official uses for it afterwards."""

    RECOMMEND = "recommend", "已推荐"
    RECOGNISE = "recognise", "已认定"
    KEEP = "keep", "已列入名单"


class Kind(TextChoices):
    """Kinds of field. Kinds are code; which fields there are is data."""

    TEXT = "text", "文字"
    TEXTAREA = "textarea", "长文本"
    CHOICE = "choice", "单选"
    MULTICHOICE = "multichoice", "多选"
    BOOL = "bool", "是否"
    INT = "int", "整数"
    DECIMAL = "decimal", "小数"
    MONEY = "money", "金额"
    DATE = "date", "日期"
    MONTH = "month", "年月"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    PHONE = "phone", "电话"
    EMAIL = "email", "邮箱"
    SEGMENT = "segment", "环节"
    SCENARIO = "scenario", "典型场景"
    TABLE = "table", "表格"
    INDICATORS = "indicators", "指标表"
    FILES = "files", "附件"
    INSTANCES = "instances", "场景实例"


NUMBERS = frozenset({Kind.INT, Kind.DECIMAL, Kind.MONEY})
# What has rows, and so can be filled in a worksheet.
LISTS = frozenset({Kind.TABLE, Kind.INDICATORS, Kind.INSTANCES})


class Stage(TextChoices):
    """Whose deadline it is."""

    ENTERPRISE = "enterprise", "线上申报"
    CORRECTION = "correction", "退回改正"
    CITY = "city", "市级审核"
    RECOMMENDER = "recommender", "推荐单位审核、推荐"
