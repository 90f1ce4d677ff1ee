"""沟通: what officials and the enterprise ask and answer about one declaration, word for word."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q, received_q
from smartfactory.access import Scope
from smartfactory.models import Authority
from smartfactory.models.append_only import AppendOnly, AppendOnlyGateway


class ThreadGateway(AppendOnlyGateway):
    def visible_q(self, scope: Scope) -> Q:
        """The enterprise's own people, and officials of the line that receives the declaration."""
        return own_q(scope, "declaration__") | received_q(scope, "declaration__")


class ThreadMessage(AppendOnly):
    """`authority` is the unit whose official wrote; none where the enterprise did. `anchor` is the answer it is about."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="thread")
    number = models.PositiveIntegerField()
    authority = models.ForeignKey(Authority, null=True, on_delete=models.PROTECT, related_name="+")
    anchor = models.CharField(max_length=120, blank=True)
    label = models.CharField(max_length=160, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ThreadGateway.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "沟通"
        constraints = (models.UniqueConstraint(fields=("declaration", "number"), name="thread_number_once"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} 第 {self.number} 条"

    @property
    def by_office(self) -> bool:
        return self.authority_id is not None

    @property
    def row(self) -> str:
        """The anchor as an id in HTML."""
        return self.anchor.replace(".", "-")
