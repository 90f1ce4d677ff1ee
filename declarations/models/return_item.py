"""退回意见: one thing to correct, with the field it is about, the reason, the clause and the date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q, received_q
from declarations.models.revision import Revision
from smartfactory.access import Gateway, Scope


class ReturnReason(models.TextChoices):
    INCOMPLETE = "incomplete", "不完整"
    INCORRECT = "incorrect", "不准确"
    INCONSISTENT = "inconsistent", "前后不一致"
    EVIDENCE = "evidence", "佐证不足"
    SECRET = "secret", "须脱密"
    OTHER = "other", "其他"


class ReturnItemGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return own_q(scope, "declaration__") | received_q(scope, "declaration__")


class ReturnItem(models.Model):
    """Written by the `return_` transition. `anchor` is the field key as content.rows() gives it."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="return_items")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="return_items")
    number = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=20)
    field = models.CharField(max_length=80)
    label = models.CharField(max_length=120, blank=True)
    reason_code = models.CharField(max_length=12, choices=ReturnReason.choices, default=ReturnReason.OTHER)
    message = models.TextField()
    clause = models.CharField(max_length=60, blank=True)
    due = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    resolved = models.BooleanField(default=False)

    objects = ReturnItemGateway.as_manager()

    class Meta:
        ordering = ("-revision__number", "number")
        verbose_name = verbose_name_plural = "退回意见"
        constraints = (models.UniqueConstraint(fields=("revision", "number"), name="return_item_once"),)

    def __str__(self) -> str:
        return f"{self.anchor}: {self.message[:20]}"

    @property
    def anchor(self) -> str:
        return f"{self.section}.{self.field}"
