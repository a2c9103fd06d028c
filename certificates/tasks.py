"""Background work of this room."""

from datetime import date
from typing import Any

from django.utils import timezone

from courses.models import Run
from lms.core.jobs import JobRun, job_handler

from .book import BOOK_JOB, store_book
from .services import ISSUE_JOB, issue_certificates


@job_handler(ISSUE_JOB)
def issue_run(run: JobRun) -> dict[str, Any]:
    class_run = Run.objects.select_related("course").get(pk=run.payload["run_id"])
    result = issue_certificates(
        run=class_run,
        kind=run.payload["kind"],
        issued_on=date.fromisoformat(run.payload["issued_on"]),
        actor=run.job.requested_by,
        progress=run.progress,
    )
    return {**result, "view": "certificates:run", "kwargs": {"code": class_run.code}}


@job_handler(BOOK_JOB)
def make_register_book(run: JobRun) -> dict[str, Any]:
    return store_book(job=run.job, printed_on=timezone.localdate(), progress=run.progress)
