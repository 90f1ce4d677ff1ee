"""佐证材料: an uploaded file in its place in the form."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q
from declarations.models.guards import Content, ContentQuerySet
from declarations.models.scenario_instance import ScenarioInstance
from smartfactory import previews
from smartfactory.access import Scope
from smartfactory.models import PublicId, StoredFile


class EvidenceGateway(ContentQuerySet):
    def visible_q(self, scope: Scope) -> Q:
        """The enterprise's own; officials download through the revision that names the file."""
        return own_q(scope, "declaration__")


class Evidence(PublicId, Content):
    """`section` and `field` name the files field it belongs to; `instance` the scenario instance, if any."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="evidence")
    section = models.CharField(max_length=20)
    field = models.CharField(max_length=40)
    instance = models.ForeignKey(
        ScenarioInstance, null=True, blank=True, on_delete=models.CASCADE, related_name="evidence"
    )
    name = models.CharField(max_length=160)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="evidence")
    pages = models.PositiveIntegerField(default=0)
    # Which conditions it answers and where: {condition, first, last}; pages are 0 where the file has none.
    anchors = models.JSONField(default=list, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceGateway.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "佐证材料"

    def __str__(self) -> str:
        return self.name

    @property
    def small(self) -> bool:
        """Whether a small picture of it lies on the shelf."""
        return previews.drawn(self.file)

    @property
    def address(self) -> str:
        """The answer it belongs to: section.field, or section.instance.field."""
        prefix = f"{self.section}.{self.instance.uid}" if self.instance_id else self.section
        return f"{prefix}.{self.field}"
