"""Who may do what with enrolments and lessons."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from lms.organisations.access import access_for
from lms.organisations.models import Role, Unit

from .models import CoursePage, CourseTrainer, Enrolment, Run, RunTrainer


def may_manage_training(user, *, now: datetime) -> bool:
    """Runs, approvals and withdrawals are the training department's."""
    return access_for(user, on=timezone.localdate(now)).has(Role.SCHOOL_ADMINISTRATOR)


def may_nominate_from(user, unit: Unit, *, now: datetime) -> bool:
    access = access_for(user, on=timezone.localdate(now))
    return access.has(Role.SCHOOL_ADMINISTRATOR) or access.coordinates(unit)


def people_read_by(user, *, now: datetime) -> QuerySet:
    """Whose training records the person reads besides the own one: those who sit in reach today."""
    day = timezone.localdate(now)
    return get_user_model().objects.filter(access_for(user, on=day).people_q(on=day))


def may_enter_training_of(user, person, *, now: datetime) -> bool:
    """Training taken elsewhere is entered by the coordinator of where the official sits, or by the school."""
    access = access_for(user, on=timezone.localdate(now))
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return True
    return access.has(Role.COORDINATOR) and people_read_by(user, now=now).filter(pk=person.pk).exists()


def may_mark_attendance(user, run: Run, *, now: datetime) -> bool:
    """Who was there is said by the trainers of the class and the training department."""
    access = access_for(user, on=timezone.localdate(now))
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return True
    return access.has(Role.TRAINER) and RunTrainer.objects.filter(run=run, person=user).exists()


def may_leave(user, enrolment: Enrolment) -> bool:
    """A learner may step back from a run entered by oneself, as long as nothing has been studied."""
    return (
        user.pk == enrolment.learner_id
        and enrolment.state == Enrolment.State.ENROLLED
        and enrolment.run.policy == Run.Policy.SELF
    )


def may_read_all_lessons(user, course: CoursePage) -> bool:
    """Lessons are read without an enrolment by those who make or run the course. ``course`` is the source page."""
    if not user.is_authenticated:
        return False
    if user.is_superuser or user.has_perm("wagtailadmin.access_admin"):
        return True
    access = access_for(user)
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return True
    if not access.has(Role.TRAINER):
        return False
    return (
        CourseTrainer.objects.filter(course=course, person=user).exists()
        or RunTrainer.objects.filter(run__course=course, person=user).exists()
    )
