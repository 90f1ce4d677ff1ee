"""Background work as rows: nothing is lost with a worker, nothing is done twice, nobody overwrites his successor."""

from datetime import timedelta

import pytest
from django.utils import timezone

from smartfactory import jobs, tasks
from smartfactory.jobs import Cancelled
from smartfactory.models import Job, JobState, StoredFile
from tests.factories.organisations import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def handle(monkeypatch):
    """Return a function that makes `function` the handler of jobs of kind "test"."""
    return lambda function: monkeypatch.setitem(jobs._handlers, "test", function)


@pytest.fixture
def woken(monkeypatch):
    """The ids that were sent to the broker."""
    sent = []
    monkeypatch.setattr(tasks.run_job, "delay", sent.append)
    return sent


def enqueue(**params):
    return jobs.enqueue("test", "thing:1", params)


def again(job):
    return Job.objects.get(pk=job.pk)


def silence(job, minutes=10):
    """The worker that holds the job has not been heard of for a while."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(minutes=minutes))


def age(job, seconds=60):
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=seconds))


# Asking for work


def test_the_same_work_is_one_job(woken, django_capture_on_commit_callbacks):
    user = make_user()
    with django_capture_on_commit_callbacks(execute=True):
        first = jobs.enqueue("test", "thing:1", {"a": 1, "b": [2]}, by=user)
        second = jobs.enqueue("test", "thing:1", {"b": [2], "a": 1})
        other = jobs.enqueue("test", "thing:1", {"a": 2, "b": [2]})
    assert (first.pk, first.created_by) == (second.pk, user)
    assert other.pk != first.pk
    assert woken == [first.pk, other.pk]


def test_what_a_person_waits_for_goes_first(woken):
    """A worker woken for something nobody has asked for does the asked first; asking for it makes it asked."""
    idle, person = enqueue(n=1), make_user()
    asked = jobs.enqueue("test", "thing:2", {"n": 2}, by=person)
    assert jobs.next_up(idle.pk) == asked.pk
    later = jobs.enqueue("test", "thing:3", {"n": 3}, by=person)
    assert jobs.next_up(later.pk) == later.pk
    jobs.enqueue("test", "thing:1", {"n": 1}, by=person)
    assert jobs.next_up(idle.pk) == idle.pk
    Job.objects.update(state=JobState.READY)
    assert jobs.next_up(idle.pk) == idle.pk


def test_work_that_is_done_is_not_done_again(handle, woken):
    handle(lambda run: (b"content", "a.txt", "text/plain"))
    job = enqueue()
    jobs.run(job.pk)
    assert enqueue().pk == job.pk
    assert again(job).state == JobState.READY


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_asking_again_for_what_did_not_succeed_puts_it_back(woken, state, django_capture_on_commit_callbacks):
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(state=state, attempts=4, error="坏了", finished_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        found = enqueue()
    assert (found.pk, found.state, found.attempts, found.error) == (job.pk, JobState.PENDING, 0, "")
    assert woken == [job.pk]


def test_a_broker_that_is_away_only_delays(monkeypatch):
    def away(pk):
        raise ConnectionError

    monkeypatch.setattr(tasks.run_job, "delay", away)
    jobs.wake(1)


# Doing it


def test_the_result_is_kept_by_content_and_the_row_says_so(handle):
    def work(run):
        run.progress(1, 2, "一半")
        assert again(run.job).note == "一半"
        return b"content", "文件.txt", "text/plain"

    handle(work)
    job = enqueue()
    jobs.run(job.pk)
    done = again(job)
    assert (done.state, done.done, done.total, done.note, done.result_name) == (JobState.READY, 2, 2, "", "文件.txt")
    assert done.result.read() == b"content"
    assert (done.lease_until, done.is_over) == (None, True)


def test_work_without_a_result(handle):
    handle(lambda run: None)
    job = enqueue()
    jobs.run(job.pk)
    assert (again(job).state, again(job).result) == (JobState.READY, None)


def test_an_error_is_tried_again_and_the_last_one_is_final(handle, settings):
    def work(run):
        raise ValueError("缺一页")

    handle(work)
    settings.JOB_MAX_ATTEMPTS = 2
    job = enqueue()
    jobs.run(job.pk)
    assert (again(job).state, again(job).error) == (JobState.PENDING, "ValueError: 缺一页")
    jobs.run(job.pk)
    assert (again(job).state, again(job).attempts) == (JobState.FAILED, 2)
    jobs.run(job.pk)
    assert again(job).attempts == 2


def test_a_kind_nobody_handles_ends_in_words():
    job = enqueue()
    jobs.run(job.pk)
    assert "KeyError" in again(job).error


def test_only_one_worker_gets_a_job(handle):
    job = enqueue()
    assert jobs.claim(job.pk) is not None
    assert jobs.claim(job.pk) is None
    handle(lambda run: pytest.fail("somebody else has it"))
    jobs.run(job.pk)


def test_a_job_that_does_not_exist_is_nobodys():
    assert jobs.claim(10**6) is None
    jobs.run(10**6)


# Leases


def test_a_silent_workers_job_goes_to_another_and_the_first_cannot_publish():
    job = enqueue()
    lost = jobs.claim(job.pk)
    silence(job)
    heir = jobs.claim(job.pk)
    assert heir.token != lost.token
    with pytest.raises(Cancelled):
        lost.progress(1, 2)
    lost.publish((b"old", "old.txt", "text/plain"))
    lost.fail("old", final=True)
    assert again(job).state == JobState.RUNNING
    heir.publish((b"new", "new.txt", "text/plain"))
    lost.publish((b"old", "old.txt", "text/plain"))
    assert again(job).result_name == "new.txt"
    assert again(job).attempts == 2


def test_progress_renews_the_lease():
    job = enqueue()
    run = jobs.claim(job.pk)
    silence(job)
    run.progress(1, 3)
    assert again(job).lease_until > timezone.now()
    assert jobs.claim(job.pk) is None


# The sweep


def test_the_sweep_wakes_what_waits_and_what_fell_silent(woken):
    fresh, waiting, running, silent, done = (jobs.enqueue("test", f"thing:{n}") for n in range(5))
    jobs.claim(running.pk)
    jobs.claim(silent.pk)
    Job.objects.filter(pk=done.pk).update(state=JobState.READY)
    age(waiting), silence(silent), age(done)
    assert jobs.sweep() == 2
    assert woken == [waiting.pk, silent.pk]
    assert again(fresh).state == JobState.PENDING


def test_the_sweep_gives_up_on_a_job_that_kills_its_workers(woken, settings):
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(attempts=settings.JOB_MAX_ATTEMPTS - 1)
    jobs.claim(job.pk)
    silence(job)
    assert jobs.sweep() == 0
    found = again(job)
    assert (found.state, found.error, found.is_over) == (JobState.FAILED, "处理程序多次中断", True)
    assert found.finished_at is not None


# Stopping


def test_a_waiting_job_is_stopped_at_once(handle):
    handle(lambda run: pytest.fail("it was stopped"))
    job = enqueue()
    assert jobs.cancel(job)
    jobs.run(job.pk)
    assert again(job).state == JobState.CANCELLED


def test_a_running_job_notices_at_its_next_progress(handle):
    def work(run):
        assert jobs.cancel(run.job)
        run.progress(1, 2)
        pytest.fail("it was stopped")

    handle(work)
    job = enqueue()
    jobs.run(job.pk)
    assert (again(job).state, again(job).result) == (JobState.CANCELLED, None)


def test_what_is_over_can_neither_be_stopped_nor_put_back_by_mistake(handle):
    handle(lambda run: (b"x", "x", "text/plain"))
    job = enqueue()
    jobs.run(job.pk)
    assert not jobs.cancel(job)
    assert not jobs.retry(job)
    assert again(job).state == JobState.READY


def test_retry_starts_afresh(handle, woken, django_capture_on_commit_callbacks):
    job = enqueue()
    jobs.cancel(job)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.retry(job)
    assert woken == [job.pk]
    handle(lambda run: (b"x", "x", "text/plain"))
    jobs.run(job.pk)
    assert again(job).state == JobState.READY


def test_a_stopped_job_leaves_no_file_behind_it(handle):
    before = StoredFile.objects.count()

    def work(run):
        jobs.cancel(run.job)
        return b"late", "late.txt", "text/plain"

    handle(work)
    job = enqueue()
    jobs.run(job.pk)
    assert again(job).result is None
    # The bytes may be kept, by their digest; no row leads to them.
    assert StoredFile.objects.filter(jobs=job).count() == 0
    assert StoredFile.objects.count() <= before + 1
