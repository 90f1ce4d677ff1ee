"""续传: a file that is still on its way, part by part."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q
from declarations.models.scenario_instance import ScenarioInstance
from smartfactory.access import Gateway, Scope
from smartfactory.models import PublicId


class UploadGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return own_q(scope, "declaration__")


class Upload(PublicId):
    """`received` bytes of `size` lie on the shelf. It belongs to the person who began it, and ends as evidence."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="uploads")
    section = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    instance = models.ForeignKey(ScenarioInstance, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=160)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    touched_at = models.DateTimeField(db_index=True)

    objects = UploadGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "续传的文件"

    def __str__(self) -> str:
        return f"{self.name} {self.received}/{self.size}"

    @property
    def path(self) -> Path:
        """Where the parts are put together; may be lost, then the file is sent again."""
        return Path(settings.UPLOADS_ROOT) / self.public_id
