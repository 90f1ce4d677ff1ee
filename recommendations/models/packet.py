"""评审材料包: a sealed list's documents, or chosen declarations, merged for reviewers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from recommendations.models.list import DESK, RecommendationList, no_rows
from smartfactory.access import Gateway, Scope
from smartfactory.models import Authority, Job, PublicId, Role, StoredFile


class PacketGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """The officials of the unit it is of, those above, and their reviewers where it was given to them."""
        given = scope.under("authority__path", Role.REVIEWER) & Q(for_experts=True)
        return scope.under("authority__path", *DESK) | given


class Packet(PublicId):
    """What was asked for; the job holds the progress. `entries` is what goes in, fixed when it was ordered."""

    list = models.ForeignKey(RecommendationList, null=True, on_delete=models.PROTECT, related_name="packets")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=160)
    ranks = models.JSONField(default=no_rows)
    entries = models.JSONField(default=no_rows)
    with_files = models.BooleanField(default=False)
    for_experts = models.BooleanField(default=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    failures = models.JSONField(default=no_rows)
    pages = models.PositiveIntegerField(default=0)
    manifest = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = PacketGateway.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = verbose_name_plural = "评审材料包"

    def __str__(self) -> str:
        return self.title

    @property
    def expired(self) -> bool:
        return self.purged_at is not None or self.expires_at <= timezone.now()

    @property
    def code(self) -> str:
        """Of the sealed list it is of, "" for chosen declarations."""
        return self.list.seal.code if self.list_id else ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.entries


class PacketPiece(models.Model):
    """One project of a packet, made: what is in it and what could not be. Its PDF waits in the work folder to be bound."""

    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="pieces")
    place = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveIntegerField()
    marks = models.JSONField(default=no_rows)
    files = models.JSONField(default=no_rows)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("packet", "place"), name="packet_piece_once"),)

    def __str__(self) -> str:
        return f"{self.packet_id} #{self.place}"


class PacketPart(models.Model):
    """One volume: a PDF below the limit of size. The digest outlives the file, which goes when the packet expires."""

    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=160)
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    first = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("packet", "number"), name="packet_part_once"),)

    def __str__(self) -> str:
        return self.name
