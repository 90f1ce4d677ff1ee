"""消息: what a person is told about a declaration, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q, received_q
from smartfactory.access import Gateway, Scope

if TYPE_CHECKING:
    from smartfactory.models import User


class NoticeGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """About declarations the scope reaches now; whose notice it is says `of`."""
        return own_q(scope, "declaration__") | received_q(scope, "declaration__")

    def of(self, user: User) -> NoticeGateway:
        return self.visible_to(user).filter(user=user)


class Notice(models.Model):
    """`key` names the occasion, so that one person is told of it once however often it is noticed."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="notices")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    text = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeGateway.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name = verbose_name_plural = "消息"
        constraints = (models.UniqueConstraint(fields=("user", "declaration", "key"), name="told_once"),)
        indexes = (models.Index(fields=("user", "read_at"), name="notice_unread"),)

    def __str__(self) -> str:
        return self.title
