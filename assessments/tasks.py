"""Background work of this room."""

from datetime import date
from typing import Any

from celery import shared_task
from django.utils import timezone

from lms.core.jobs import JobRun, job_handler

from .models import KeyCorrection
from .services.answer_files import forget_unused_files
from .services.attempts import close_overdue_attempts
from .services.preparing import prepare_scheduled
from .services.regrading import REGRADE_JOB, regrade
from .services.survey_reminders import send_reminders


@shared_task(name="assessments.tasks.close_overdue_attempts", expires=60)
def close_overdue_attempts_task() -> int:
    """Runs by the clock; safe to repeat, each attempt is submitted once."""
    return close_overdue_attempts(now=timezone.now())


@shared_task(name="assessments.tasks.prepare_scheduled_quizzes", expires=300)
def prepare_scheduled_quizzes_task() -> int:
    """Runs by the clock; safe to repeat, nobody gets two papers."""
    return prepare_scheduled(now=timezone.now())


@job_handler(REGRADE_JOB)
def regrade_attempts(run: JobRun) -> dict[str, Any]:
    correction = KeyCorrection.objects.get(pk=run.payload["correction_id"])
    counts = regrade(correction=correction, now=timezone.now(), progress=run.progress)
    return {**counts, "view": "assessments:regraded", "kwargs": {"correction_id": correction.pk}}


@shared_task(name="assessments.tasks.forget_unused_files", expires=3600)
def forget_unused_files_task() -> int:
    """Runs by the clock; safe to repeat."""
    return forget_unused_files(now=timezone.now())


@shared_task(name="assessments.tasks.send_survey_reminders", acks_late=True)
def send_survey_reminders_task(opening_id: int, day: str) -> int:
    """Safe to repeat: nobody is written to twice on one day."""
    return send_reminders(opening_id=opening_id, day=date.fromisoformat(day))
