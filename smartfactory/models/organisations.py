"""Enterprises and the tree of authorities."""

from __future__ import annotations

from django.db import models

from smartfactory.access import Gateway, Scope
from smartfactory.models.accounts import ENTERPRISE_ROLES, Role
from smartfactory.models.base import PublicId


class AuthorityKind(models.TextChoices):
    MINISTRY = "ministry", "国家部委"
    PROVINCE = "province", "省、自治区、直辖市"
    PLANNED_CITY = "separately_planned_city", "计划单列市"
    XPCC = "xpcc", "新疆生产建设兵团"
    CENTRAL_SOE = "central_soe", "中央企业"
    SOE_UNIT = "soe_unit", "中央企业所属单位"
    CITY = "city", "市（州、盟）"
    DISTRICT = "district", "县（区）"


# What receives by belonging, not by place: a group, and units of it that review before the group does.
GROUPS = (AuthorityKind.CENTRAL_SOE, AuthorityKind.SOE_UNIT)


class AuthorityQuerySet(models.QuerySet):
    """The tree is public knowledge; no gateway is needed to read it."""

    def under(self, authority: Authority) -> AuthorityQuerySet:
        """The authority itself and everything below it."""
        return self.filter(path__startswith=authority.path)


class Authority(models.Model):
    """A unit that receives, reviews or recommends. `path` is the codes from the root, each closed by a slash."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=40)
    kind = models.CharField(max_length=24, choices=AuthorityKind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, unique=True, editable=False)
    order = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.code}/"
        super().save(*args, **kwargs)

    def ancestors(self) -> list[Authority]:
        """From the parent up to the root, nearest first (one query)."""
        codes = self.path.rstrip("/").split("/")[:-1]
        found = {one.code: one for one in Authority.objects.filter(code__in=codes)}
        return [found[code] for code in reversed(codes) if code in found]


class EnterpriseQuerySet(Gateway):
    def visible_q(self, scope: Scope) -> models.Q:
        """Its own people, and officials of the authority that receives it or of one above."""
        own = models.Q(pk__in=scope.enterprise_ids(*ENTERPRISE_ROLES))
        return (
            own
            | scope.under("authority__path", Role.OFFICIAL, Role.SEALER)
            | scope.under("soe__path", Role.OFFICIAL, Role.SEALER)
        )


class Enterprise(PublicId):
    """申报主体: one row per 统一社会信用代码."""

    name = models.CharField("单位名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="enterprises")
    soe = models.ForeignKey(
        Authority,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="subsidiaries",
        verbose_name="所属中央企业",
    )
    address = models.CharField("地址", max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def receiver(self) -> Authority:
        """The unit that receives this enterprise's declarations: its group if it belongs to one, else its place."""
        return self.soe or self.authority
