"""申报书: one live declaration per enterprise and track, and its sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models.campaign import Track
from declarations.models.guards import Content, ContentQuerySet
from declarations.vocabulary import EDITABLE, ENTERPRISE_WORDS, Ending, Status
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, Enterprise, PublicId, Role, Stateful
from smartfactory.models.accounts import ENTERPRISE_ROLES

if TYPE_CHECKING:
    from smartfactory.models import User

REVIEWING = (Role.OFFICIAL, Role.SEALER)


def own_q(scope: Scope, prefix: str = "") -> Q:
    """The enterprise's own people."""
    return Q(**{f"{prefix}enterprise_id__in": scope.enterprise_ids(*ENTERPRISE_ROLES)})


def received_q(scope: Scope, prefix: str = "") -> Q:
    """Officials of the unit that receives the declaration (place or group) or of one above it; never a draft."""
    place = scope.under(f"{prefix}enterprise__authority__path", *REVIEWING)
    group = scope.under(f"{prefix}enterprise__soe__path", *REVIEWING)
    return (place | group) & ~Q(**{f"{prefix}status": Status.DRAFT})


class DeclarationGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Own people always; officials of the receiving line once it has been submitted."""
        return own_q(scope) | received_q(scope)

    def own(self, user: User, *roles: str) -> DeclarationGateway:
        """Those of the enterprises where the person holds one of `roles` (any enterprise role if none is named)."""
        from smartfactory.access import scope

        return self.of(scope(user).enterprise_ids(*(roles or ENTERPRISE_ROLES)))

    def of(self, enterprises: Iterable[int]) -> DeclarationGateway:
        """Those of these enterprises."""
        return self.filter(enterprise_id__in=enterprises)


class Declaration(PublicId, Stateful):
    """The status is written by workflow.fire() alone. `unlocked` lists the fields a return opened for correction."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="declarations")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="declarations")
    number = models.CharField("编号", max_length=30, blank=True, db_index=True)
    title = models.CharField("项目名称", max_length=120, blank=True)
    unlocked = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    latest_revision = models.ForeignKey(
        "declarations.Revision", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # What queues sort and filter by, as it was filed last: see declarations/filed.py.
    industry = models.CharField("行业代码", max_length=10, blank=True)
    industry_name = models.CharField("行业名称", max_length=40, blank=True)
    findings = models.PositiveSmallIntegerField("系统提示数", default=0)

    objects = DeclarationGateway.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = verbose_name_plural = "申报书"
        constraints = (
            models.UniqueConstraint(
                fields=("enterprise", "track"), condition=~Q(status=Status.REJECTED), name="one_live_declaration"
            ),
        )
        indexes = (
            models.Index(fields=("submitted_at", "id"), name="declaration_by_receipt"),
            models.Index(fields=("status", "status_at"), name="declaration_by_wait"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def status_label(self) -> str:
        """The officials' word."""
        return self._end_word or Status(self.status).label

    @property
    def status_word(self) -> str:
        """The enterprise's word."""
        return self._end_word or ENTERPRISE_WORDS[Status(self.status)]

    @property
    def _end_word(self) -> str:
        """What the last seal made of it; nothing before."""
        return Ending(self.track.ending).label if self.status == Status.RECOMMENDED else ""

    @property
    def receiver(self) -> Authority:
        return self.enterprise.receiver


class SectionContentGateway(ContentQuerySet):
    def visible_q(self, scope: Scope) -> Q:
        """Working text is the enterprise's alone; officials read revisions."""
        return own_q(scope, "declaration__")


class SectionContent(Content):
    """One section's values. `changed` remembers the version, the person and the time of each field's last change."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="contents")
    key = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(null=True)

    objects = SectionContentGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申报书内容"
        constraints = (models.UniqueConstraint(fields=("declaration", "key"), name="content_once_per_section"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.key} v{self.version}"
