"""典型场景实例: one concrete application of a scenario of the catalogue."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q
from declarations.models.guards import Content, ContentQuerySet
from smartfactory.access import Scope


def short_id() -> str:
    """A stable name for an instance within its declaration; positions change, this does not."""
    return secrets.token_hex(4)


class InstanceGateway(ContentQuerySet):
    def visible_q(self, scope: Scope) -> Q:
        return own_q(scope, "declaration__")


class ScenarioInstance(Content):
    """Positions are 1..n without gaps; `uid` is the anchor that returns and diffs use."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="instances")
    uid = models.CharField(max_length=8, default=short_id, editable=False)
    position = models.IntegerField()
    data = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(null=True)

    objects = InstanceGateway.as_manager()

    class Meta:
        ordering = ("position",)
        verbose_name = verbose_name_plural = "场景实例"
        constraints = (
            models.UniqueConstraint(fields=("declaration", "position"), name="instance_position_once"),
            models.UniqueConstraint(fields=("declaration", "uid"), name="instance_uid_once"),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.data.get('name', '')}"


class RemovedInstance(models.Model):
    """An instance taken off the list, with all it said and the files it held, until it is put back."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="removed_instances")
    uid = models.CharField(max_length=8)
    position = models.IntegerField()
    data = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(auto_now_add=True)

    objects = InstanceGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "删去的场景"
        constraints = (models.UniqueConstraint(fields=("declaration", "uid"), name="removed_instance_once"),)

    def __str__(self) -> str:
        return str(self.data.get("name") or "未命名")
