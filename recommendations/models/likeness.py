"""相似段落: what the machine found the same in two declarations. Derived from revisions; may be worked out again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from declarations.models import Revision
from declarations.models.declaration import received_q
from smartfactory.access import Gateway, Scope


class ReadRevision(models.Model):
    """A revision whose passages have been marked and compared."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, related_name="read_for_likeness")
    passages = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = "已比对的定稿"

    def __str__(self) -> str:
        return f"{self.revision_id} {self.passages}"


class PassageMark(models.Model):
    """A number that the same passage has wherever it stands; few per passage, so that the index stays small."""

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="passage_marks")
    mark = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "段落记号"
        constraints = (models.UniqueConstraint(fields=("mark", "revision"), name="mark_once_per_revision"),)

    def __str__(self) -> str:
        return f"{self.revision_id} {self.mark}"


class LikenessGateway(Gateway):
    def visible_q(self, scope: Scope) -> Q:
        """Officials of whom both declarations are in the line; never an enterprise."""
        return received_q(scope, "newer__declaration__") & received_q(scope, "older__declaration__")


class Likeness(models.Model):
    """One passage of `newer` and one of `older` that share `share` percent of the shorter one's running characters."""

    newer = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    older = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="+")
    newer_key = models.CharField(max_length=120)
    older_key = models.CharField(max_length=120)
    newer_label = models.CharField(max_length=160)
    older_label = models.CharField(max_length=160)
    newer_at = models.PositiveIntegerField()
    older_at = models.PositiveIntegerField()
    newer_text = models.TextField()
    older_text = models.TextField()
    share = models.PositiveSmallIntegerField()

    objects = LikenessGateway.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "相似段落"
        constraints = (
            models.UniqueConstraint(
                fields=("newer", "older", "newer_key", "newer_at", "older_key", "older_at"), name="likeness_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.newer_id} ≈ {self.older_id} {self.share}%"
