"""People and what they may do where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q


class Role(models.TextChoices):
    """A person's part in one organisation; the first three belong to enterprises, the rest to authorities."""

    PREPARER = "preparer", "填报人"
    SIGNATORY = "signatory", "企业负责人"
    READER = "reader", "企业查看人"
    OFFICIAL = "official", "经办人"
    SEALER = "sealer", "用印人"
    REVIEWER = "reviewer", "评审专家"
    AUDITOR = "auditor", "审计员"
    POLICY = "policy", "政策管理员"
    DEPARTMENT = "department", "会商部门"


ENTERPRISE_ROLES = frozenset({Role.PREPARER, Role.SIGNATORY, Role.READER})
AUTHORITY_ROLES = frozenset(set(Role) - ENTERPRISE_ROLES)


class User(AbstractUser):
    """One account per person; what the account may do follows from its memberships alone."""

    full_name = models.CharField("姓名", max_length=40, blank=True)

    @property
    def display(self) -> str:
        return self.full_name or self.username


class Membership(models.Model):
    """One person, one role, one organisation (an enterprise or an authority, never both)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    enterprise = models.ForeignKey(
        "smartfactory.Enterprise", null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    authority = models.ForeignKey(
        "smartfactory.Authority", null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role.choices)
    # Beside the authority, for which of its departments (发展改革、财政…) the person speaks; the edition names them.
    department = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="membership_one_organisation",
                condition=Q(enterprise__isnull=False, authority__isnull=True, role__in=sorted(ENTERPRISE_ROLES))
                | Q(enterprise__isnull=True, authority__isnull=False, role__in=sorted(AUTHORITY_ROLES)),
            ),
            models.CheckConstraint(
                name="membership_department",
                condition=Q(role=Role.DEPARTMENT) & ~Q(department="") | ~Q(role=Role.DEPARTMENT) & Q(department=""),
            ),
            models.UniqueConstraint(fields=["user", "enterprise", "role"], name="membership_once_per_enterprise"),
            models.UniqueConstraint(fields=["user", "authority", "role"], name="membership_once_per_authority"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.enterprise or self.authority}"
