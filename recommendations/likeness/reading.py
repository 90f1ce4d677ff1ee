"""Marking a revision's passages and comparing them with those of others: the work of a background job.

Marks are committed before anything is looked for, so of two revisions read at the same moment the later one sees the
earlier. Nothing here says what is right: it only puts passages beside each other.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, F, Q

from declarations import content
from declarations.models import Revision
from declarations.vocabulary import Status
from recommendations.likeness import passages
from recommendations.models import Likeness, PassageMark, ReadRevision
from smartfactory import jobs
from smartfactory.jobs import JobRun, handler
from smartfactory.models import Job

JOB = "likeness"
# The declarations with most marks in common are looked at, and so many passages with each are kept.
MOST_OTHERS, MOST_PAIRS = 20, 12
BATCH = 500


def enqueue(revision: Revision) -> Job:
    """Have the revision read; asking again for one that was read changes nothing."""
    return jobs.enqueue(JOB, f"revision:{revision.pk}", {"revision": revision.pk, "sha256": revision.sha256})


@handler(JOB)
def read(run: JobRun) -> None:
    """Mark, then compare with everybody who shares marks. May be done again: what is written is replaced.

    A revision that a later one has replaced is left alone.
    """
    revision = Revision.objects.select_related("declaration__track").get(pk=run.params["revision"])
    if revision.pk != revision.declaration.latest_revision_id:
        return
    mine = _passages(revision)
    mark(revision, mine)
    others = _candidates(revision, mine)
    found: list[Likeness] = []
    for done, other in enumerate(others):
        run.progress(done, len(others), "比对")
        found += _compare(revision, mine, other)
    with transaction.atomic():
        Likeness.objects.filter(Q(newer=revision) | Q(older=revision)).delete()
        Likeness.objects.bulk_create(found, batch_size=BATCH, ignore_conflicts=True)


def mark(revision: Revision, found: list[passages.Passage]) -> None:
    """Replace the marks of the whole declaration: only its latest revision is compared with."""
    numbers = sorted({number for one in found for number in one.marks})
    with transaction.atomic():
        earlier = Revision.objects.filter(declaration=revision.declaration_id, number__lte=revision.number)
        PassageMark.objects.filter(revision__in=earlier).delete()
        Likeness.objects.filter(Q(newer__in=earlier) | Q(older__in=earlier)).delete()
        PassageMark.objects.bulk_create(
            [PassageMark(revision=revision, mark=number) for number in numbers], batch_size=BATCH
        )
        ReadRevision.objects.update_or_create(revision=revision, defaults={"passages": len(found)})


def _passages(revision: Revision) -> list[passages.Passage]:
    return passages.cut(content.rows(revision.content, content.describe(revision.declaration.track)))


def _candidates(revision: Revision, mine: list[passages.Passage]) -> list[Revision]:
    """The latest revisions of other declarations that share most marks."""
    numbers = sorted({number for one in mine for number in one.marks})
    rows = PassageMark.objects.filter(mark__in=numbers, revision=F("revision__declaration__latest_revision"))
    rows = rows.exclude(revision__declaration=revision.declaration_id).exclude(
        revision__declaration__status=Status.DRAFT
    )
    ranked = rows.values_list("revision").annotate(n=Count("pk")).order_by("-n", "-revision")[:MOST_OTHERS]
    keys = [pk for pk, _ in ranked]
    return list(Revision.objects.filter(pk__in=keys).select_related("declaration__track").order_by("pk"))


def _compare(revision: Revision, mine: list[passages.Passage], other: Revision) -> list[Likeness]:
    found = passages.pairs(mine, _passages(other))
    longest = sorted(found, key=lambda one: -len(one.mine.text))[:MOST_PAIRS]
    return [_row(revision, other, one) for one in longest]


def _row(revision: Revision, other: Revision, pair: passages.Pair) -> Likeness:
    """The later revision comes first, whichever of the two was being read."""
    one, two = (revision, pair.mine), (other, pair.theirs)
    (newer, a), (older, b) = (one, two) if revision.pk > other.pk else (two, one)
    return Likeness(
        newer=newer, newer_key=a.key, newer_label=a.label, newer_at=a.at, newer_text=a.text,
        older=older, older_key=b.key, older_label=b.label, older_at=b.at, older_text=b.text,
        share=pair.share,
    )  # fmt: skip
