"""Background work that survives its worker.

A handler is registered under the job's kind and must be safe to repeat: it looks at what is already done and does
the rest. It reports through ``JobRun.progress``, which also renews the lease and stops a worker that has lost it.
"""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from .audit import record_event
from .audit_origin import coming_from
from .errors import DomainError, NotAllowed
from .models import Job
from .permissions import oversees_jobs

logger = logging.getLogger(__name__)

Handler = Callable[["JobRun"], dict[str, Any]]
_handlers: dict[str, Handler] = {}


class LeaseLost(Exception):
    """Another worker took the job over; this one must stop without writing more."""


class JobNotFailed(DomainError):
    message = _("Only a failed job can be tried again.")


class JobAlreadyOpen(DomainError):
    message = _("The same work has been asked for again since and is under way.")


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of one kind; it returns the job's result as JSON values."""

    def register(handler: Handler) -> Handler:
        if kind in _handlers:
            raise ValueError(f"two handlers for jobs of kind {kind}")
        _handlers[kind] = handler
        return handler

    return register


def registered_kinds() -> list[str]:
    return sorted(_handlers)


class JobRun:
    """One attempt at a job, handed to its handler."""

    def __init__(self, job: Job):
        self.job = job
        self.payload: dict[str, Any] = job.payload
        self._furthest = job.progress_done

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is, and keep the job; raises LeaseLost when another worker has it."""
        values = {"progress_done": done, "progress_total": total, "lease_until": _lease_end(timezone.now())}
        if done > self._furthest:
            # Work that gets further is not to blame for its worker's death: the attempts are counted anew.
            values["attempts"] = self.job.attempts = 1
            self._furthest = done
        kept = Job.objects.filter(
            pk=self.job.pk, lease_token=self.job.lease_token, state=Job.State.RUNNING
        ).update(**values)
        if not kept:
            raise LeaseLost(f"job {self.job.pk}")


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def enqueue_job(
    *, kind: str, title: str, payload: dict[str, Any], requested_by, now: datetime, dedupe_key: str = ""
) -> Job:
    """Write the job and wake a worker once the caller's transaction has committed.

    With a ``dedupe_key`` the open job of the same kind and key is given back instead of a second one.
    """
    if kind not in _handlers:
        raise LookupError(f"no handler for jobs of kind {kind}")
    job = None
    while job is None:
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    title=title[:255],
                    payload=payload,
                    dedupe_key=dedupe_key,
                    requested_by=requested_by,
                    created_at=now,
                    wake_after=now,
                )
        except IntegrityError:
            if not dedupe_key:
                raise
            standing = Job.objects.filter(kind=kind, dedupe_key=dedupe_key, state__in=Job.OPEN_STATES).first()
            if standing is not None:
                return standing
            # It ended between the two statements: there is room for a new one now.
    wake_on_commit(job)
    return job


def wake_on_commit(job: Job) -> None:
    transaction.on_commit(lambda: wake(job.pk), robust=True)


def wake(job_id: int) -> bool:
    """Send the wake-up; False when the broker did not take it. That costs only time: the sweep sends it again."""
    from .tasks import run_job_task  # tasks import this module

    try:
        run_job_task.apply_async((job_id,), retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker did not take the wake-up of job %s; the sweep will send it again", job_id)
        return False
    Job.objects.filter(pk=job_id).update(woken_at=timezone.now())
    return True


def claim_job(*, job_id: int, now: datetime) -> Job | None:
    """Take a waiting job, or one whose worker has let its lease run out; None when another has it or it is over."""
    token = uuid.uuid4()
    claimed = (
        Job.objects.filter(pk=job_id)
        .filter(
            Q(state=Job.State.QUEUED, wake_after__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)
        )
        .update(
            state=Job.State.RUNNING,
            lease_token=token,
            lease_until=_lease_end(now),
            attempts=F("attempts") + 1,
            started_at=now,
        )
    )
    return Job.objects.get(pk=job_id) if claimed else None


def run_job(job_id: int) -> None:
    """Claim and do one job. An error puts it back with a growing pause, and fails it after the last attempt."""
    job = claim_job(job_id=job_id, now=timezone.now())
    if job is None:
        if not Job.objects.filter(pk=job_id).exists():
            logger.warning(
                "no job %s here: another installation may send to the same queue (QUEUE_NAME)", job_id
            )
        return
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        _settle(job, state=Job.State.FAILED, error=job.error or "the worker stopped in every attempt")
        return
    try:
        with coming_from(""):
            result = _handlers[job.kind](JobRun(job))
    except LeaseLost:
        logger.warning("job %s went to another worker", job_id)
    except Exception as error:  # the one place that turns any failure into a state people can see
        logger.exception("job %s failed in attempt %s", job_id, job.attempts)
        last = job.attempts >= settings.JOB_MAX_ATTEMPTS
        _settle(
            job,
            state=Job.State.FAILED if last else Job.State.QUEUED,
            error=f"{type(error).__name__}: {error}",
        )
    else:
        _settle(job, state=Job.State.SUCCEEDED, result=result)


def _settle(job: Job, *, state: str, error: str = "", result: dict[str, Any] | None = None) -> None:
    now = timezone.now()
    over = state != Job.State.QUEUED
    Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=Job.State.RUNNING).update(
        state=state,
        error=error,
        result=result or {},
        lease_token=None,
        lease_until=None,
        woken_at=None,
        wake_after=now if over else now + timedelta(seconds=2**job.attempts),
        finished_at=now if over else None,
    )


def sweep(*, now: datetime) -> int:
    """Wake every job that waits or whose worker is gone; gives the number of wake-ups sent.

    A job woken less than a lease ago is left alone: its message is on the way, and behind one slow job every sweep
    would otherwise add a message for each of those that wait.
    """
    due = Job.objects.filter(
        Q(state=Job.State.QUEUED, wake_after__lt=now - timedelta(seconds=2))
        | Q(state=Job.State.RUNNING, lease_until__lt=now)
    ).filter(Q(woken_at=None) | Q(woken_at__lt=now - timedelta(seconds=settings.JOB_LEASE_SECONDS)))
    sent = 0
    for job_id in due.order_by("pk").values_list("pk", flat=True)[:500]:
        if not wake(job_id):
            break
        sent += 1
    return sent


@transaction.atomic
def retry_job(*, job: Job, actor, now: datetime) -> Job:
    """Give a failed job another round of attempts. Raises NotAllowed, JobNotFailed, JobAlreadyOpen."""
    if not oversees_jobs(actor):
        raise NotAllowed(_("Only those who oversee background work start it again."))
    try:
        with transaction.atomic():
            updated = Job.objects.filter(pk=job.pk, state=Job.State.FAILED).update(
                state=Job.State.QUEUED, attempts=0, error="", wake_after=now, woken_at=None, finished_at=None
            )
    except IntegrityError as error:
        raise JobAlreadyOpen from error
    if updated != 1:
        raise JobNotFailed
    job.refresh_from_db()
    record_event(actor=actor, action="job.retried", target=job, now=now)
    wake_on_commit(job)
    return job
