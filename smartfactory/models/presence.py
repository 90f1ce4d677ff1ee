"""Who has what open right now."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Presence(models.Model):
    """Somebody has a thing open, and where in it. Rows outlive their truth by a minute or two and are then not read."""

    subject = models.CharField(max_length=80)
    place = models.CharField(max_length=40, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "正在看"
        constraints = (models.UniqueConstraint(fields=("subject", "user"), name="one_presence_per_thing"),)

    def __str__(self) -> str:
        return f"{self.subject} {self.place} {self.user_id}".strip()
