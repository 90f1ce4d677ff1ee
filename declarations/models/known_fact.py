"""企业资料: a value the enterprise stated once, with where it comes from, offered to later forms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise, PublicId, StoredFile
from smartfactory.models.accounts import ENTERPRISE_ROLES


class KnownFactGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return Q(enterprise_id__in=scope.enterprise_ids(*ENTERPRISE_ROLES))


class KnownFact(PublicId):
    """`key` is the address (part.field) a form asks for it under; the same address in a later form is the same fact."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="known_facts")
    key = models.CharField(max_length=80)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    value = models.JSONField()
    period = models.CharField("所属时期", max_length=40, blank=True)
    source = models.CharField("来源", max_length=160)
    evidence = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evidence_name = models.CharField(max_length=160, blank=True)
    # Taken back by hand: offered to nobody until it is filed or restored.
    withdrawn = models.BooleanField(default=False)
    # Vouched for by a person here: what is filed later stands beside it and does not replace it.
    by_hand = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = KnownFactGateway.as_manager()

    class Meta:
        ordering = ("key",)
        verbose_name = verbose_name_plural = "企业资料"
        constraints = (models.UniqueConstraint(fields=("enterprise", "key"), name="one_value_per_fact"),)

    def __str__(self) -> str:
        return self.label


class FormerFactGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return Q(fact__enterprise_id__in=scope.enterprise_ids(*ENTERPRISE_ROLES))


class FormerFact(models.Model):
    """What a fact said before it was changed, or what a declaration said beside it, and who had said so."""

    fact = models.ForeignKey(KnownFact, on_delete=models.CASCADE, related_name="former")
    version = models.PositiveIntegerField()
    value = models.JSONField()
    period = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=160)
    evidence = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evidence_name = models.CharField(max_length=160, blank=True)
    withdrawn = models.BooleanField(default=False)
    # Said by a declaration while the fact stood as mended by hand: kept beside it and never offered.
    beside = models.BooleanField(default=False)
    stated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField()

    objects = FormerFactGateway.as_manager()

    class Meta:
        ordering = ("-version",)
        verbose_name = verbose_name_plural = "企业资料的旧值"
        constraints = (models.UniqueConstraint(fields=("fact", "version"), name="one_former_value_per_version"),)

    def __str__(self) -> str:
        return f"{self.fact_id} v{self.version}"

    @classmethod
    def of(cls, fact: KnownFact) -> FormerFact:
        """The fact as it stands, to be kept before it changes."""
        same = ("version", "value", "period", "source", "evidence_id", "evidence_name", "withdrawn")
        values = {name: getattr(fact, name) for name in same}
        return cls(fact=fact, stated_by_id=fact.updated_by_id, stated_at=fact.updated_at, **values)
