"""Background work of this room."""

from celery import shared_task
from django.utils import timezone

from .services.attempts import close_overdue_attempts


@shared_task(name="assessments.tasks.close_overdue_attempts", expires=60)
def close_overdue_attempts_task() -> int:
    """Runs by the clock; safe to repeat, each attempt is submitted once."""
    return close_overdue_attempts(now=timezone.now())
