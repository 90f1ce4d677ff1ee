"""One official's work on one revision: what was ticked, what was noted, what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models import Declaration, Revision
from declarations.models.declaration import received_q
from smartfactory.access import Gateway, Scope


class ReviewGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Officials of the line that receives the declaration; the enterprise sees only what is returned to it."""
        return received_q(scope, "declaration__")


class Review(models.Model):
    """`checks` maps the key of a ReviewCheck to pass or doubt; `drafts` holds return items not yet sent."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="reviews")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    checks = models.JSONField(default=dict)
    drafts = models.JSONField(default=list)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now=True)

    objects = ReviewGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审核记录"
        constraints = (models.UniqueConstraint(fields=("revision",), name="review_once_per_revision"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.revision_id}"
