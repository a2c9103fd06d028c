"""Celery's side of the job table."""

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from . import audit_chain, jobs


@shared_task(name="lms.core.tasks.run_job", acks_late=True, reject_on_worker_lost=True)
def run_job_task(job_id: int) -> None:
    jobs.run_job(job_id)


@shared_task(name="lms.core.tasks.sweep_jobs", expires=30)
def sweep_jobs() -> int:
    return jobs.sweep(now=timezone.now())


@shared_task(name="lms.core.tasks.seal_audit_events", expires=30)
def seal_audit_events() -> int:
    return audit_chain.seal_events(now=timezone.now())


@worker_ready.connect
def sweep_at_start(**_kwargs) -> None:
    """A worker that comes back does not wait for the clock."""
    jobs.sweep(now=timezone.now())
