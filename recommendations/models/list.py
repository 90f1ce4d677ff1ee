"""推荐名单: one ranked list per track and authority, its entries, and the log of every move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models import Declaration, Revision, Track
from smartfactory.access import Gateway, Scope, scope
from smartfactory.models import Authority, PublicId, Role, Stateful

if TYPE_CHECKING:
    from smartfactory.models import User


def no_rows() -> list:
    """A fresh empty list: inside a class with a field called `list` the built-in name is taken."""
    return []


DESK = (Role.OFFICIAL, Role.SEALER)


class ListStatus(models.TextChoices):
    DRAFT = "draft", "排序中"
    FROZEN = "frozen", "已定稿，待封存"
    SEALED = "sealed", "已封存"
    SUPERSEDED = "superseded", "已作废"


CLOSED = (ListStatus.SEALED, ListStatus.SUPERSEDED)


class ListGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Its own authority's officials always; those above once it is sealed."""
        own = Q(authority_id__in=scope.authority_ids(*DESK))
        return own | (scope.under("authority__path", *DESK) & Q(status__in=CLOSED))

    def beside(self, user: User) -> ListGateway:
        """Lists with projects of units beside which the person's department stands, where the notice names it."""
        found = Q(pk__in=[])
        for authority, keys in scope(user).departments.items():
            found |= Q(authority=authority, track__departments__key__in=keys)
        return self.filter(found, size__gt=0).distinct()


class RecommendationList(PublicId, Stateful):
    """`size` counts the entries; it is written only together with them, under the list's version."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="lists")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="lists")
    quota_limit = models.PositiveIntegerField(null=True)
    quota_unlimited = models.BooleanField(default=False)
    quota_strength = models.CharField(max_length=4, default="hard")
    quota_basis = models.CharField(max_length=200, blank=True)
    quota_clause = models.CharField(max_length=60, blank=True)
    quota_standing = models.CharField(max_length=10, default="official")
    size = models.PositiveIntegerField(default=0)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ListGateway.as_manager()

    class Meta:
        ordering = ("-track__campaign__edition__year", "authority__order", "pk")
        verbose_name = verbose_name_plural = "推荐名单"
        constraints = (
            models.UniqueConstraint(
                fields=("track", "authority"), condition=~Q(status="superseded"), name="one_live_list"
            ),
        )

    def __str__(self) -> str:
        return f"{self.authority} {self.track}"

    @property
    def status_label(self) -> str:
        return ListStatus(self.status).label


class EntryGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        own = Q(list__authority_id__in=scope.authority_ids(*DESK))
        return own | (scope.under("list__authority__path", *DESK) & Q(list__status__in=CLOSED))


class Entry(models.Model):
    """One declaration on a list. `rank` is gap-free from 1 at every commit; negative only inside a reordering."""

    list = models.ForeignKey(RecommendationList, on_delete=models.PROTECT, related_name="entries")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="entries")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="entries")
    rank = models.IntegerField()
    source = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="taken_up")
    exempt_reason = models.CharField("不占名额的依据", max_length=200, blank=True)
    over_reason = models.CharField("超出原则上限的理由", max_length=200, blank=True)
    order_reason = models.CharField("次序说明", max_length=200, blank=True)
    order_about = models.CharField(max_length=64, blank=True)
    points = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    arithmetic = models.JSONField(default=no_rows)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = EntryGateway.as_manager()

    class Meta:
        ordering = ("rank",)
        verbose_name = verbose_name_plural = "推荐项目"
        constraints = (
            models.UniqueConstraint(fields=("list", "rank"), name="rank_once_per_list"),
            models.UniqueConstraint(fields=("list", "declaration"), name="declaration_once_per_list"),
        )

    def __str__(self) -> str:
        return f"{self.list_id} #{self.rank}"

    @property
    def counts(self) -> bool:
        """Whether the entry uses one of the places of the quota."""
        return not (self.exempt_reason or self.over_reason)


class RankMove(models.Model):
    """One change of a list, for the log and for undo. Rank 0 stands for "not on the list"."""

    list = models.ForeignKey(RecommendationList, on_delete=models.PROTECT, related_name="moves")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    from_rank = models.PositiveIntegerField()
    to_rank = models.PositiveIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.list_id} {self.from_rank}→{self.to_rank}"
