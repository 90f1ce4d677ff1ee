"""内部备注: what the people of one office tell each other about a declaration."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from declarations.models import Declaration
from declarations.models.declaration import REVIEWING, received_q
from smartfactory.access import Scope
from smartfactory.models import Authority
from smartfactory.models.append_only import AppendOnly, AppendOnlyGateway


class OfficeNoteGateway(AppendOnlyGateway):
    def visible_q(self, scope: Scope) -> Q:
        """The office's own officials alone: neither the enterprise, nor another unit, nor the one above."""
        return Q(authority__in=scope.authority_ids(*REVIEWING)) & received_q(scope, "declaration__")


class OfficeNote(AppendOnly):
    """Numbered within the office. A correction names the note it stands for; a note is corrected once."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="office_notes")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfficeNoteGateway.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = verbose_name_plural = "内部备注"
        constraints = (
            models.UniqueConstraint(fields=("declaration", "authority", "number"), name="office_note_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.declaration_id} 备注 {self.number}"
