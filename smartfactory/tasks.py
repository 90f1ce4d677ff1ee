"""Celery tasks: thin, by id, repeatable."""

from __future__ import annotations

from celery import shared_task

from smartfactory import audit, jobs


@shared_task(name="run_job")
def run_job(pk: int) -> None:
    jobs.run(jobs.next_up(pk))


@shared_task(name="sweep_jobs")
def sweep_jobs() -> int:
    return jobs.sweep()


@shared_task(name="checkpoint_audit")
def checkpoint_audit() -> None:
    audit.checkpoint()
