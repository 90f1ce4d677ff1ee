"""Background jobs: a row per piece of work, a lease per attempt, and a sweep that loses nothing.

The message queue only carries a job's id. Whoever wakes claims the row with one conditional UPDATE; results are
published by another that names the lease, so a worker that was given up on cannot overwrite its successor.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from smartfactory import files
from smartfactory.canonical import canonical_json, sha256
from smartfactory.models import Job, JobState, StoredFile

if TYPE_CHECKING:
    from smartfactory.models import User

log = logging.getLogger(__name__)
Result = tuple[bytes | Path, str, str] | None
Handler = Callable[["JobRun"], Result]
_handlers: dict[str, Handler] = {}


class Cancelled(Exception):
    """The job was stopped by a person, or its lease went to somebody else."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of `kind`. It must be repeatable: a job may run again after a crash."""

    def decorate(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return decorate


def enqueue(kind: str, subject: str, params: dict | None = None, *, by: User | None = None) -> Job:
    """Return the job for exactly this work, creating it inside the caller's transaction if there is none yet.

    A failed or cancelled one is put back in the queue. The worker is woken after commit. With `by` a person waits for
    it: such work is done before the rest.
    """
    params = params or {}
    key = {"kind": kind, "subject": subject, "input_digest": sha256(canonical_json(params))}
    job, made = Job.objects.get_or_create(**key, defaults={"params": params, "created_by": by})
    if not made and job.state in {JobState.FAILED, JobState.CANCELLED}:
        retry(job)
        job.refresh_from_db()
    if by is not None and job.created_by_id is None and job.state == JobState.PENDING:
        Job.objects.filter(pk=job.pk, created_by=None).update(created_by=by)
    if made:
        transaction.on_commit(partial(wake, job.pk))
    return job


def retry(job: Job) -> bool:
    """Put a failed or cancelled job back in the queue; False if it is not in such a state."""
    moved = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED]).update(
        state=JobState.PENDING, attempts=0, error="", done=0, note="", finished_at=None
    )
    if moved:
        transaction.on_commit(partial(wake, job.pk))
    return bool(moved)


def cancel(job: Job) -> bool:
    """Stop a job that is not over; a running one notices at its next progress report."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[JobState.PENDING, JobState.RUNNING]).update(
            state=JobState.CANCELLED, lease_token="", lease_until=None, finished_at=timezone.now()
        )
    )


def wake(pk: int) -> None:
    """Send the id to a worker; if the broker is away, the sweep will find the row."""
    from smartfactory.tasks import run_job

    try:
        run_job.delay(pk)
    except Exception:
        log.warning("the broker could not be reached; job %s waits for the sweep", pk, exc_info=True)


@dataclass
class JobRun:
    """One attempt at a job, holding its lease."""

    job: Job
    token: str

    @property
    def params(self) -> dict:
        return self.job.params

    def progress(self, done: int, total: int, note: str = "") -> None:
        """Report progress and renew the lease; raises Cancelled when the job is no longer ours."""
        kept = self._mine().update(done=done, total=total, note=note[:200], lease_until=_lease_end())
        if not kept:
            raise Cancelled(f"job {self.job.pk}")

    def _mine(self):
        return Job.objects.filter(pk=self.job.pk, state=JobState.RUNNING, lease_token=self.token)

    def publish(self, result: Result) -> None:
        stored, name = _store(result)
        self._mine().update(
            state=JobState.READY, result=stored, result_name=name, note="", error="", lease_until=None,
            done=F("total"), finished_at=timezone.now(),
        )  # fmt: skip

    def fail(self, message: str, *, final: bool) -> None:
        state = JobState.FAILED if final else JobState.PENDING
        self._mine().update(state=state, error=message[:2000], lease_until=None, finished_at=timezone.now())


def claim(pk: int) -> JobRun | None:
    """Take the lease of a waiting job, or of one whose worker has fallen silent; None if somebody else has it."""
    now, token = timezone.now(), secrets.token_hex(16)
    free = Q(state=JobState.PENDING) | Q(state=JobState.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=pk).update(
        state=JobState.RUNNING, lease_token=token, lease_until=_lease_end(), attempts=F("attempts") + 1
    )
    return JobRun(Job.objects.get(pk=pk), token) if taken else None


def run(pk: int) -> None:
    """Do one job if it is free. Errors end in the row, in words; the last attempt's error is final."""
    attempt = claim(pk)
    if attempt is None:
        return
    try:
        attempt.publish(_handlers[attempt.job.kind](attempt))
    except Cancelled:
        log.info("job %s stopped", pk)
    except Exception as error:
        final = attempt.job.attempts >= settings.JOB_MAX_ATTEMPTS
        log.exception("job %s (%s) did not finish, attempt %s", pk, attempt.job.kind, attempt.job.attempts)
        attempt.fail(f"{type(error).__name__}: {error}", final=final)


def next_up(pk: int) -> int:
    """What a worker woken for a job should do: what a person waits for goes before what nobody has asked for yet."""
    asked = Job.objects.filter(state=JobState.PENDING, created_by__isnull=False).order_by("pk")
    if asked.filter(pk=pk).exists():
        return pk
    return asked.values_list("pk", flat=True).first() or pk


def sweep() -> int:
    """Wake every job that waits or whose lease has run out; give up on those that killed their worker too often."""
    now = timezone.now()
    stuck = Q(state=JobState.RUNNING, lease_until__lt=now)
    Job.objects.filter(stuck, attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=JobState.FAILED, error="处理程序多次中断", lease_until=None, finished_at=now
    )
    waiting = Q(state=JobState.PENDING, created_at__lt=now - timedelta(seconds=5))
    pks = list(Job.objects.filter(stuck | waiting).order_by("pk").values_list("pk", flat=True)[:200])
    for pk in pks:
        wake(pk)
    return len(pks)


def _lease_end():
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _store(result: Result) -> tuple[StoredFile | None, str]:
    if result is None:
        return None, ""
    content, name, mime = result
    return files.put(content, mime), name
