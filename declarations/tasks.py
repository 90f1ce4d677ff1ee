"""Background work of this floor: drawing the document of a revision, once."""

from __future__ import annotations

from celery import shared_task

from declarations.evidence import PREVIEW_JOB
from declarations.freezing import DESK_JOB, PDF_JOB
from smartfactory.celery import app
from smartfactory.jobs import JobRun, Result, handler


@handler(PDF_JOB)
def draw_declaration(run: JobRun) -> Result:
    """Draw the revision's PDF from its payload alone. A second run finds the first one's file and keeps it."""
    from declarations import printing
    from declarations.models import Revision

    revision = Revision.objects.select_related("issued", "declaration__track").get(pk=run.params["revision"])
    run.progress(0, 1, "排版")
    content = printing.kept_declaration(revision).read()
    return content, f"{revision.declaration.number}-第{revision.number}版.pdf", "application/pdf"


@handler(DESK_JOB)
def draw_desk_copy(run: JobRun) -> Result:
    """The same document with private values covered, once an official asks for it."""
    from declarations import printing
    from declarations.models import Revision

    revision = Revision.objects.select_related("issued", "declaration__track").get(pk=run.params["revision"])
    run.progress(0, 1, "排版")
    content = printing.kept_desk_copy(revision).read()
    return content, f"{revision.declaration.number}-第{revision.number}版-查阅件.pdf", "application/pdf"


@handler(PREVIEW_JOB)
def draw_preview(run: JobRun) -> Result:
    """Put the small picture of an uploaded file's first page on the shelf, where the form shows it."""
    from smartfactory import previews
    from smartfactory.models import StoredFile

    previews.picture(StoredFile.objects.get(pk=run.params["sha256"]), 1, previews.SMALL)
    return None


@shared_task(name="remind_deadlines")
def remind_deadlines() -> int:
    """Tell people of deadlines that come near. Running it twice tells nobody twice."""
    from declarations import notices

    return notices.remind()


@shared_task(name="sweep_uploads")
def sweep_uploads() -> int:
    """Throw away files that were begun and never finished."""
    from declarations import uploading

    return uploading.sweep()


@shared_task(name="match_claims")
def match_claims() -> int:
    """Claims of enterprises nobody knew find theirs once it is known."""
    from declarations.team import claims

    return claims.match()


app.conf.beat_schedule["match-claims"] = {
    "task": "match_claims",
    "schedule": 3600.0,
    "options": {"expires": 3600},
}
app.conf.beat_schedule["sweep-uploads"] = {
    "task": "sweep_uploads",
    "schedule": 3600.0,
    "options": {"expires": 3600},
}
# Every hour, so that a clock that stood still for a night is made up for.
app.conf.beat_schedule["remind-deadlines"] = {
    "task": "remind_deadlines",
    "schedule": 3600.0,
    "options": {"expires": 3600},
}
