"""Who may keep banks, sit quizzes and read results, and why not."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Enrolment, Run
from lms.core.errors import DomainError
from lms.organisations.access import access_for
from lms.organisations.models import Role

from .models import Accommodation, Attempt, Quiz

# What the Django group of trainers needs in the Wagtail admin for this room (app label, codename).
TRAINER_PERMISSIONS = [
    ("wagtailadmin", "access_admin"),
    *(
        ("assessments", f"{action}_{model}")
        for model in ("questioncategory", "question", "quiz")
        for action in ("view", "add", "change", "delete")
    ),
]

# Those who read the results of every class; coordinators read their subtree's, trainers their runs'.
ALL_RESULTS_ROLES = [Role.SCHOOL_ADMINISTRATOR, Role.SCHOOL_LEADER]
RESULT_ROLES = [*ALL_RESULTS_ROLES, Role.COORDINATOR, Role.TRAINER]


class NotStudying(DomainError):
    message = _("You are not studying in this class now, so its quizzes cannot be started.")


class RunNotOpen(DomainError):
    message = _("The class is not open today. Quizzes can be started only on its days of study.")


class NoAttemptsLeft(DomainError):
    message = _("You have used all attempts at this quiz.")


class WaitBeforeNextAttempt(DomainError):
    """The pause between two attempts is not over."""


def can_keep_banks(user) -> bool:
    """None is the system itself: loading fixtures, importing at the prompt."""
    if user is None or user.is_superuser or user.has_perm("assessments.change_question"):
        return True
    return access_for(user).has(Role.TRAINER, Role.SCHOOL_ADMINISTRATOR)


def can_read_results(user, run: Run) -> bool:
    """Whether the person reads quiz results of a run's learners (which of them, ``visible_to`` says)."""
    access = access_for(user)
    if access.has(*ALL_RESULTS_ROLES):
        return True
    if access.has(Role.TRAINER) and run.trainer_links.filter(person_id=user.pk).exists():
        return True
    return bool(access.coordinated_paths) and run.enrolments.filter(access.units_q("unit")).exists()


def can_conduct(user, run: Run) -> bool:
    """Whether the person supervises the sittings of a run: grants, adds time, writes to the learners, stops."""
    access = access_for(user)
    if access.has(Role.SCHOOL_ADMINISTRATOR):
        return True
    return access.has(Role.TRAINER) and run.trainer_links.filter(person_id=user.pk).exists()


def run_ends_at(run: Run) -> datetime:
    """The first moment after the run's last day."""
    day_after = run.closes_on + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day_after, datetime.min.time()))


def belongs_to_course(quiz: Quiz, run: Run) -> bool:
    return quiz.module.path.startswith(run.course.path)


def attempts_allowed(quiz: Quiz, enrolment: Enrolment) -> int:
    """The quiz's attempts and those granted beside them."""
    return quiz.max_attempts + Accommodation.objects.allowance(quiz=quiz, enrolment=enrolment).attempts


def why_not_start(*, quiz: Quiz, enrolment: Enrolment, now: datetime) -> DomainError | None:
    """The reason a new attempt may not begin now, or None. An open attempt is resumed whatever this says."""
    if enrolment.state not in Enrolment.STUDYING_STATES or not quiz.is_active:
        return NotStudying()
    run = enrolment.run
    if run.state != Run.State.OPEN or not run.opens_on <= timezone.localdate(now) <= run.closes_on:
        return RunNotOpen()
    used = Attempt.objects.filter(quiz=quiz, enrolment=enrolment).aggregate(
        number=Max("number", default=0), ended_at=Max("submitted_at")
    )
    if used["number"] >= attempts_allowed(quiz, enrolment):
        return NoAttemptsLeft()
    if quiz.wait_minutes and used["ended_at"]:
        may_start_at = used["ended_at"] + timedelta(minutes=quiz.wait_minutes)
        if now < may_start_at:
            clock = timezone.localtime(may_start_at).strftime("%H:%M, %d/%m/%Y")
            return WaitBeforeNextAttempt(_("The next attempt may start from %(time)s.") % {"time": clock})
    return None
