"""A job as ``components/job.html`` shows it."""

from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from .models import Job

_SHOWN_STATES = {
    Job.State.QUEUED: "waiting",
    Job.State.RUNNING: "running",
    Job.State.SUCCEEDED: "done",
    Job.State.FAILED: "failed",
}


def job_card(job: Job) -> dict[str, Any]:
    """What the component reads. ``url`` answers with the component itself, as long as the job is open.

    A handler that returns ``view`` and ``kwargs`` in its result names the page where the result is.
    """
    return {
        "url": reverse("core:job_status", args=[job.public_id]),
        "title": job.title,
        "state": _SHOWN_STATES[Job.State(job.state)],
        "done": job.progress_done,
        "total": job.progress_total,
        "percent": job.percent,
        "message": _message(job),
        "result_url": _result_url(job),
    }


def _message(job: Job) -> str:
    if job.state == Job.State.FAILED:
        return gettext(
            "The work stopped after several attempts. What was done is kept, and it can be tried again."
        )
    if job.state == Job.State.QUEUED and job.attempts:
        return gettext("An attempt was interrupted; number %(next)d of %(limit)d follows shortly.") % {
            "next": job.attempts + 1,
            "limit": settings.JOB_MAX_ATTEMPTS,
        }
    if job.state == Job.State.RUNNING:
        return gettext("The work goes on when this page is closed.")
    return ""


def _result_url(job: Job) -> str:
    if job.state != Job.State.SUCCEEDED or not job.result.get("view"):
        return ""
    try:
        return reverse(job.result["view"], kwargs=job.result.get("kwargs") or {})
    except NoReverseMatch:
        # The page of an old job may have moved since.
        return ""
