"""The people of an enterprise: invitations, claims of its account, who fills which part."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from declarations.models.declaration import Declaration, own_q
from smartfactory.access import Gateway, Scope
from smartfactory.models import Enterprise, PublicId, Role, Stateful, StoredFile
from smartfactory.models.accounts import ENTERPRISE_ROLES

ROLES = [(role.value, role.label) for role in Role if role in ENTERPRISE_ROLES]


class InvitationGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Whoever signs for the enterprise invites."""
        return Q(enterprise_id__in=scope.enterprise_ids(Role.SIGNATORY))

    def waiting(self) -> InvitationGateway:
        return self.filter(ended_at=None, expires_at__gt=timezone.now())


class Invitation(PublicId):
    """A one-time link. Only the digest of its code is kept; who holds the link becomes a member once."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=ROLES)
    name = models.CharField("称呼", max_length=40)
    code_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = InvitationGateway.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = verbose_name_plural = "成员邀请"

    def __str__(self) -> str:
        return f"{self.enterprise} {self.get_role_display()}"


class ClaimStatus(models.TextChoices):
    OPEN = "open", "等待核实"
    ACCEPTED = "accepted", "已同意"
    REFUSED = "refused", "没有同意"


class ClaimGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Officials of the line that receives the enterprise's declarations."""
        return scope.under("enterprise__authority__path", Role.OFFICIAL) | scope.under(
            "enterprise__soe__path", Role.OFFICIAL
        )


class Claim(PublicId, Stateful):
    """Somebody says that an enterprise's account is theirs to sign for, with a proof that an official looks at.

    Without an enterprise it waits: nobody of that code is known yet, or enough claims of it are open already.
    """

    credit_code = models.CharField("统一社会信用代码", max_length=18)
    enterprise = models.ForeignKey(Enterprise, null=True, blank=True, on_delete=models.CASCADE, related_name="claims")
    claimant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    reason = models.CharField("说明", max_length=300)
    proof = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    proof_name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClaimGateway.as_manager()

    class Meta:
        ordering = ("created_at",)
        verbose_name = verbose_name_plural = "账号认领"
        constraints = (
            models.UniqueConstraint(
                fields=("credit_code", "claimant"), condition=Q(status=ClaimStatus.OPEN), name="one_open_claim"
            ),
        )

    def __str__(self) -> str:
        return f"{self.credit_code} {self.claimant}"

    @property
    def status_word(self) -> str:
        return ClaimStatus(self.status).label


class WorkGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        return own_q(scope, "declaration__")


class Assignment(models.Model):
    """Who fills a part. Everybody who may write still may: it says whose turn it is, not whose right."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="assignments")
    key = models.CharField(max_length=20)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = WorkGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分工"
        constraints = (models.UniqueConstraint(fields=("declaration", "key"), name="one_person_per_part"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.key}"
