"""消息: what a person is told about a declaration, or about the enterprise itself, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.declaration import Declaration, own_q, received_q
from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise
from smartfactory.models.accounts import ENTERPRISE_ROLES

if TYPE_CHECKING:
    from smartfactory.models import User


class NoticeGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """About declarations the scope reaches now; whose notice it is says `of`."""
        own = Q(enterprise_id__in=scope.enterprise_ids(*ENTERPRISE_ROLES))
        return own_q(scope, "declaration__") | received_q(scope, "declaration__") | own

    def of(self, user: User) -> NoticeGateway:
        return self.visible_to(user).filter(user=user)


class Notice(models.Model):
    """`key` names the occasion, so that one person is told of it once however often it is noticed.

    It is about a declaration, or about the enterprise and no declaration of it.
    """

    declaration = models.ForeignKey(
        Declaration, null=True, blank=True, on_delete=models.CASCADE, related_name="notices"
    )
    enterprise = models.ForeignKey(Enterprise, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
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
        constraints = (
            models.UniqueConstraint(fields=("user", "declaration", "key"), name="told_once"),
            models.UniqueConstraint(fields=("user", "enterprise", "key"), name="told_once_of_an_enterprise"),
            models.CheckConstraint(
                condition=Q(declaration=None, enterprise__isnull=False) | Q(declaration__isnull=False, enterprise=None),
                name="notice_about_one_thing",
            ),
        )
        indexes = (models.Index(fields=("user", "read_at"), name="notice_unread"),)

    def __str__(self) -> str:
        return self.title

    @property
    def about(self) -> str:
        """What it is about, in words."""
        if self.declaration is None:
            return self.enterprise.name
        return self.declaration.title or self.declaration.track.title
