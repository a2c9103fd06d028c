"""Background work of this room."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from lms.core.jobs import JobRun, job_handler

from .services import follow_postings, sync_role_groups
from .staff_import import lists


@shared_task(name="lms.organisations.tasks.sync_role_groups")
def sync_role_groups_task() -> int:
    """By the clock: grants that began or ended on the day bring or take their groups."""
    return sync_role_groups(on=timezone.localdate())


@shared_task(name="lms.organisations.tasks.follow_postings")
def follow_postings_task() -> int:
    """By the clock: a posting entered ahead of its day takes open participations along when the day comes."""
    return follow_postings(now=timezone.now())


@shared_task(name="lms.organisations.tasks.forget_staff_lists")
def forget_staff_lists_task() -> int:
    """By the clock: lists that were sent in hold personal data and are not kept for long."""
    return lists.forget_lists(now=timezone.now())


@job_handler(lists.PREVIEW_JOB)
def preview_staff_list(run: JobRun) -> dict[str, Any]:
    return lists.preview_list(run.job, now=timezone.now(), progress=run.progress)


@job_handler(lists.LOAD_JOB)
def load_staff_list(run: JobRun) -> dict[str, Any]:
    return lists.load_list(run.job, now=timezone.now(), progress=run.progress)


@job_handler(lists.INVITE_JOB)
def invite_people_of_a_list(run: JobRun) -> dict[str, Any]:
    return lists.invite_created(run.job, now=timezone.now(), progress=run.progress)
