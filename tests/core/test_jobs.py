"""Background work: one effect whatever happens to the worker, the broker or the message."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from lms.celery import app as celery
from lms.core import jobs, tasks
from lms.core.errors import NotAllowed
from lms.core.models import AuditEvent, Job
from lms.organisations.models import Role
from tests.factories.organisations import make_person, make_unit

KIND = "tests.work"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def work(monkeypatch):
    """A kind of job whose handler appends to the list; tests replace what it does."""
    done = []

    class Work:
        calls = done

        def act(self, run):
            return {}

    work = Work()

    def handler(run):
        done.append(run.job.pk)
        return work.act(run)

    monkeypatch.setitem(jobs._handlers, KIND, handler)
    return work


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """The wake-ups that would have gone to the broker."""
    messages: list[int] = []
    monkeypatch.setattr(tasks.run_job_task, "apply_async", lambda args, **kwargs: messages.append(args[0]))
    return messages


def enqueue(**fields) -> Job:
    values = {"kind": KIND, "title": "Việc thử", "payload": {}, "requested_by": None, "now": timezone.now()}
    return jobs.enqueue_job(**{**values, **fields})


def test_a_job_is_done_once_and_keeps_its_result(work):
    work.act = lambda run: {"answer": 42}
    job = enqueue()
    jobs.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result, job.percent) == (Job.State.SUCCEEDED, {"answer": 42}, 100)


def test_a_message_delivered_twice_has_one_effect(work):
    job = enqueue()
    tasks.run_job_task(job.pk)
    tasks.run_job_task(job.pk)
    assert work.calls == [job.pk]


def test_a_message_delivered_while_the_job_runs_does_nothing(work):
    job = enqueue()

    def deliver_again(run):
        jobs.run_job(job.pk)
        return {}

    work.act = deliver_again
    jobs.run_job(job.pk)
    assert work.calls == [job.pk]


def test_an_unknown_kind_is_refused_when_asked_for():
    with pytest.raises(LookupError):
        enqueue(kind="tests.unknown")


def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(work):
    job = enqueue()
    reached = []

    def overtaken(run):
        run.progress(1, 10)
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        other = jobs.claim_job(job_id=job.pk, now=timezone.now())
        assert other is not None
        reached.append("before")
        run.progress(2, 10)
        reached.append("after")

    work.act = overtaken
    jobs.run_job(job.pk)
    job.refresh_from_db()
    assert reached == ["before"]
    assert (job.state, job.progress_done, job.attempts) == (Job.State.RUNNING, 1, 2)


def test_progress_renews_the_lease(work):
    job = enqueue()
    seen = []

    def step(run):
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timedelta(seconds=1))
        run.progress(3, 4)
        job.refresh_from_db()
        seen.append((job.lease_until - timezone.now()).total_seconds())
        return {}

    work.act = step
    jobs.run_job(job.pk)
    assert seen[0] > settings.JOB_LEASE_SECONDS - 5


def test_a_failing_job_is_tried_again_with_growing_pauses_and_then_fails(work):
    def fail(run):
        raise ValueError("no luck")

    work.act = fail
    job = enqueue()
    pauses = []
    for _attempt in range(settings.JOB_MAX_ATTEMPTS):
        jobs.run_job(job.pk)
        job.refresh_from_db()
        pauses.append(round((job.wake_after - timezone.now()).total_seconds()))
        Job.objects.filter(pk=job.pk).update(wake_after=timezone.now())
    assert job.state == Job.State.FAILED
    assert job.error == "ValueError: no luck"
    assert pauses[:-1] == sorted(pauses[:-1])
    assert pauses[0] < pauses[-2]
    assert len(work.calls) == settings.JOB_MAX_ATTEMPTS


def test_a_job_that_kills_every_worker_is_given_up(work):
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        attempts=settings.JOB_MAX_ATTEMPTS,
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    jobs.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert work.calls == []


def test_a_job_that_gets_further_each_time_is_not_given_up(work):
    def one_step_more(run):
        step = len(work.calls)
        run.progress(step, 12)
        if step < 12:
            raise ValueError("the worker was stopped")
        return {}

    work.act = one_step_more
    job = enqueue()
    for _attempt in range(12):
        Job.objects.filter(pk=job.pk).update(wake_after=timezone.now())
        jobs.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED


def test_a_job_that_waits_for_its_pause_is_not_run_early(work):
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(wake_after=timezone.now() + timedelta(seconds=60))
    jobs.run_job(job.pk)
    assert work.calls == []


# --- The sweep and the broker ----------------------------------------------------------------------------
def test_the_sweep_wakes_what_waits_and_what_lost_its_worker(sent):
    now = timezone.now()
    waiting, orphaned, running, done = (enqueue() for _ in range(4))
    old = now - timedelta(minutes=5)
    Job.objects.update(wake_after=old)
    states = Job.State
    Job.objects.filter(pk=orphaned.pk).update(state=states.RUNNING, lease_until=old, woken_at=old)
    Job.objects.filter(pk=running.pk).update(state=states.RUNNING, lease_until=now + timedelta(seconds=20))
    Job.objects.filter(pk=done.pk).update(state=states.SUCCEEDED)
    assert jobs.sweep(now=now) == 2
    assert sent == [waiting.pk, orphaned.pk]


def test_the_sweep_does_not_pile_up_messages_behind_a_slow_job(sent):
    enqueue()
    now = timezone.now()
    Job.objects.update(wake_after=now - timedelta(minutes=5))
    assert jobs.sweep(now=now) == 1
    assert jobs.sweep(now=timezone.now()) == 0
    assert jobs.sweep(now=timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)) == 1


@pytest.mark.parametrize("address", ["filesystem://", "filesystem://localhost", None])
def test_the_queue_of_files_is_connected_to_without_a_warning(monkeypatch, caplog, address):
    if not settings.CELERY_BROKER_URL.startswith("filesystem"):
        pytest.skip("another broker is set")
    if address is None:
        monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    else:
        monkeypatch.setenv("CELERY_BROKER_URL", address)
    for broker in (celery.connection_for_write(), celery.connection_for_read()):
        with broker:
            broker.ensure_connection(max_retries=1)
            assert broker.info()["hostname"] == "localhost"
    assert [record for record in caplog.records if record.name.startswith("kombu")] == []


@pytest.mark.parametrize("error", [OperationalError("down"), ConnectionRefusedError("down")])
def test_with_the_broker_down_the_job_waits_and_the_asker_notices_nothing(
    monkeypatch, sent, error, django_capture_on_commit_callbacks
):
    def refuse(args, **kwargs):
        raise error

    with monkeypatch.context() as down:
        down.setattr(tasks.run_job_task, "apply_async", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            job = enqueue()
        assert jobs.sweep(now=timezone.now() + timedelta(seconds=10)) == 0
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert jobs.sweep(now=timezone.now() + timedelta(seconds=20)) == 1
    assert sent == [job.pk]


def test_the_wake_up_goes_out_after_the_commit_only(sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job = enqueue()
        assert sent == []
    assert sent == [job.pk]


# --- Asking twice -----------------------------------------------------------------------------------------
def test_the_same_work_asked_twice_is_one_job_until_it_is_over(work):
    first, second = enqueue(dedupe_key="a"), enqueue(dedupe_key="a")
    other = enqueue(dedupe_key="b")
    assert first.pk == second.pk != other.pk
    jobs.run_job(first.pk)
    assert enqueue(dedupe_key="a").pk not in {first.pk, other.pk}


@pytest.mark.django_db(transaction=True)
def test_the_same_work_asked_by_threads_is_one_job():
    barrier, found = threading.Barrier(6), []

    def ask() -> None:
        try:
            barrier.wait(timeout=20)
            found.append(enqueue(dedupe_key="threads").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 6
    assert len(set(found)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_woken_at_once_do_the_job_once(work):
    job = enqueue()
    barrier = threading.Barrier(4)

    def worker() -> None:
        try:
            barrier.wait(timeout=20)
            jobs.run_job(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert work.calls == [job.pk]


# --- Trying again -------------------------------------------------------------------------------------------
def test_an_overseer_starts_a_failed_job_again(client, work):
    administrator = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    job = enqueue()
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, attempts=5, error="x")
    client.force_login(administrator, backend=settings.AUTHENTICATION_BACKENDS[0])
    response = client.post(reverse("core:job_retry", args=[job.public_id]), follow=True)
    assert response.status_code == 200
    jobs.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.SUCCEEDED
    assert AuditEvent.objects.get(action="job.retried").actor == administrator


def test_a_failed_job_is_not_started_again_beside_a_newer_one():
    administrator = make_person(unit=make_unit(), roles=[Role.SCHOOL_ADMINISTRATOR])
    old = enqueue(dedupe_key="a")
    Job.objects.filter(pk=old.pk).update(state=Job.State.FAILED)
    enqueue(dedupe_key="a")
    with pytest.raises(jobs.JobAlreadyOpen):
        jobs.retry_job(job=old, actor=administrator, now=timezone.now())


def test_only_failed_jobs_are_started_again_and_only_by_overseers():
    job = enqueue()
    with pytest.raises(jobs.JobNotFailed):
        jobs.retry_job(
            job=job,
            actor=make_person(unit=make_unit(), roles=[Role.SYSTEM_ADMINISTRATOR]),
            now=timezone.now(),
        )
    with pytest.raises(NotAllowed):
        jobs.retry_job(job=job, actor=make_person(unit=make_unit()), now=timezone.now())


# --- Pages ---------------------------------------------------------------------------------------------------
def signed_in(*roles) -> tuple[Client, object]:
    person = make_person(unit=make_unit(), roles=roles)
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client, person


def test_the_bar_asks_again_while_the_job_is_open_and_then_announces_its_end(work):
    client, person = signed_in()
    job = enqueue(requested_by=person)
    url = reverse("core:job_status", args=[job.public_id])
    waiting = client.get(url)
    assert f'hx-get="{url}"' in waiting.content.decode()
    assert "HX-Trigger" not in waiting.headers
    jobs.run_job(job.pk)
    over = client.get(url)
    assert "hx-get" not in over.content.decode()
    assert over.headers["HX-Trigger"] == "job-done"


def test_a_stranger_does_not_learn_that_a_job_exists():
    client, _person = signed_in()
    job = enqueue(requested_by=make_person(unit=make_unit()))
    assert client.get(reverse("core:job_status", args=[job.public_id])).status_code == 404


def test_technical_errors_are_not_shown_to_the_asker(work):
    def fail(run):
        raise OSError("/secret/path")

    work.act = fail
    client, person = signed_in()
    job = enqueue(requested_by=person)
    jobs.run_job(job.pk)
    assert "/secret/path" not in client.get(reverse("core:job_status", args=[job.public_id])).content.decode()


def test_the_list_of_jobs_takes_the_same_number_of_queries_however_long(django_assert_max_num_queries):
    client, person = signed_in(Role.SCHOOL_ADMINISTRATOR)
    for _ in range(25):
        enqueue(requested_by=person)
    with django_assert_max_num_queries(16):
        response = client.get(reverse("core:jobs"), {"state": "queued"})
    assert response.content.decode().count("Việc thử") >= 25


def test_the_list_of_jobs_is_filtered_and_paged():
    client, person = signed_in(Role.SYSTEM_ADMINISTRATOR)
    for number in range(30):
        enqueue(requested_by=person, title=f"Việc số {number}")
    assert len(client.get(reverse("core:jobs"), {"page": 2}).context["rows"]) == 5
    assert len(client.get(reverse("core:jobs"), {"q": "số 29"}).context["rows"]) == 1
    assert client.get(reverse("core:jobs"), {"state": "failed"}).context["rows"] == []
