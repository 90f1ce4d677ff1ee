"""The desk's own work: who deals with which declaration, views people keep, and acts on many at once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models import Declaration
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, Job, PublicId, Role

DESK = (Role.OFFICIAL, Role.SEALER)


class DeskGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """The people of the very desk it belongs to."""
        return Q(authority_id__in=scope.authority_ids(*DESK))


class Duty(models.Model):
    """承办: whose declaration it is at one desk. Colleagues may still act on it: it says whose turn it is."""

    declaration = models.ForeignKey(Declaration, on_delete=models.CASCADE, related_name="duties")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="duties"
    )
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = DeskGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承办"
        constraints = (models.UniqueConstraint(fields=("declaration", "authority"), name="one_duty_per_desk"),)
        indexes = (models.Index(fields=("authority", "user"), name="duty_of_person"),)

    def __str__(self) -> str:
        return f"{self.declaration_id} {self.authority_id} {self.user_id}"


class SavedViewGateway(DeskGateway):
    def shown_to(self, user: object) -> SavedViewGateway:
        """A person's own and those colleagues share; own ones first."""
        rows = self.visible_to(user).filter(Q(user=user) | Q(shared=True)).select_related("user")
        return rows.order_by("name", "pk")


class SavedView(PublicId):
    """Filters of the queue under a name. `query` is the query string, in the order filters.py writes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=600, blank=True)
    is_default = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = SavedViewGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保存的视图"
        constraints = (
            models.UniqueConstraint(fields=("user", "name"), name="one_view_per_name"),
            models.UniqueConstraint(fields=("user",), condition=Q(is_default=True), name="one_default_view"),
        )

    def __str__(self) -> str:
        return self.name


class BulkRun(PublicId):
    """One act on many declarations, as confirmed; its rows say what became of each."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=20)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DeskGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "批量办理"

    def __str__(self) -> str:
        return f"{self.act} {self.public_id}"


class Outcome(models.TextChoices):
    """What became of one row."""

    WAITING = "waiting", "等着办"
    DONE = "done", "已办"
    CHANGED = "changed", "有变化，没有办"
    BLOCKED = "blocked", "条件不具备，没有办"
    REFUSED = "refused", "不由您办，没有办"


class BulkRow(models.Model):
    """One declaration of a run, at the version the person saw."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="rows")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    seen = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    words = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = verbose_name_plural = "批量办理的一行"
        constraints = (models.UniqueConstraint(fields=("run", "declaration"), name="once_per_run"),)

    def __str__(self) -> str:
        return f"{self.run_id} {self.declaration_id} {self.outcome}"
