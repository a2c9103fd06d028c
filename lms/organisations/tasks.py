"""Background work of this room."""

from celery import shared_task
from django.utils import timezone

from .services import follow_postings, sync_role_groups


@shared_task(name="lms.organisations.tasks.sync_role_groups")
def sync_role_groups_task() -> int:
    """By the clock: grants that began or ended on the day bring or take their groups."""
    return sync_role_groups(on=timezone.localdate())


@shared_task(name="lms.organisations.tasks.follow_postings")
def follow_postings_task() -> int:
    """By the clock: a posting entered ahead of its day takes open participations along when the day comes."""
    return follow_postings(now=timezone.now())
